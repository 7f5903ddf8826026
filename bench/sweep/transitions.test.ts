import { expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { Transitions } from './transitions.ts';

const task = (phase?: string): Task => ({ status: phase === undefined ? undefined : { phase } }) as unknown as Task;

test('each change of phase counts once, and creation is one', () => {
  const seen = new Transitions();
  seen.see({ new: task() }, 1);
  seen.see({ old: task(), new: task('Pending') }, 2);
  seen.see({ old: task('Pending'), new: task('Running') }, 3);
  seen.see({ old: task('Running'), new: task('Running') }, 4);
  seen.see({ old: task('Running'), new: task('Failed') }, 5);
  seen.see({ old: task('Failed') }, 6);
  expect(seen).toEqual({ times: [1, 3, 5], ends: [5] });
});
