import type { ObjectStore, OpenOptions } from '@osmo/storage';
import { ExitCodes } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { Session } from '../session.ts';
import { type DataCredentials, dataCredentialsPath, readDataCredentials } from './credentials-file.ts';

/** Whether an argument names something in an object store. */
export const isStorageUrl = (text: string): boolean => /^(s3|gs|azure|tos|swift|file):\/\//.test(text);

/**
 * How this machine reaches what is at a URL: with the data credential that `osmo credential set --type DATA` has kept for its profile, else with
 * what the environment gives.
 *
 * @throws Failure when the URL or the credential can't be used
 */
export async function accessTo(session: Session, url: string, credentials?: DataCredentials): Promise<OpenOptions> {
  const { credentialsFrom, parseStoreUrl, profileOf } = await import('@osmo/storage');
  try {
    const environment = session.host.env;
    if (parseStoreUrl(url).kind === 'file') return { environment };
    const known = credentials ?? (await readDataCredentials(dataCredentialsPath(session.configFile)));
    const profile = profileOf(url);
    const fields = Object.hasOwn(known, profile) ? known[profile] : undefined;
    return fields === undefined ? { environment } : { ...credentialsFrom(fields), environment };
  } catch (error) {
    throw error instanceof RangeError ? usageFailure(error.message) : error;
  }
}

export interface PlaceOptions extends Pick<OpenOptions, 'rateLimit'> {
  /** Instead of those that this machine has kept. */
  credentials?: DataCredentials | undefined;
}

/** Opens what a user's URL names, which is closed behind `use`: the whole bucket, and the path in it. */
export async function withPlace<T>(
  session: Session,
  url: string,
  use: (store: ObjectStore, path: string) => Promise<T>,
  { credentials, ...more }: PlaceOptions = {},
): Promise<T> {
  const options = { ...(await accessTo(session, url, credentials)), ...more };
  const { openPlace } = await import('@osmo/storage/transfer');
  return told(session, async () => {
    const { store, path } = await openPlace(url, options);
    try {
      return await use(store, path);
    } finally {
      await store.close();
    }
  });
}

/** Opens the folder of a bucket, which is closed behind `use`. */
export async function withStore<T>(session: Session, url: string, use: (store: ObjectStore) => Promise<T>): Promise<T> {
  const options = await accessTo(session, url);
  const { openStore } = await import('@osmo/storage');
  return told(session, async () => {
    const store = await openStore(url, options);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  });
}

/** What a store refuses or fails, in words and with an exit code for the user. */
async function told<T>(session: Session, work: () => Promise<T>): Promise<T> {
  const { isStoreError, profileOf } = await import('@osmo/storage');
  try {
    return await work();
  } catch (error) {
    if (session.host.signal.aborted) throw new Failure(ExitCodes.interrupted, 'interrupted');
    if (error instanceof RangeError) throw usageFailure(error.message);
    if (isStoreError(error, 'Unavailable')) throw new Failure(ExitCodes.server, error.message);
    if (isStoreError(error, 'Denied')) {
      const profile = profileOf(error.url);
      throw usageFailure(
        `${error.message}; 'osmo credential set NAME --type DATA --payload endpoint=${profile} access_key_id=ID access_key' keeps a key for ${profile} here`,
      );
    }
    throw error;
  }
}
