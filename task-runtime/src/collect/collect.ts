import { readFile } from 'node:fs/promises';
import { credentialsFrom, openStore } from '@osmo/storage';
import { openRepository, type Repository } from '@osmo/storage/repository';
import { fieldsIn } from '../data/access.ts';
import type { CollectSettings } from './settings.ts';

/** What collecting needs of the world around it. */
export interface CollectWorld {
  fetch: typeof fetch;
  now: () => Date;
  /** Ambient settings of stores, where there is no credential. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Writes a line for people. Never a credential. */
  say: (line: string) => void;
}

const timeoutMs = 60_000;

/**
 * Deletes from the repository of a bucket the versions that no bucket of the cluster with that URL names, and then what no version needs, as
 * `osmo dataset gc --orphans` does: for a CronJob in the namespace of the bucket, so that the key of the bucket is nowhere else.
 *
 * @throws Error saying what the gateway or the store refused; the signal's reason
 */
export async function collect(settings: CollectSettings, world: CollectWorld, signal: AbortSignal): Promise<void> {
  const { graceSeconds, bucket } = settings;
  const { path: url } = await asked(settings, world, 'location', signal);
  if (typeof url !== 'string') throw new Error(`bucket ${bucket}: the gateway does not say where it is`);
  const fields = await fieldsIn(settings.credential);
  const options = credentialsFrom(fields);
  const environment = options.credentials === undefined ? world.environment : {};
  const store = await openStore(url, { ...options, environment });
  try {
    const repository = await openRepository(store, { workers: 0, signal });
    try {
      const orphans = await deleteOrphans(repository, settings, world, signal);
      const { deletedObjects, deletedBytes, keptBytes } = await repository.collectGarbage({ graceSeconds, signal });
      world.say(
        `bucket ${bucket}: deleted ${orphans} versions that nobody names, and ${deletedObjects} objects with ${deletedBytes} bytes; ${keptBytes} bytes are kept`,
      );
    } finally {
      await repository.close();
    }
  } finally {
    await store.close();
  }
}

async function deleteOrphans(
  repository: Repository,
  settings: CollectSettings,
  world: CollectWorld,
  signal: AbortSignal,
): Promise<number> {
  const before = world.now().getTime() - settings.graceSeconds * 1000;
  const old: string[] = [];
  for await (const { manifest, created } of repository.versions()) {
    signal.throwIfAborted();
    if (created.getTime() <= before) old.push(manifest);
  }
  if (old.length === 0) return 0;
  // Asked behind the list: what is stored later is in neither.
  const { manifests } = await asked(settings, world, 'manifests', signal);
  // Without an answer that can be read nothing is an orphan.
  if (!Array.isArray(manifests)) throw new Error(`bucket ${settings.bucket}: the gateway does not say what is in use`);
  const known = new Set<unknown>(manifests);
  const orphans = old.filter((manifest) => !known.has(manifest));
  for (const manifest of orphans) {
    signal.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop
    await repository.delete(manifest);
  }
  return orphans.length;
}

/** An answer of the gateway about the bucket. @throws Error with its words */
async function asked(
  { gateway, bucket, tokenFile }: CollectSettings,
  { fetch: ask }: CollectWorld,
  what: string,
  signal: AbortSignal,
): Promise<Readonly<Record<string, unknown>>> {
  const token = (await readFile(tokenFile, 'utf8')).trim();
  const answer = await ask(`${gateway}/api/bucket/${encodeURIComponent(bucket)}/${what}`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    redirect: 'error',
  });
  const body = (await answer.json().catch(() => ({}))) as Readonly<Record<string, unknown>> | null;
  if (answer.ok && body !== null) return body;
  const message = typeof body?.['message'] === 'string' ? body['message'] : 'no words';
  throw new Error(`${gateway} refused ${what} of bucket ${bucket}: ${message} (HTTP ${answer.status})`);
}
