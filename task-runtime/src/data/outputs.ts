import { pathFilter, uploadTree } from '@osmo/storage/transfer';
import type { OutputResult, TransferPlan, UrlOutput, VersionOutput, VersionResult } from '../plan/index.ts';
import { withPlace, withRepository } from './access.ts';
import type { DataContext } from './context.ts';
import { describeVersion } from './describe.ts';
import { isBelow } from './paths.ts';
import { sayProgress } from './progress.ts';
import { hasFiles } from './tree.ts';

/**
 * Puts the output folder, or these paths of it, into the repository of the workflow; nothing when there is no such file.
 *
 * @throws what the store or the file system says; the signal's reason
 */
export async function keepOutput(
  url: NonNullable<TransferPlan['keep']>,
  paths: TransferPlan['keepPaths'],
  context: DataContext,
  signal: AbortSignal,
): Promise<VersionResult> {
  if (!(await hasFiles(context.folders.output))) return { files: 0, bytes: 0 };
  const written = await commit({ url, intermediate: true }, isBelow(paths ?? []), undefined, 'output', context, signal);
  return written.files === 0 ? { files: 0, bytes: 0 } : written;
}

/**
 * Uploads the output folder to where one output of the task says.
 *
 * @throws what the store or the file system says; the signal's reason
 */
export async function upload(
  output: UrlOutput | VersionOutput,
  context: DataContext,
  signal: AbortSignal,
): Promise<OutputResult> {
  const { index } = output;
  if (output.kind === 'url') return { index, ...(await uploadUrl(output, context, signal)) };
  const [within, taken] = [isBelow(output.paths), pathFilter(output.regex)];
  const isTaken = (path: string): boolean => within(path) && taken(path);
  if (!(await hasFiles(context.folders.output))) return { index, files: 0, bytes: 0 };
  const written = await commit(output, isTaken, output.base, `output ${index}`, context, signal);
  return { index, ...written, ...(await describeVersion(output, context.folders.output)) };
}

async function uploadUrl(output: UrlOutput, context: DataContext, signal: AbortSignal): Promise<VersionResult> {
  const onProgress = sayProgress(`output ${output.index}`, context);
  const source = [{ path: context.folders.output }];
  const { files, bytes, skipped } = await withPlace(output, context, (store, path) =>
    uploadTree(store, path, source, { regex: output.regex, signal, onProgress }),
  );
  return { files: files + skipped, bytes };
}

async function commit(
  access: Parameters<typeof withRepository>[0],
  filter: (path: string) => boolean,
  base: string | undefined,
  what: string,
  context: DataContext,
  signal: AbortSignal,
): Promise<VersionResult> {
  const onProgress = sayProgress(what, context);
  const onSkip = (path: string, why: string): void =>
    context.say(`${what}: ${JSON.stringify(path)} is left out: ${why}`);
  const source = { folder: context.folders.output, filter, onSkip: atMost(10, onSkip) };
  return withRepository(access, { create: true, signal }, context, async (repository) => {
    const { manifest, files, bytes, storedBytes } = await repository.commit(source, { base, signal, onProgress });
    return { manifest, files, bytes, stored: storedBytes };
  });
}

function atMost<A extends unknown[]>(count: number, act: (...args: A) => void): (...args: A) => void {
  let left = count;
  return (...args) => {
    if (left-- > 0) act(...args);
  };
}
