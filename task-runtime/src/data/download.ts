import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Version } from '@osmo/storage/repository';
import { downloadTree, pathFilter } from '@osmo/storage/transfer';
import type { InputPlan, InputResult, TransferResult, UrlInput, VersionInput } from '../plan/index.ts';
import { withPlace, withRepository } from './access.ts';
import { again } from './again.ts';
import { checkAccess } from './check.ts';
import type { DataContext } from './context.ts';
import { failureOf } from './failure.ts';
import { isBelow, plainPath } from './paths.ts';
import { sayProgress } from './progress.ts';
import { treeOf } from './tree.ts';
import { amount } from './words.ts';

/**
 * Downloads all inputs, one after the other in the order of the plan, each below its own folder. Before that it finds out
 * whether credentials are of use, those of outputs too, so that nobody hears of a wrong key after a day of work.
 *
 * @throws DataError; the signal's reason
 */
export async function download(context: DataContext, signal: AbortSignal): Promise<TransferResult> {
  const { plan, say, now } = context;
  await checkAccess(context, signal);
  if (plan.inputs.length === 0) return { version: 1 };
  const input: InputResult = { files: 0, bytes: 0, start: now().toISOString(), end: '' };
  for (const one of plan.inputs) {
    const what = `input ${one.index}`;
    say(`${what}: ${one.kind === 'url' ? one.url : one.name}`);
    const folder = join(context.folders.input, String(one.index), one.kind === 'url' ? '' : (one.folder ?? ''));
    try {
      // In order, as upstream's users rely on.
      // oxlint-disable no-await-in-loop
      await mkdir(folder, { recursive: true });
      const moved = await again(what, context, signal, () => fetchOne(one, folder, context, signal));
      say(`${what}: ${amount(moved)}`);
      for (const line of await treeOf(folder)) say(line);
      // oxlint-enable no-await-in-loop
      input.files += moved.files;
      input.bytes += moved.bytes;
    } catch (error) {
      signal.throwIfAborted();
      throw failureOf(error, what, 'download');
    }
  }
  input.end = now().toISOString();
  return { version: 1, input };
}

interface Moved {
  files: number;
  bytes: number;
}

function fetchOne(input: InputPlan, folder: string, context: DataContext, signal: AbortSignal): Promise<Moved> {
  return input.kind === 'url' ? fetchUrl(input, folder, context, signal) : restore(input, folder, context, signal);
}

async function fetchUrl(input: UrlInput, folder: string, context: DataContext, signal: AbortSignal): Promise<Moved> {
  const onProgress = sayProgress(`input ${input.index}`, context);
  return withPlace(input, context, (store, path) =>
    downloadTree(store, path, folder, { regex: input.regex, resume: true, signal, onProgress }),
  );
}

async function restore(input: VersionInput, folder: string, context: DataContext, signal: AbortSignal): Promise<Moved> {
  const { manifest, path, regex } = input;
  const onProgress = sayProgress(`input ${input.index}`, context);
  const [within, taken] = [isBelow(path === undefined ? [] : [path]), pathFilter(regex)];
  const filter = (file: string): boolean => within(file) && taken(file);
  const prefix = path === undefined ? '' : plainPath(path);
  return withRepository(input, { create: false, signal }, context, async (repository) => {
    const version = await repository.open(manifest);
    const moved = await version.restore(folder, {
      filter,
      resume: true,
      signal,
      onProgress,
      ...(prefix !== '' && { prefix }),
    });
    await openToAll(version, folder, filter, signal);
    return moved;
  });
}

/** Whoever wrote the files, the command may be another user: what its owner alone could read becomes readable by all. */
async function openToAll(
  version: Version,
  folder: string,
  filter: (path: string) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for await (const { path, kind, mode } of version.list({ signal })) {
    if (kind === 'link' || !filter(path)) continue;
    const wanted = mode | (kind === 'folder' ? 0o777 : mode & 0o100 ? 0o777 & ~0o022 : 0o644);
    if (wanted !== mode) await chmod(join(folder, path), wanted);
  }
}
