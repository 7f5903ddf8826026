import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readAll } from '../bytes.ts';
import { FileStore } from '../file/file-store.ts';
import type { ObjectStore } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { collect } from '../testing/collect.ts';
import {
  archivedNamespaces,
  listRecords,
  parseSummaryKey,
  readEntry,
  readRecord,
  readSummary,
  recordKey,
  type RecordedObject,
  type RecordSource,
  type RecordSummary,
  summaryKey,
  writeRecord,
} from './index.ts';

interface TaskLike extends RecordedObject {
  spec: { image: string };
  status: { imageID: string };
}

let folder: string;
let store: ObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-records-'));
  store = new FileStore(folder);
});

afterEach(() => rm(folder, { recursive: true }));

const summary = (more: Partial<RecordSummary> = {}): RecordSummary => ({
  namespace: 'lab',
  name: 'sweep',
  uid: '11111111-2222-3333-4444-555555555555',
  run: 0,
  phase: 'Completed',
  pool: 'default',
  priority: 'Normal',
  completionTime: '2026-03-09T14:30:05Z',
  ...more,
});

const object = (kind: string, name: string): RecordedObject => ({ apiVersion: 'v1', kind, metadata: { name } });

async function* tasks(count: number): AsyncGenerator<TaskLike> {
  for (let index = 0; index < count; index++) {
    const spec = { image: `image-${index % 2}` };
    yield { ...object('Task', `t-${index}`), spec, status: { imageID: `sha256:${index % 4}` } };
  }
}

const source = (more: Partial<RecordSource> = {}): RecordSource => ({
  summary: summary(),
  workflow: object('Workflow', 'sweep'),
  tasks: tasks(5),
  events: [object('Event', 'e1'), object('Event', 'e2')],
  imageOf: (task) => ({ image: (task as TaskLike).spec.image, imageIDs: [(task as TaskLike).status.imageID] }),
  ...more,
});

const keys = async (): Promise<string[]> =>
  (await collect(store.list(''))).flatMap(({ objects }) => objects.map(({ key }) => key));

describe('the record of a workflow', () => {
  test('has all that there was, under its UID, and its summary by time', async () => {
    const { url, outcome } = await writeRecord(store, source());
    expect(outcome).toBe('Written');
    expect(url).toBe(`${store.url}/records/lab/11111111-2222-3333-4444-555555555555.json.gz`);
    expect(await keys()).toEqual([
      'by-time/lab/2026/03/09/143005~sweep~11111111-2222-3333-4444-555555555555.json',
      'records/lab/11111111-2222-3333-4444-555555555555.json.gz',
    ]);
    expect(await readRecord(store, summary())).toEqual({
      format: 'osmo.dev/workflow-record/v1',
      summary: summary(),
      workflow: object('Workflow', 'sweep'),
      tasks: await collect(tasks(5)),
      events: [object('Event', 'e1'), object('Event', 'e2')],
      images: [
        { image: 'image-0', imageIDs: ['sha256:0', 'sha256:2'] },
        { image: 'image-1', imageIDs: ['sha256:1', 'sha256:3'] },
      ],
      counts: { tasks: 5, events: 2 },
    });
    expect(await readSummary(store, summary())).toEqual(summary());
  });

  test('of many tasks is written in a stream, and its summary read without them', async () => {
    await writeRecord(store, source({ tasks: tasks(20_000) }));
    const record = await readRecord(store, summary());
    expect(record?.tasks).toHaveLength(20_000);
    expect(record?.tasks.at(-1)?.metadata.name).toBe('t-19999');
    expect(await readSummary(store, summary())).toEqual(summary());
    await expect(readRecord(store, summary(), { limit: 100_000 })).rejects.toMatchObject({ reason: 'TooLarge' });
  });

  test('is written once: again, it is there', async () => {
    await writeRecord(store, source());
    const first = await store.head(recordKey(summary()));
    async function* never(): AsyncGenerator<TaskLike> {
      yield* tasks(0);
      throw new Error('was read again');
    }
    expect((await writeRecord(store, source({ tasks: never() }))).outcome).toBe('Present');
    expect(await store.head(recordKey(summary()))).toEqual(first);
  });

  test('gets the entry that a crash kept it from getting', async () => {
    await writeRecord(store, source());
    const entry = summaryKey({ ...summary(), completionTime: new Date(summary().completionTime) });
    await store.delete(entry);
    expect((await writeRecord(store, source())).outcome).toBe('Present');
    expect(JSON.parse((await readAll(store, entry, { limit: 9999 })).toString())).toEqual(summary());
  });

  test('makes room for the one of a later run, and its entry moves', async () => {
    await writeRecord(store, source());
    const again = summary({ run: 1, completionTime: '2026-03-10T00:00:00Z', phase: 'Failed' });
    expect((await writeRecord(store, source({ summary: again, tasks: tasks(7) }))).outcome).toBe('Replaced');
    expect((await readRecord(store, again))?.tasks).toHaveLength(7);
    expect(await collect(listRecords(store, 'lab'))).toMatchObject([
      { completionTime: new Date(again.completionTime) },
    ]);
  });

  test('is not there at all when its source fails', async () => {
    async function* half(): AsyncGenerator<TaskLike> {
      yield* tasks(2);
      throw new Error('the apiserver went away');
    }
    await expect(writeRecord(store, source({ tasks: half() }))).rejects.toThrow('the apiserver went away');
    expect(await keys()).toEqual([]);
    expect(await readRecord(store, summary())).toBeUndefined();
    expect(await readSummary(store, summary())).toBeUndefined();
  });

  test('of which a part is missing is refused', async () => {
    const key = recordKey(summary());
    await writeRecord(store, source());
    const whole = await readAll(store, key, { limit: 1e6 });
    await store.put(key, whole.subarray(0, whole.byteLength - 20));
    await expect(readRecord(store, summary())).rejects.toThrow('is damaged');
    const record = { format: 'osmo.dev/workflow-record/v1', tasks: [], events: [], counts: { tasks: 1, events: 0 } };
    await store.put(key, gzipSync(JSON.stringify(record)));
    await expect(readRecord(store, summary())).rejects.toThrow('it has 0 of 1 tasks and 0 of 0 events');
    await store.put(key, gzipSync('{"format":"other/v9"}'));
    await expect(readRecord(store, summary())).rejects.toThrow('has format "other/v9"');
    await store.put(key, Buffer.from('no gzip'));
    await expect(readSummary(store, summary())).rejects.toBeInstanceOf(StoreError);
  });

  test('can be written by several at once', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => writeRecord(store, source({ tasks: tasks(50) }))),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'Written')).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'Present')).toHaveLength(7);
    expect((await readRecord(store, summary()))?.tasks).toHaveLength(50);
  });
});

describe('a list of records', () => {
  const ends = [
    '2025-12-31T23:59:59Z',
    '2026-01-01T00:00:00Z',
    '2026-03-09T08:00:00Z',
    '2026-03-09T14:30:05Z',
    '2026-10-02T00:00:00Z',
  ];
  const uidOf = (index: number): string => `0000000${index}-0000-0000-0000-000000000000`;
  const listed = async (from?: string, before?: string): Promise<string[]> => {
    const span = {
      from: from === undefined ? undefined : new Date(from),
      before: before ? new Date(before) : undefined,
    };
    const entries = await collect(listRecords(store, 'lab', span));
    return entries.map(({ completionTime }) => completionTime.toISOString().replace('.000', ''));
  };

  beforeEach(async () => {
    for (const [index, completionTime] of ends.entries()) {
      await writeRecord(store, source({ summary: summary({ uid: uidOf(index), completionTime }), tasks: tasks(1) }));
    }
    await writeRecord(store, source({ summary: summary({ namespace: 'other' }), tasks: tasks(1) }));
  });

  test('has the latest first, of one namespace', async () => {
    expect(await listed()).toEqual(ends.toReversed());
    expect(await collect(archivedNamespaces(store))).toEqual(['lab', 'other']);
    expect(await collect(listRecords(store, 'nobody'))).toEqual([]);
    const [first] = await collect(listRecords(store, 'other'));
    expect(first).toMatchObject({ namespace: 'other', name: 'sweep', uid: summary().uid });
    expect(first && (await readEntry(store, first))).toEqual(summary({ namespace: 'other' }));
  });

  test('has only what ended in a span of time', async () => {
    expect(await listed('2026-01-01T00:00:00Z')).toEqual(ends.slice(1).toReversed());
    expect(await listed('2026-03-09T08:00:01Z')).toEqual(ends.slice(3).toReversed());
    expect(await listed(undefined, '2026-03-09T14:30:05Z')).toEqual(ends.slice(0, 3).toReversed());
    expect(await listed('2025-12-31T23:59:59Z', '2026-01-01T00:00:00Z')).toEqual([ends[0]]);
    expect(await listed('2027-01-01T00:00:00Z')).toEqual([]);
  });

  test('takes keys for what they say only', () => {
    const [entry] = ends.map((end) => summaryKey({ ...summary(), completionTime: new Date(end) }));
    expect(parseSummaryKey(entry ?? '')).toMatchObject({ name: 'sweep', completionTime: new Date(ends[0] ?? '') });
    expect(parseSummaryKey('by-time/lab/2026/13/99/000000~a~b.json')).toBeUndefined();
    expect(parseSummaryKey('by-time/lab/readme.txt')).toBeUndefined();
    expect(() => recordKey({ namespace: '../x', uid: 'u' })).toThrow(RangeError);
    expect(() => summaryKey({ ...summary(), name: 'a~b', completionTime: new Date() })).toThrow(RangeError);
  });
});
