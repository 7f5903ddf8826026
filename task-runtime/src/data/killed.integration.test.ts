import { createCipheriv } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '@osmo/kube/testing';
import { type ObjectStore, openStore, readAll } from '@osmo/storage';
import { openRepository, type Repository } from '@osmo/storage/repository';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import { type OutputPlan, parseResult, type TransferPlan, type TransferResult } from '../plan/index.ts';
import { type Gate, startGate, type Word } from '../testing/gate.ts';
import { layOut, type PodEnd, start, startUpload } from '../testing/pod.ts';

const MiB = 1024 * 1024;
/** More than fits into one pack of a repository, and different everywhere. */
const large = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(40 * MiB));
const files: Readonly<Record<string, Buffer>> = { large, 'a/small': Buffer.from('small'), 'a/empty': Buffer.alloc(0) };
const sizes = Object.fromEntries(Object.entries(files).map(([path, { byteLength }]) => [path, byteLength]));

let server: S3Server;
let root: string;
let gate: Gate;
let runs = 0;

beforeAll(async () => {
  server = await startS3Server();
  server.makeBucket('data');
}, 30 * 60_000);
afterAll(() => server.stop());
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'osmo-killed-'));
  runs += 1;
});
afterEach(async () => {
  await gate?.stop();
  await rm(root, { recursive: true });
});

const place = (name: string): string => `s3://data/run-${runs}/${name}`;
const query = (endpoint: string): string => `?endpoint=${endpoint}&region=${server.region}`;

/** A data credential that leads to this address of the store. */
const credential = (endpoint: string): Record<string, string> => ({
  access_key_id: server.credentials.accessKeyId,
  access_key: server.credentials.secretAccessKey,
  override_url: endpoint,
  region: server.region,
  addressing_style: 'path',
});

const dataset = (): OutputPlan => ({
  ...{ kind: 'version', index: 0, credential: '0', url: place('sets'), name: 'sets/lidar' },
  ...{ paths: [], metadata: [], labels: [] },
});

/** A pod whose command has written its output, of which some is kept for others, and some goes elsewhere. */
async function written({ keep, outputs = [] }: { keep: boolean; outputs?: OutputPlan[] }): Promise<void> {
  const { accessKeyId, secretAccessKey } = server.credentials;
  const environment = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const url = `${place('kept')}${query(gate.endpoint)}`;
  const plan: Partial<TransferPlan> = { store: { url, environment }, ...(keep && { keep: url }), outputs };
  const { folders } = await layOut(join(root, 'pod'), plan, { '0': credential(gate.endpoint) });
  await mkdir(join(folders.output, 'a'));
  await Promise.all(Object.entries(files).map(([path, bytes]) => writeFile(join(folders.output, path), bytes)));
}

/** Starts an upload, and kills it where a request waits for an answer in vain. */
async function killedAt(
  say: (request: string) => Word,
  what: Parameters<typeof written>[0],
  isThere: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<PodEnd> {
  gate = await startGate(server.endpoint, say);
  await written(what);
  const running = await startUpload(join(root, 'pod'));
  await until(
    async () => gate.held.length > 0 && (await isThere()),
    (is) => is,
    4 * 60_000,
  );
  running.kill('SIGKILL');
  return running.ended;
}

/** Another attempt, with nothing in its way. */
async function again(): Promise<TransferResult> {
  gate.open();
  const { code, message, said } = await (await startUpload(join(root, 'pod'))).ended;
  if (code !== 0) throw new Error(said);
  return parseResult(message) ?? { version: 1 };
}

/** Uses the store of a place as somebody else sees it. */
async function inStore<T>(name: string, use: (store: ObjectStore) => Promise<T>): Promise<T> {
  const options = { credentials: server.credentials, environment: {}, keys: 'any' } as const;
  const store = await openStore(`${place(name)}${query(server.endpoint)}`, options);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function inRepository<T>(name: string, use: (repository: Repository) => Promise<T>): Promise<T> {
  return inStore(name, async (store) => {
    const repository = await openRepository(store, { workers: 0 });
    try {
      return await use(repository);
    } finally {
      await repository.close();
    }
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const versions = (name: string): Promise<string[]> =>
  inRepository(name, async (repository) => (await all(repository.versions())).map(({ manifest }) => manifest));

/** Names and sizes of the objects below a place. */
const objects = (name: string, below = ''): Promise<Record<string, number>> =>
  inStore(name, async (store) => {
    const pages = await all(store.list(below));
    return Object.fromEntries(pages.flatMap((page) => page.objects.map(({ key, size }) => [key, size])));
  });

/** What a task that depends on it gets, bit for bit. */
async function expectReadable(name: string, manifest = ''): Promise<void> {
  const reader = join(root, 'reader');
  const input = { kind: 'version', index: 0, url: place(name), name, credential: '0', manifest } as const;
  await layOut(reader, { inputs: [input] }, { '0': credential(server.endpoint) });
  expect(await start('download', reader).ended).toMatchObject({ code: 0 });
  for (const [path, bytes] of Object.entries(files)) {
    // oxlint-disable-next-line no-await-in-loop
    expect((await readFile(join(reader, 'input/0', path))).equals(bytes)).toBe(true);
  }
}

/** As if whoever was killed had last been heard of the day before yesterday, by the clock of the store. */
async function age(name: string): Promise<void> {
  const folder = join(server.folder, `data/run-${runs}/${name}/intents`);
  const then = new Date(Date.now() - 2 * 86_400_000);
  await Promise.all((await readdir(folder)).map((file) => utimes(join(folder, file), then, then)));
}

/** One word for what is stored below a folder of a place by such a request. */
const answers =
  (name: string, request: RegExp, word: Word) =>
  (asked: string): Word =>
    asked.includes(`/run-${runs}/${name}/`) && request.test(asked) ? word : 'pass';

/** Lets the first pack through, and none behind it. */
function secondPack(name: string): (asked: string) => Word {
  const seen: string[] = [];
  const pack = new RegExp(`/run-${runs}/${name}/packs/(\\w+/\\w+)`);
  return (asked) => {
    const key = pack.exec(asked)?.[1];
    if (key === undefined) return 'pass';
    if (!seen.includes(key)) seen.push(key);
    return key === seen[0] ? 'pass' : 'hold';
  };
}

const manifest = /^PUT .*\/versions\//;
type Story = [string, string, () => (asked: string) => Word, number];

describe('a runtime that is killed', () => {
  test.each<Story>([
    ['in the midst of what is kept', 'kept', () => secondPack('kept'), 0],
    ['before the manifest of what is kept', 'kept', () => answers('kept', manifest, 'hold'), 0],
    ['in the midst of a dataset', 'sets', () => secondPack('sets'), 0],
    ['when a manifest is there, before it could say so', 'sets', () => answers('sets', manifest, 'silence'), 1],
  ])('%s leaves a version whole or none, and no word of it; the next one does it all', async (_, where, say, there) => {
    const what = where === 'kept' ? { keep: true } : { keep: false, outputs: [dataset()] };
    const hasPack = async (): Promise<boolean> => Object.keys(await objects(where, 'packs/')).length > 0;
    const { signal, message } = await killedAt(say(), what, hasPack);
    // Without its word neither the Task nor a dataset learns of a version, and who depends on it isn't started.
    expect([signal, message]).toEqual(['SIGKILL', undefined]);
    const left = await versions(where);
    expect(left).toHaveLength(there);

    const { output, outputs } = await again();
    const version = where === 'kept' ? output?.manifest : outputs?.[0]?.manifest;
    expect(version).toMatch(/^blake3:/);
    expect(await versions(where)).toEqual([version]);
    if (there > 0) expect(left).toEqual([version]);

    await age(where);
    await inRepository(where, (repository) => repository.collectGarbage({ graceSeconds: 0 }));
    expect(await inRepository(where, (repository) => all(repository.verify({ data: true })))).toEqual([]);
    // The contents once and the lists of them, and nothing of who was killed.
    const packs = Object.values(await objects(where, 'packs/')).reduce((sum, size) => sum + size, 0);
    expect(packs).toBeLessThan(large.byteLength + MiB);
    expect([await objects(where, 'intents/'), await objects(where, 'garbage/')]).toEqual([{}, {}]);
    await expectReadable(where, version);
  });

  test('in the midst of files for a URL leaves each of them whole or not at all', async () => {
    const outputs: OutputPlan[] = [{ kind: 'url', index: 0, credential: '0', url: place('files') }];
    const { signal, message } = await killedAt(answers('files', /\/large\?.*partNumber=3/, 'hold'), {
      keep: false,
      outputs,
    });
    expect([signal, message]).toEqual(['SIGKILL', undefined]);
    const left = await objects('files');
    expect(left).not.toHaveProperty('large');
    expect(sizes).toMatchObject(left);
    expect((await again()).outputs).toEqual([{ index: 0, files: 3, bytes: large.byteLength + 5 }]);
    expect(await objects('files')).toEqual(sizes);
    const stored = await inStore('files', (store) => readAll(store, 'large', { limit: large.byteLength }));
    expect(stored.equals(large)).toBe(true);
  });
});

test('a full disk where it says what it has done is a failure of that disk, and what it has stored counts as not there', async () => {
  gate = await startGate(server.endpoint, () => 'pass');
  await written({ keep: true });
  const { code, message, said } = await (await startUpload(join(root, 'pod'), '/dev/full')).ended;
  expect([code, message]).toEqual([32, undefined]);
  expect(said).toContain("what became of the upload can't be told: /dev/full: ENOSPC");
});
