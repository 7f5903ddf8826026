import { requestHttps, type Identity } from '../system/https.ts';

/** Where an etcd answers, and as whom to ask it. */
export interface EtcdAccess {
  url: string;
  identity: Identity;
}

/** What an etcd holds once what is past is forgotten. */
export interface EtcdUse {
  /** Of its file, after a compaction and defragmentation. */
  bytes: number;
  /** Of all objects, such as `/registry/pods/NAMESPACE/NAME`. */
  keys: string[];
}

interface Reply {
  header?: { revision?: string };
  kvs?: { key: string }[];
  dbSizeInUse?: string;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** A large file takes a while to be written anew. */
const timeoutMs = 120_000;

/** Forgets everything before the current revision, which is returned. @throws Error with etcd's answer */
export async function compactEtcd(etcd: EtcdAccess): Promise<number> {
  const { header } = await ask(etcd, '/v3/kv/range', { key: base64('/'), count_only: true });
  const revision = Number(header?.revision);
  if (!Number.isInteger(revision)) throw new Error('etcd told no revision');
  await ask(etcd, '/v3/kv/compaction', { revision, physical: true });
  return revision;
}

/** Compacts, gives back what is free, and says what is left. @throws Error with etcd's answer */
export async function useOfEtcd(etcd: EtcdAccess): Promise<EtcdUse> {
  await compactEtcd(etcd);
  await ask(etcd, '/v3/maintenance/defragment', {});
  const { dbSizeInUse } = await ask(etcd, '/v3/maintenance/status', {});
  const bytes = Number(dbSizeInUse);
  if (!Number.isInteger(bytes)) throw new Error('etcd told no size');
  // From the slash to what comes after it: everything that begins with a slash.
  const { kvs = [] } = await ask(etcd, '/v3/kv/range', { key: base64('/'), range_end: base64('0'), keys_only: true });
  return { bytes, keys: kvs.map(({ key }) => Buffer.from(key, 'base64').toString()) };
}

async function ask({ url, identity }: EtcdAccess, path: string, body: unknown): Promise<Reply> {
  const answer = await requestHttps(`${url}${path}`, identity, { body, timeoutMs });
  if (answer.status !== 200) throw new Error(`etcd ${path}: ${answer.status} ${answer.body.slice(0, 300)}`);
  return JSON.parse(answer.body) as Reply;
}
