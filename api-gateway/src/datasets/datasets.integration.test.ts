import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DatasetVersion } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { DatasetVersions } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

// Whatever an answer holds: each test looks at what it is about.
// oxlint-disable-next-line typescript/no-explicit-any
type Body = any;

async function send(method: string, path: string, as = 'ada', body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await gateway.send(path, {
    method,
    as: user(as),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const get = (path: string, as?: string) => send('GET', path, as);
const post = (path: string, body?: unknown, as?: string) => send('POST', path, as, body);

const digest = (digit: number): string => `blake3:${String(digit).repeat(64)}`;
const commit = (name: string, digit: number, more: object = {}, as?: string) =>
  post(
    `/api/bucket/robots/dataset/${name}?finish=true`,
    { manifest: digest(digit), files: 3, size: 1000 * digit, stored_size: 10, ...more },
    as,
  );
const info = async (name: string, query = ''): Promise<Body> =>
  (await get(`/api/bucket/robots/dataset/${name}/info${query}`)).body;
const query = async (command: string): Promise<Body> =>
  (await get(`/api/bucket/robots/query?command=${encodeURIComponent(command)}`)).body;
const names = ({ datasets }: Body): string[] => datasets.map((each: Body) => each.name);

const rules = (verbs: string[], resources = ['buckets', 'datasets', 'datasetversions']) => [
  { apiGroups: ['osmo.dev'], resources, verbs },
];

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'datasets');
  const all = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  undo.push(
    await grant(admin, 'dataset-editor', { kind: 'User', name: user('ada') }, rules(all), namespace),
    await grant(admin, 'dataset-reader', { kind: 'User', name: user('ben') }, rules(['get', 'list']), namespace),
  );
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
  await until(
    () => post('/api/bucket/robots', { url: 's3://robots/sets?region=eu-west-1', description: 'Ours', default: true }),
    ({ status }) => status === 200 || status === 409,
  );
  // Rights get about, and a refusal is remembered for a while.
  for (const name of ['ada', 'ben'])
    await until(
      () => get('/api/bucket/robots', name),
      ({ status }) => status === 200,
    );
});

afterAll(async () => {
  for (const each of undo.toReversed()) await each();
  await gateway[Symbol.asyncDispose]();
  await admin.close();
});

test('a bucket is made, listed, changed and deleted', async () => {
  const { body } = await get('/api/bucket');
  expect(body).toMatchObject({
    default: 'robots',
    buckets: {
      robots: {
        path: 's3://robots/sets?region=eu-west-1',
        region: 'eu-west-1',
        description: 'Ours',
        mode: 'read-write',
        default_cred: false,
      },
    },
  });
  expect((await get('/api/bucket/robots/location')).body).toMatchObject({ path: body.buckets.robots.path });
  expect((await post('/api/bucket/robots', { url: 's3://robots' })).status).toBe(409);
  expect(await post('/api/bucket/other', { url: 'http://robots' })).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('url') },
  });
  expect((await post('/api/bucket/Frozen_One', { url: 's3://frozen', credential: 'keys' })).status).toBe(200);
  expect(await send('PATCH', '/api/bucket/frozen-one', 'ada', { mode: 'read-only', credential: null })).toMatchObject({
    status: 200,
    body: { mode: 'read-only', default_cred: false, path: 's3://frozen' },
  });
  expect(await post('/api/bucket/frozen-one/dataset/x')).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining('read-only') },
  });
  expect((await send('DELETE', '/api/bucket/frozen-one')).body).toEqual({ name: 'frozen-one', path: 's3://frozen' });
  expect((await get('/api/bucket/frozen-one')).status).toBe(404);
});

test('a dataset is uploaded in two steps, version by version', async () => {
  expect((await post('/api/bucket/robots/dataset/Arm_Moves')).body).toMatchObject({
    path: 's3://robots/sets?region=eu-west-1',
    version_id: null,
    base: null,
  });
  // Nothing is kept of the first step.
  expect((await get('/api/bucket/robots/dataset/Arm_Moves/info')).status).toBe(404);
  const first = await commit('Arm_Moves', 1, {
    description: 'first',
    labels: { robot: { kind: 'arm' } },
    tags: ['good'],
  });
  expect(first).toMatchObject({
    status: 200,
    body: { version_id: 1, tags: { good: 1 }, labels: { robot: { kind: 'arm' } } },
  });
  expect((await post('/api/bucket/robots/dataset/Arm_Moves?tag=good')).body.base).toEqual({
    version: 1,
    manifest: digest(1),
  });
  expect(
    await commit('Arm_Moves', 2, { base_version: 1, metadata: { score: 0.5 }, tags: ['good', 'v2'] }),
  ).toMatchObject({
    body: { version_id: 2, tags: { good: 2, v2: 2 }, labels: { robot: { kind: 'arm' } } },
  });
  expect(await info('Arm_Moves')).toMatchObject({
    name: 'Arm_Moves',
    type: 'DATASET',
    user: user('ada'),
    last_version: 2,
    logical_size: 3000,
    size: 20,
    hash_location: 's3://robots/sets?region=eu-west-1',
    tags: { good: 2, v2: 2 },
    versions: [
      { version: 2, tags: ['good', 'latest', 'v2'], metadata: { description: '', score: 0.5 }, checksum: digest(2) },
      { version: 1, tags: [], metadata: { description: 'first' }, created_by: user('ada'), size: 1000, files: 3 },
    ],
  });
  expect((await info('Arm_Moves', '?tag=1')).versions).toHaveLength(1);
  expect((await info('Arm_Moves', '?order=ASC&count=1')).versions[0].version).toBe(1);
  expect((await get('/api/bucket/robots/dataset/Arm_Moves?tag=1')).body).toMatchObject({
    path: 's3://robots/sets?region=eu-west-1',
    versions: [{ name: 'Arm_Moves', version: 1, manifest: digest(1) }],
  });
  // The same to Kubernetes.
  expect((await commit('arm-moves', 3)).body.version_id).toBe(3);
  expect(await post('/api/bucket/robots/dataset/Arm_Moves?tag=9')).toMatchObject({
    status: 400,
    body: { message: 'tag "9": the dataset has no such version; it has 3, 2, 1' },
  });
});

test('of many uploads at once each gets a number of its own', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => commit('crowd', index + 1)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const numbers = answers.map(({ body }) => body.version_id as number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('what is wrong with an upload is told before anything is kept', async () => {
  const wrong: [object, string][] = [
    [{ manifest: 'md5' }, 'body.manifest'],
    [{ tags: ['latest'] }, 'tag "latest": can\'t be set or deleted'],
    [{ tags: ['12'] }, 'tag "12": can\'t be set or deleted: a tag of digits alone would look like a version'],
    [{ secret: 1 }, '"secret" is no known field'],
    [{ labels: 3 }, 'body.labels'],
  ];
  for (const [more, message] of wrong)
    expect(await commit('wrong', 1, more)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
  expect(await post('/api/bucket/robots/dataset/wrong?finish=true')).toMatchObject({ status: 400 });
  expect(await commit('no%20name', 1)).toMatchObject({ status: 400 });
  expect(await post('/api/bucket/none/dataset/x')).toMatchObject({ status: 404 });
  expect((await get('/api/bucket/robots/dataset/wrong/info')).status).toBe(404);
});

test('tags move, labels and metadata are joined and taken off', async () => {
  await commit('marked', 1, { labels: { a: { b: 1, c: 2 } } });
  await commit('marked', 2);
  const change = (search: string, body?: object) => post(`/api/bucket/robots/dataset/marked/attribute?${search}`, body);
  expect((await change('tag=1&set_tag=best&set_tag=x')).body.tags).toEqual({ best: 1, x: 1 });
  expect((await change('set_tag=best&delete_tag=x')).body.tags).toEqual({ best: 2 });
  const labels = await change('delete_label=a.b', { set_label: { a: { d: [1, 2] }, e: 'f' } });
  expect(labels.body.labels).toEqual({ a: { c: 2, d: [1, 2] }, e: 'f' });
  const metadata = await change('tag=1', { set_metadata: { score: { mean: 1 } } });
  expect(metadata.body.metadata).toEqual({ description: '', score: { mean: 1 } });
  await change('tag=1&delete_metadata=score.mean');
  expect((await info('marked', '?tag=1')).versions[0].metadata).toEqual({ description: '', score: {} });
  expect((await info('marked', '?tag=best')).versions[0].version).toBe(2);
  for (const [search, message] of [
    ['delete_tag=none', 'has no such tag'],
    ['set_tag=latest', "can't be set"],
    ['delete_label=none', 'there is no such label'],
    ['tag=7&set_tag=y', 'has no version "7"; the latest is 2'],
  ] as const)
    expect((await change(search)).body.message).toContain(message);
});

test('versions are deleted with their tags, and never come again', async () => {
  for (const digit of [1, 2, 3]) await commit('short', digit, digit === 3 ? { tags: ['top'] } : {});
  expect(await send('DELETE', '/api/bucket/robots/dataset/short')).toMatchObject({ status: 400 });
  expect((await send('DELETE', '/api/bucket/robots/dataset/short?tag=2')).body).toEqual({
    versions: [2],
    deleted_dataset: false,
  });
  expect((await info('short')).versions.map((each: Body) => each.version)).toEqual([3, 1]);
  expect((await send('DELETE', '/api/bucket/robots/dataset/short?all_flag=true')).body).toEqual({
    versions: [1, 3],
    deleted_dataset: true,
  });
  expect((await get('/api/bucket/robots/dataset/short/info')).status).toBe(404);
});

test('a renamed dataset keeps versions, tags and labels', async () => {
  await commit('old', 1, { labels: { a: 1 } });
  await commit('old', 2, { tags: ['good'] });
  expect((await commit('taken', 1)).status).toBe(200);
  const rename = (to: string) => post(`/api/bucket/robots/dataset/old/attribute?new_name=${to}`);
  expect((await rename('taken')).status).toBe(409);
  expect((await rename('new')).body).toMatchObject({ name: 'new', tags: { good: 2 }, labels: { a: 1 } });
  expect((await info('new')).versions.map((each: Body) => [each.version, each.checksum])).toEqual([
    [2, digest(2)],
    [1, digest(1)],
  ]);
  expect((await get('/api/bucket/robots/dataset/old/info')).status).toBe(404);
});

test('collections hold one version of each dataset, and guard them', async () => {
  for (const name of ['one', 'two', 'three']) await commit(name, 1);
  await commit('one', 2);
  const collect = (path: string) => post(`/api/bucket/robots/dataset/${path}`);
  expect((await collect('set/collect?datasets=one:1&datasets=two')).body.members).toEqual([
    { name: 'one', version: 1 },
    { name: 'two', version: 1 },
  ]);
  expect((await collect('all/collect?datasets=set&datasets=three')).body.members).toHaveLength(3);
  expect((await collect('bad/collect?datasets=set&datasets=one:2')).body.message).toContain('one version of a dataset');
  expect((await get('/api/bucket/robots/dataset/all')).body.versions.map((each: Body) => each.name)).toEqual([
    'one',
    'two',
    'three',
  ]);
  expect((await send('DELETE', '/api/bucket/robots/dataset/one?tag=1')).body.message).toContain('held by collection');
  expect((await send('DELETE', '/api/bucket/robots/dataset/two?all_flag=true')).status).toBe(409);
  expect((await info('one')).versions[1].collections.toSorted()).toEqual(['all', 'set']);
  expect((await collect('all/attribute?set_tag=x')).status).toBe(400);
  expect((await commit('all', 1)).status).toBe(409);
  expect((await collect('all/recollect?remove_datasets=one&add_datasets=one:2')).body.members).toEqual([
    { name: 'two', version: 1 },
    { name: 'three', version: 1 },
    { name: 'one', version: 2 },
  ]);
  expect((await collect('set/recollect?remove_datasets=one&remove_datasets=two')).body.members).toEqual([]);
  expect((await get('/api/bucket/robots/dataset/set/info')).status).toBe(404);
  expect((await send('DELETE', '/api/bucket/robots/dataset/one?tag=1')).status).toBe(200);
});

test('a list and a query find what was asked for', async () => {
  await commit('find-a', 1, { labels: { kind: 'find', n: 1 }, metadata: { score: 1 } });
  await commit('find-a', 2, { metadata: { score: 3 } });
  await commit('find-b', 1, { labels: { kind: 'find', n: 2 }, metadata: { score: 2 } });
  expect(names((await get('/api/bucket/list_dataset?name=find&order=ASC')).body)).toEqual(['find-a', 'find-b']);
  expect((await get('/api/bucket/list_dataset?name=find&count=1')).body).toMatchObject({ more_entries: true });
  expect(names((await get('/api/bucket/list_dataset?name=find', 'ben')).body)).toEqual([]);
  expect(names((await get('/api/bucket/list_dataset?name=find&all_users=true', 'ben')).body)).toHaveLength(2);
  expect(names((await get('/api/bucket/list_dataset?name=find&dataset_type=COLLECTION')).body)).toEqual([]);
  expect(await query('label.kind = "find" ORDER BY name DESC')).toMatchObject({
    type: 'DATASET',
    datasets: [{ name: 'find-b' }, { name: 'find-a' }],
  });
  const versions = await query('label.kind = "find" AND metadata.score >= 2');
  expect(versions.type).toBe('VERSION');
  expect(versions.datasets.map((each: Body) => [each.name, each.version.version])).toEqual([
    ['find-a', 2],
    ['find-b', 1],
  ]);
  expect(await query('label.kind == 3')).toMatchObject({
    error_code: 'USAGE',
    message: expect.stringContaining('line 1, column 13'),
  });
});

test('what a repository has in use is told by its URL, whichever bucket it is of', async () => {
  await post('/api/bucket/alias', { url: 's3://robots/sets/' });
  await commit('in-use', 7);
  await send('POST', '/api/bucket/alias/dataset/x?finish=true', 'ada', { manifest: digest(8), files: 1, size: 1 });
  const { manifests } = (await get('/api/bucket/robots/manifests')).body;
  expect(manifests).toEqual(expect.arrayContaining([digest(7), digest(8)]));
});

test('provenance is asked backwards and forwards', async () => {
  await commit('raw', 1);
  await commit('raw', 2, { base_version: 1 });
  const ask = async (path: string): Promise<Body> => (await get(`/api/bucket/robots/dataset/${path}`)).body;
  expect((await ask('raw/provenance?tag=2')).edges).toEqual([{ from: 'robots.raw.1', to: 'robots.raw.2' }]);
  const forwards = await ask('raw/provenance?tag=1&direction=forwards');
  expect(forwards.versions.map((each: Body) => each.version)).toEqual([1, 2]);
});

test('what a failed task left is no latest version', async () => {
  await commit('partly', 1);
  const last: DatasetVersion = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'DatasetVersion',
    metadata: { name: 'robots.partly.2', namespace },
    spec: {
      dataset: 'robots.partly',
      version: 2,
      manifest: digest(2),
      files: 1,
      logicalBytes: 1,
      storedBytes: 1,
      provenance: { outcome: 'Failed' },
    },
  };
  await admin.create(DatasetVersions, last);
  const read = await until(
    () => info('partly'),
    ({ versions }) => versions.length === 2,
  );
  expect(read.last_version).toBe(1);
  expect((await commit('partly', 3)).body.version_id).toBe(3);
});

test('RBAC decides, and a refusal tells nothing', async () => {
  await commit('private', 1);
  expect((await get('/api/bucket/robots/dataset/private/info', 'ben')).status).toBe(200);
  expect(await commit('private', 2, {}, 'ben')).toMatchObject({ status: 403 });
  expect((await post('/api/bucket/robots/dataset/private', undefined, 'ben')).status).toBe(403);
  expect((await send('DELETE', '/api/bucket/robots/dataset/private?all_flag=true', 'ben')).status).toBe(403);
  expect((await post('/api/bucket/robots/dataset/private/attribute?set_tag=x', {}, 'ben')).status).toBe(403);
  const [there, not] = [
    await get('/api/bucket/robots/dataset/private/info', 'eve'),
    await get('/api/bucket/robots/dataset/nothing/info', 'eve'),
  ];
  expect([there.status, not.status]).toEqual([403, 403]);
  expect(there.body.message.replace('private', 'nothing')).toBe(not.body.message);
  expect((await get('/api/bucket/robots', 'eve')).status).toBe(403);
  expect((await get('/api/bucket', 'eve')).body).toEqual({ buckets: {}, default: null });
  expect((await get('/api/bucket/list_dataset?all_users=true', 'eve')).body.datasets).toEqual([]);
  expect((await get('/api/bucket/robots/query?command=', 'eve')).status).toBe(403);
});

test('an answer that is known already is not sent again', async () => {
  await commit('known', 1);
  const read = (headers: Record<string, string> = {}) =>
    gateway.send('/api/bucket/robots/dataset/known/info', { as: user('ada'), headers });
  const etag = (await read()).headers.get('etag') ?? '';
  expect((await read({ 'if-none-match': etag })).status).toBe(304);
});
