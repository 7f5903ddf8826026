import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { credentialsFrom, type ObjectStore, openStore, type OpenOptions } from '@osmo/storage';
import type { Repository } from '@osmo/storage/repository';
import { openPlace } from '@osmo/storage/transfer';
import { type Access, RuntimeExit } from '../plan/index.ts';
import type { DataContext } from './context.ts';
import { DataError } from './failure.ts';

/**
 * Uses the place of a URL as its files are, and closes it.
 *
 * @throws DataError when its credential can't be used; RangeError for its URL; what `use` throws
 */
export async function withPlace<T>(
  access: Access,
  context: DataContext,
  use: (store: ObjectStore, path: string) => Promise<T>,
): Promise<T> {
  const { store, path } = await openPlace(access.url, await optionsFor(access, context));
  try {
    return await use(store, path);
  } finally {
    await store.close();
  }
}

/**
 * Uses the repository at a URL, and closes it.
 *
 * @throws as `withPlace`
 */
export async function withRepository<T>(
  access: Access,
  { create, signal }: { create: boolean; signal: AbortSignal },
  context: DataContext,
  use: (repository: Repository) => Promise<T>,
): Promise<T> {
  const { BytePool, openRepository } = await import('@osmo/storage/repository');
  const store = await openStore(access.url, await optionsFor(access, context));
  try {
    const repository = await openRepository(store, { create, signal, pool: (context.kept.pool ??= new BytePool()) });
    try {
      const result = await use(repository);
      if (repository.threads > 0) context.say(`threads: ${repository.threads} had a part in it`);
      return result;
    } finally {
      await repository.close();
    }
  } finally {
    await store.close();
  }
}

/** What opens a place: the credentials of intermediate storage, those of a Secret, or what the pod is allowed by itself. */
async function optionsFor(access: Access, { plan, folders, environment }: DataContext): Promise<OpenOptions> {
  if (access.intermediate === true) {
    const { environment: own = {}, rateLimit } = plan.store ?? {};
    return Object.keys(own).length === 0 ? { environment, rateLimit } : { environment: own, ...keysIn(own), rateLimit };
  }
  if (access.credential === undefined) return { environment };
  const fields = await fieldsIn(join(folders.credentials, access.credential));
  try {
    const options = credentialsFrom(fields);
    return options.credentials === undefined ? { ...options, environment } : { ...options, environment: {} };
  } catch (error) {
    throw new DataError(RuntimeExit.check, `${access.url}: ${(error as Error).message}`, { cause: error });
  }
}

/** A key pair among variables: the SDK of S3 itself would look for one in those of the process alone. */
function keysIn(variables: Readonly<Record<string, string>>): Pick<OpenOptions, 'credentials'> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = variables;
  if (AWS_ACCESS_KEY_ID === undefined || AWS_SECRET_ACCESS_KEY === undefined) return {};
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

/** The keys of a mounted Secret with their values; none when there is no such Secret. */
export async function fieldsIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder).catch((): string[] => []);
  const visible = names.filter((name) => !name.startsWith('.'));
  const values = await Promise.all(visible.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
  return Object.fromEntries(values) as Record<string, string>;
}
