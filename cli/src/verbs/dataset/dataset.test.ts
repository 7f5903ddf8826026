import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { testHost, type TestHost } from '../../testing/test-host.ts';

const entry = {
  name: 'moves',
  id: '8f14e45f',
  bucket: 'robots',
  namespace: 'default',
  type: 'DATASET',
  is_collection: false,
  user: 'ada',
  created_date: '2026-01-05T10:00:00',
  last_created: '2026-01-06T10:00:00',
  last_version: 2,
  size: 3_500_000,
  logical_size: 7_000_000,
};
const version = (number: number, more: object = {}) => ({
  name: String(number),
  version: number,
  status: 'READY',
  created_by: 'ada',
  created_date: `2026-01-0${4 + number}T10:00:00`,
  last_used: null,
  size: 3_500_000,
  stored_size: 1_750_000,
  files: 12,
  checksum: `blake3:${String(number).repeat(64)}`,
  tags: [],
  collections: [],
  metadata: { description: '' },
  provenance: null,
  ...more,
});
const made = {
  workflow: { name: 'train-3', uid: 'u' },
  task: 'train',
  attempt: 1,
  outcome: 'Completed',
  imageID: 'busybox@sha256:abc',
  inputs: [{ dataset: 'robots.raw', version: 4 }, { task: 'prepare' }, { url: 's3://far/x' }],
};
const info = {
  ...entry,
  hash_location: 's3://robots/sets',
  labels: { robot: { kind: 'arm' } },
  tags: { good: 1 },
  members: [],
  versions: [
    version(2, { tags: ['latest'], provenance: made, metadata: { description: 'After training' } }),
    version(1, { tags: ['good'], collections: ['training'] }),
  ],
  more_entries: false,
};
const collection = { ...entry, name: 'training', type: 'COLLECTION', is_collection: true, last_version: null };
const changed = { name: 'moves', bucket: 'robots', tags: { good: 2 }, labels: { a: 1 }, metadata: { score: 0.5 } };
const bucket = {
  ...{ path: 's3://robots/sets', region: '', description: 'Ours', mode: 'read-write', default_cred: true, ready: true },
  ...{ message: '', datasets: 3, versions: 9, size: 5_000_000_000, stored_size: 1_000_000_000 },
};

function machine(options: Parameters<typeof testHost>[1] = {}): TestHost {
  const host = testHost(({ line }) => ({ json: answerTo(line) }), options);
  writeFileSync(join(host.folder, 'values.yaml'), 'score: 0.5\nnested:\n  deep: true\n');
  writeFileSync(join(host.folder, 'query.txt'), 'metadata.score > 0.4\n');
  return host;
}

function answerTo(line: string): unknown {
  if (line.startsWith('DELETE')) return { versions: [1], deleted_dataset: false, path: 's3://robots/sets' };
  if (/^(GET|POST|PATCH) \/api\/bucket(\?|$)/.test(line)) return { buckets: { robots: bucket }, default: 'robots' };
  if (line.includes('/list_dataset')) return { datasets: [entry, collection], more_entries: false };
  if (line.includes('/query')) return { type: 'VERSION', datasets: [{ ...entry, version: version(1) }] };
  if (line.includes('collect')) return { name: 'training', bucket: 'robots', members: [{ name: 'moves', version: 2 }] };
  if (line.includes('/attribute')) return changed;
  if (line.includes('training/info'))
    return { ...info, ...collection, versions: [], members: [{ name: 'moves', version: 1 }] };
  if (line.includes('/info')) return info;
  if (line.includes('/provenance'))
    return {
      versions: [
        { dataset: 'robots.moves', name: 'moves', version: 2, provenance: made },
        { dataset: 'robots.raw', name: 'raw', version: 4, provenance: null },
      ],
      edges: [{ from: 'robots.raw.4', to: 'robots.moves.2' }],
      truncated: true,
    };
  return bucket;
}

describe('requests', () => {
  const attribute = 'POST /api/bucket/robots/dataset/moves/attribute';
  test.each<[string, string, unknown]>([
    ['bucket list', 'GET /api/bucket', undefined],
    ['bucket create new s3://a-b --default', 'POST /api/bucket/new', { url: 's3://a-b', default: true }],
    ['bucket create n s3://a-b --mode READ-ONLY', 'POST /api/bucket/n', { url: 's3://a-b', mode: 'read-only' }],
    ['bucket update robots -d Ours', 'PATCH /api/bucket/robots', { description: 'Ours' }],
    ['bucket delete robots -f', 'DELETE /api/bucket/robots', undefined],
    ['dataset list', 'GET /api/bucket/list_dataset?order=ASC&count=20&offset=0', undefined],
    [
      'dataset list -n arm -u ada eve -b robots -c 5 -o desc',
      'GET /api/bucket/list_dataset?name=arm&user=ada&user=eve&buckets=robots&order=DESC&count=5&offset=0',
      undefined,
    ],
    ['dataset list -a', 'GET /api/bucket/list_dataset?all_users=True&order=ASC&count=20&offset=0', undefined],
    ['dataset info robots/moves', 'GET /api/bucket/robots/dataset/moves/info?count=100&order=ASC', undefined],
    [
      'dataset info robots/moves:good -a -c 3 -o desc',
      'GET /api/bucket/robots/dataset/moves/info?tag=good&all_flag=True&count=3&order=DESC',
      undefined,
    ],
    ['dataset log robots/moves', 'GET /api/bucket/robots/dataset/moves/info?order=DESC&count=20', undefined],
    [
      'dataset log robots/moves:2 -g backwards',
      'GET /api/bucket/robots/dataset/moves/provenance?tag=2&direction=backwards',
      undefined,
    ],
    [
      'dataset tag robots/moves:2 -s good best -d old',
      `${attribute}?tag=2&set_tag=good&set_tag=best&delete_tag=old`,
      {},
    ],
    [
      'dataset label robots/moves -s a.b:string:x n:numeric:1,2.5 -d c.d',
      `${attribute}?delete_label=c.d`,
      { set_label: { a: { b: 'x' }, n: [1, 2.5] } },
    ],
    [
      'dataset metadata robots/moves:1 -f values.yaml -s nested.more:string:y',
      `${attribute}?tag=1`,
      { set_metadata: { score: 0.5, nested: { deep: true, more: 'y' } } },
    ],
    ['dataset rename robots/moves motions', `${attribute}?new_name=motions`, {}],
    [
      'dataset collect robots/training moves:2 others',
      'POST /api/bucket/robots/dataset/training/collect?datasets=moves:2&datasets=others',
      undefined,
    ],
    [
      'dataset recollect robots/training -a moves:3 -r moves',
      'POST /api/bucket/robots/dataset/training/recollect?add_datasets=moves:3&remove_datasets=moves',
      undefined,
    ],
    ['dataset query query.txt -b robots', 'GET /api/bucket/robots/query?command=metadata.score > 0.4', undefined],
    ['dataset delete robots/moves:1 -f', 'DELETE /api/bucket/robots/dataset/moves?tag=1', undefined],
    ['dataset delete robots/moves -a -f', 'DELETE /api/bucket/robots/dataset/moves?all_flag=True', undefined],
  ])('osmo %s', async (line, request, body) => {
    using host = machine();
    expect([await host.run(...line.split(' ')), host.err()]).toEqual([0, '']);
    expect(host.requests.map((each) => [each.line, each.body])).toEqual([[request, body]]);
  });

  test('without a bucket the default one is asked for', async () => {
    using host = machine();
    expect(await host.run('dataset', 'info', 'moves')).toBe(0);
    expect(host.requests.map(({ line }) => line)).toEqual([
      'GET /api/bucket?default_only=True',
      'GET /api/bucket/robots/dataset/moves/info?count=100&order=ASC',
    ]);
  });

  test('in a context with a namespace buckets are those of the namespace', async () => {
    using host = machine({ env: { OSMO_URL: '' } });
    const context = { url: 'http://gateway.test', namespace: 'lab' };
    writeFileSync(
      join(host.folder, 'config.yaml'),
      JSON.stringify({ 'current-context': 'c', contexts: { c: context } }),
    );
    await host.run('dataset', 'info', 'robots/moves');
    await host.run('dataset', 'info', 'other.robots/moves');
    await host.run('dataset', 'info', 'moves');
    expect(host.requests.map(({ line }) => line.split('?')[0])).toEqual([
      'GET /api/bucket/lab.robots/dataset/moves/info',
      'GET /api/bucket/other.robots/dataset/moves/info',
      'GET /api/bucket',
      'GET /api/bucket/robots/dataset/moves/info',
    ]);
  });
});

describe('what is printed', () => {
  test.each([
    'bucket list',
    'bucket list -o wide',
    'bucket create robots s3://robots/sets',
    'dataset list',
    'dataset list -o name',
    'dataset info robots/moves',
    'dataset info robots/training',
    'dataset log robots/moves',
    'dataset log robots/moves -g backwards',
    'dataset tag robots/moves -s good',
    'dataset label robots/moves -s a:numeric:1',
    'dataset rename robots/moves motions',
    'dataset collect robots/training moves',
    'dataset query query.txt -b robots',
    'dataset delete robots/moves:1 -f',
  ])('osmo %s', async (line) => {
    using host = machine();
    expect([await host.run(...line.split(' ')), host.err()]).toEqual([0, '']);
    expect(host.out()).toMatchSnapshot();
  });
});

test.each([
  ['dataset info a/b/c', 'must be the name of a dataset'],
  ['dataset label robots/moves:2 -s a:string:b', 'without a version'],
  ['dataset label robots/moves -s a=b', 'must be key:string:value or key:numeric:value'],
  ['dataset label robots/moves -s a:numeric:x', '"x" is no number'],
  ['dataset label robots/moves -s a..b:string:x', 'names with dots between them'],
  ['dataset label robots/moves', '--set, --delete, --file'],
  ['dataset metadata robots/moves -f query.txt', 'must hold a map'],
  ['dataset tag robots/moves', '--set, --delete'],
  ['dataset update robots/moves', '--add, --remove'],
  ['dataset update robots/moves -r (', '--remove: regular expression'],
  ['dataset upload robots/moves none', '"none": there is no such file or folder'],
  ['dataset recollect robots/moves', '--add, --remove'],
  ['dataset delete robots/moves', 'name a version'],
  ['dataset delete robots/moves:1', '--force: must be given'],
  ['bucket update robots', 'must be given'],
])('osmo %s is refused', async (line, message) => {
  using host = machine();
  expect(await host.run(...line.split(' '))).toBe(2);
  expect(host.err()).toContain(message);
});
