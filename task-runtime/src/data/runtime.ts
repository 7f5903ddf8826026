import type { TransferResult } from '../plan/index.ts';
import { again } from './again.ts';
import { keepCheckpoint, uploadCheckpoint } from './checkpoints.ts';
import type { DataContext } from './context.ts';
import { type DataError, failureOf } from './failure.ts';
import { keepOutput, upload } from './outputs.ts';
import { amount } from './words.ts';

/** How the runtime learns what becomes of the command. */
export interface Ending {
  /** Aborts when the command has ended, or the pod is being deleted. */
  stop: AbortSignal;
  /** Whether the pod is being deleted: nobody wants the outputs then. */
  deleted: AbortSignal;
}

/**
 * Uploads checkpoints while the command runs; when it has ended, the checkpoints once more and then the outputs, whatever
 * became of the command. One output that fails doesn't keep the others. Nothing of that when the pod is being deleted.
 */
export async function runtime(context: DataContext, { stop, deleted }: Ending): Promise<TransferResult> {
  const { plan, say } = context;
  const loops = plan.checkpoints.map((checkpoint) => keepCheckpoint(checkpoint, context, { stop, signal: deleted }));
  await aborted(stop);
  await Promise.all(loops);
  if (deleted.aborted) {
    say('the pod is being deleted: outputs are not uploaded');
    return { version: 1 };
  }
  return finish(context, deleted);
}

async function finish(context: DataContext, signal: AbortSignal): Promise<TransferResult> {
  const { plan, say } = context;
  const failures: DataError[] = [];
  const result: TransferResult = { version: 1 };
  const tried = async <T>(what: string, act: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await again(what, context, signal, act);
    } catch (error) {
      const failure = failureOf(error, what, 'upload');
      say(failure.message);
      failures.push(failure);
      return undefined;
    }
  };
  // One after the other, so that each has the whole of the network and memory.
  // oxlint-disable no-await-in-loop
  for (const checkpoint of plan.checkpoints) {
    await tried(`checkpoint ${checkpoint.index}`, () => uploadCheckpoint(checkpoint, context, signal));
  }
  if (plan.keep !== undefined) {
    const { keep, keepPaths } = plan;
    const output = await tried('output', () => keepOutput(keep, keepPaths, context, signal));
    if (output !== undefined) {
      say(`output: ${amount(output)}`);
      result.output = output;
    }
  }
  for (const one of plan.outputs) {
    const what = `output ${one.index}`;
    const written = await tried(what, () => upload(one, context, signal));
    if (written === undefined) continue;
    say(`${what}: ${amount(written)} to ${one.kind === 'url' ? one.url : one.name}`);
    result.outputs = [...(result.outputs ?? []), written];
  }
  // oxlint-enable no-await-in-loop
  return failures.length === 0 ? result : { ...result, ...told(failures) };
}

function told(failures: readonly DataError[]): { code: number; message: string } {
  const code = Math.max(...failures.map((failure) => failure.code));
  return {
    code,
    message: failures
      .map(({ message }) => message)
      .join('; ')
      .slice(0, 1024),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
