import type { WorkflowSpecInput } from '@osmo/crds';
import { task } from '../lab/workloads.ts';

/**
 * A graph of `size` tasks: one, then `size` − 2 that each need it, then one that needs all of those.
 *
 * @throws RangeError when there is nothing in the middle
 */
export function fanOut(size: number): WorkflowSpecInput {
  if (!(size >= 3)) throw new RangeError(`a fan-out of ${size} tasks: want at least 3`);
  const middle = Array.from({ length: size - 2 }, (_, number) => `part-${number}`);
  const after = (...names: string[]): object => ({ inputs: names.map((name) => ({ task: { name } })) });
  return {
    tasks: [task('first'), ...middle.map((name) => task(name, after('first'))), task('last', after(...middle))],
  };
}
