import { type Outgoing, OutgoingError } from '@osmo/kube/outgoing';
import {
  credentialsFrom,
  isStoreError,
  openStore,
  parseStoreUrl,
  speaksGoogle,
  type StoreErrorReason,
} from '@osmo/storage';
import type { Verdict } from './registry-login.ts';

const words: Partial<Record<StoreErrorReason, string>> = {
  Denied: 'refuses these keys, or to list with them what is there',
  Misconfigured: 'has no such bucket, or is another service than it seems',
  NotFound: 'has no such bucket',
};

/**
 * Looks at the first object at a URL with the keys of a data credential. Only services that speak S3 are asked: how the others
 * are reached can't be held to allowed addresses, and they show when a task starts.
 *
 * @returns undefined when it can't be asked for that reason
 * @throws OutgoingError when the service can't be asked; the signal's reason
 */
export async function probeBucket(
  outgoing: Pick<Outgoing, 'fetch'>,
  { url, fields }: { url: string; fields: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<Verdict | undefined> {
  const access = credentialsFrom(fields);
  const location = parseStoreUrl(url);
  if (location.kind === 'azure' || location.kind === 'file') return undefined;
  if (location.kind === 'gs' && speaksGoogle(access, {})) return undefined;
  let refused: OutgoingError | undefined;
  const fetch: Outgoing['fetch'] = async (target, init) => {
    try {
      return await outgoing.fetch(target, init);
    } catch (error) {
      if (error instanceof OutgoingError) refused = error;
      throw error;
    }
  };
  const store = await openStore(url, { ...access, environment: {}, fetch });
  try {
    await store.list('', { pageSize: 1, signal })[Symbol.asyncIterator]().next();
    return { ok: true };
  } catch (error) {
    signal.throwIfAborted();
    // Its words are better than those of the SDK about it.
    if (refused !== undefined) throw refused;
    if (!isStoreError(error)) throw error;
    const said = words[error.reason];
    return said === undefined
      ? { ok: false, said: `could not be asked (${error.reason})`, unsure: true }
      : { ok: false, said };
  } finally {
    await store.close();
  }
}
