import { randomUUID } from 'node:crypto';
import type { OutputPlan } from '../plan/index.ts';
import { withPlace, withRepository } from './access.ts';
import { again } from './again.ts';
import type { DataContext } from './context.ts';
import { failureOf } from './failure.ts';

/**
 * Finds out whether the plan's URLs can be used with the credentials that are there: inputs by a look at the first object,
 * outputs by writing an empty object and deleting it.
 *
 * @throws DataError 13 or 14; the signal's reason
 */
export async function checkAccess(context: DataContext, signal: AbortSignal): Promise<void> {
  const { inputs, outputs } = context.plan;
  for (const input of inputs) {
    if (input.kind !== 'url') continue;
    // oxlint-disable-next-line no-await-in-loop
    await checked(`input ${input.index}`, context, signal, 'download', () =>
      withPlace(input, context, async (store, path) => {
        const pages = store.list(path === '' || path.endsWith('/') ? path : `${path}/`, { pageSize: 1, signal });
        await pages[Symbol.asyncIterator]().next();
      }),
    );
  }
  for (const output of outputs) {
    // oxlint-disable-next-line no-await-in-loop
    await checked(`output ${output.index}`, context, signal, 'upload', () => probe(output, context, signal));
  }
}

async function checked(
  what: string,
  context: DataContext,
  signal: AbortSignal,
  direction: 'download' | 'upload',
  act: () => Promise<void>,
): Promise<void> {
  try {
    await again(what, context, signal, act);
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, what, direction);
  }
}

async function probe(output: OutputPlan, context: DataContext, signal: AbortSignal): Promise<void> {
  if (output.kind === 'version') {
    await withRepository(output, { create: true, signal }, context, () => Promise.resolve());
    return;
  }
  await withPlace(output, context, async (store, path) => {
    const key = `${path === '' ? '' : `${path.replace(/\/$/, '')}/`}osmo-access-check-${randomUUID()}`;
    await store.put(key, new Uint8Array(), { signal });
    // Who may write may not always delete: an empty object is left then.
    await store.delete(key, { signal }).catch(() => signal.throwIfAborted());
  });
}
