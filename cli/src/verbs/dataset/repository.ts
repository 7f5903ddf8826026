import type { ObjectStore } from '@osmo/storage';
import type { CommitOptions, CommitResult, Repository, Version } from '@osmo/storage/repository';
import { withStore } from '../../data/open.ts';
import { ProgressLine } from '../../data/progress.ts';
import { usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';
import type { Contents } from './contents.ts';
import type { Download } from './entry.ts';

/** Opens the repository of a bucket, which is closed behind `use`. */
export function withRepository<T>(
  session: Session,
  url: string,
  use: (repository: Repository, store: ObjectStore) => Promise<T>,
  options: { create?: boolean } = {},
): Promise<T> {
  return withStore(session, url, async (store) => {
    const { openRepository, isRepositoryError } = await import('@osmo/storage/repository');
    try {
      const repository = await openRepository(store, { ...options, signal: session.host.signal });
      try {
        return await use(repository, store);
      } finally {
        await repository.close();
      }
    } catch (error) {
      throw isRepositoryError(error) ? usageFailure(error.message) : error;
    }
  });
}

/** Opens each version that a name stands for: one of a dataset, several of a collection. */
export async function eachVersion(
  session: Session,
  { path, versions }: Download,
  use: (version: Version, entry: Download['versions'][number]) => Promise<void>,
): Promise<void> {
  await withRepository(session, path, async (repository) => {
    for (const entry of versions) {
      // oxlint-disable-next-line no-await-in-loop
      await use(await repository.open(entry.manifest), entry);
    }
  });
}

/** Commits contents with their progress. What is in the store already isn't sent again, so the same command goes on with an upload that was broken off. */
export async function commitContents(
  session: Session,
  repository: Repository,
  contents: Contents,
  options: CommitOptions = {},
): Promise<CommitResult & { seconds: number }> {
  const { host } = session;
  const line = new ProgressLine(host, 'Uploading');
  const onAbort = (): void => {
    line.end();
    session.note('Interrupted. The same command goes on: what is stored already is not sent again.');
  };
  host.signal.addEventListener('abort', onAbort, { once: true });
  try {
    const { totalFiles, totalBytes } = contents;
    const result = await repository.commit(contents.tree, {
      ...options,
      ...(contents.at !== undefined && { at: contents.at }),
      signal: host.signal,
      onProgress: ({ files, bytes }) => line.update({ files, bytes, totalFiles, totalBytes }),
    });
    return { ...result, seconds: line.seconds };
  } finally {
    host.signal.removeEventListener('abort', onAbort);
    line.end();
  }
}
