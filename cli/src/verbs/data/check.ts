import { randomUUID } from 'node:crypto';
import type { ObjectStore } from '@osmo/storage';
import { type DataCredentials, readDataCredentials } from '../../data/credentials-file.ts';
import { withPlace } from '../../data/open.ts';
import { absolute } from '../../data/sources.ts';
import type { Session } from '../../session.ts';
import type { Verb } from '../../verb.ts';
import { objectsAt } from './objects.ts';

export const check: Verb = {
  path: ['data', 'check'],
  summary: 'Check whether a URL can be read, written or deleted from',
  description:
    'Prints {"status": "pass"}, or "fail" with the error; the exit code is 0 either way. WRITE and DELETE put a small object there and take it away.',
  arguments: [{ name: 'url', description: 's3://, gs://, azure://, tos:// or swift://' }],
  options: [
    {
      flags: '-a, --access-type <type>',
      description: 'what is asked',
      choices: ['READ', 'WRITE', 'DELETE'],
      default: 'READ',
    },
    { flags: '-c, --config-file <file>', description: 'file of data credentials, instead of the one of this user' },
  ],
  examples: [
    ['data check s3://robots/recordings', 'whether it can be read'],
    ['data check s3://robots/recordings -a WRITE', 'whether it can be written to'],
  ],
  async run(session, input) {
    const [url = ''] = input.args;
    const file = input.text('config-file');
    const credentials =
      file === undefined ? undefined : await readDataCredentials(absolute(session.host.cwd, file), true);
    await checkAccess(session, url, input.text('access-type') ?? 'READ', credentials);
  },
};

/** Tries what is asked, and prints whether it went. */
export async function checkAccess(
  session: Session,
  url: string,
  type: string,
  credentials: DataCredentials | undefined,
): Promise<void> {
  const { signal } = session.host;
  const ask = type === 'READ' ? read : probe;
  try {
    await withPlace(session, url, (store, path) => ask(store, path, signal), { credentials });
    session.print(JSON.stringify({ status: 'pass' }));
  } catch (error) {
    if (signal.aborted) throw error;
    session.print(JSON.stringify({ status: 'fail', error: (error as Error).message }));
  }
}

async function read(store: ObjectStore, path: string, signal: AbortSignal): Promise<void> {
  // The first page tells whether it may be asked.
  for await (const _ of objectsAt(store, path, { signal, shallow: true })) return;
}

async function probe(store: ObjectStore, path: string, signal: AbortSignal): Promise<void> {
  const bare = path.replace(/\/+$/, '');
  const key = `${bare === '' ? '' : `${bare}/`}.osmo-check-${randomUUID()}`;
  await store.put(key, new Uint8Array(), { signal });
  await store.delete(key, { signal });
}
