import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Source, uploadTree } from '@osmo/storage/transfer';
import { type CheckpointPlan, MountPaths } from '../plan/index.ts';
import { withPlace } from './access.ts';
import type { DataContext } from './context.ts';
import { sayProgress } from './progress.ts';
import { amount } from './words.ts';

/**
 * Uploads a checkpoint again and again until it is told to stop: a pause first, then an upload, then the pause again. One
 * that fails is told and tried again after the next pause; the command knows nothing of it.
 */
export async function keepCheckpoint(
  checkpoint: CheckpointPlan,
  context: DataContext,
  { stop, signal }: { stop: AbortSignal; signal: AbortSignal },
): Promise<void> {
  while (!stop.aborted) {
    // oxlint-disable no-await-in-loop
    await context.sleep(checkpoint.seconds * 1000, stop).catch(() => undefined);
    if (stop.aborted) return;
    await uploadCheckpoint(checkpoint, context, signal).catch((error: unknown) => {
      if (!signal.aborted) context.say(`checkpoint ${checkpoint.index}: ${(error as Error).message}; goes on`);
    });
    // oxlint-enable no-await-in-loop
  }
}

/**
 * Uploads a checkpoint once; files that are there already are left out.
 *
 * @throws what the store or the file system says; the signal's reason
 */
export async function uploadCheckpoint(
  checkpoint: CheckpointPlan,
  context: DataContext,
  signal: AbortSignal,
): Promise<void> {
  const what = `checkpoint ${checkpoint.index}`;
  const source = await sourceOf(checkpoint.path, context.folders);
  if (source === undefined) {
    context.say(`${what}: ${checkpoint.path} isn't there yet`);
    return;
  }
  const onProgress = sayProgress(what, context);
  const { regex } = checkpoint;
  const moved = await withPlace(checkpoint, context, (store, path) =>
    uploadTree(store, path, [source], { regex, resume: true, signal, onProgress }),
  );
  if (moved.files > 0) context.say(`${what}: ${amount(moved)} to ${checkpoint.url}`);
}

/**
 * A folder keeps its name, unless its path ends with a star, as upstream's users know it. It is looked for among the folders that the
 * command shares, and nowhere else: the command can write links, and beside those folders is what only this container may see.
 */
async function sourceOf(path: string, folders: DataContext['folders']): Promise<Source | undefined> {
  const isAll = path.endsWith('/*') || path.endsWith('/.');
  const wanted = isAll ? dirname(path) : path.replace(/(.)\/+$/, '$1');
  const isOutput = `${wanted}/`.startsWith(`${MountPaths.output}/`);
  const root = isOutput ? folders.output : folders.checkpoints;
  const there = join(root, isOutput ? wanted.slice(MountPaths.output.length) : wanted);
  const found = await Promise.all([realpath(root), realpath(there), stat(there)]).catch(() => undefined);
  if (found === undefined) return undefined;
  const [within, real, stats] = found;
  const name = stats.isDirectory() && isAll ? undefined : basename(wanted);
  return { path: real, within, ...(name !== undefined && { as: name }) };
}
