import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Workflow } from '@osmo/crds';
import type { Change, Informer } from '@osmo/kube';
import { FakeClock, type RecordingLogger, recordingLogger, until } from '@osmo/kube/testing';
import { openStore, type ObjectStore, summaryKey } from '@osmo/storage';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { archiveWorkflow } from '../testing/records.ts';
import { type Archive, type ArchivePage, mostLooked, storedArchive } from './archive.ts';
import { RecordIndex } from './record-index.ts';

let folder: string;
let store: ObjectStore;
let clock: FakeClock;
let logger: RecordingLogger;
let live: Map<string, Workflow>;
let changed: (change: Change<Workflow>) => void;
let archive: Archive;
const never = new AbortController().signal;

/** A workflow that ended so many minutes into a day. */
function finished(name: string, minute: number, extra: { spec?: object; metadata?: object } = {}): Workflow {
  const time = new Date(Date.UTC(2026, 2, 1, 0, minute)).toISOString().replace('.000Z', 'Z');
  const status = {
    phase: 'Completed',
    completionTime: time,
    conditions: [{ type: 'Succeeded', status: 'True', lastTransitionTime: time }],
  };
  return workflowOf(name, { ...extra, status });
}

const page = async (more: Partial<ArchivePage> = {}): Promise<[string[], boolean]> => {
  const asked = { readable: async () => () => true, passes: () => true, offset: 0, limit: 20, ...more };
  const { items, more: isMore } = await archive.page(asked, never);
  return [items.map(({ metadata }) => metadata.name), isMore];
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-archive-'));
  store = await openStore(`file://${folder}`);
  clock = new FakeClock();
  logger = recordingLogger();
  live = new Map();
  const informer = {
    get: (_: string, name: string) => live.get(name),
    onChange: (listener: typeof changed) => void (changed = listener),
  } as unknown as Informer<Workflow>;
  archive = storedArchive(store, informer, clock, logger);
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a list', () => {
  test('has what ended last first, page by page, and not what is still in the cluster', async () => {
    for (let minute = 0; minute < 40; minute++) {
      // oxlint-disable-next-line no-await-in-loop
      await archiveWorkflow(store, finished(`w${String(minute).padStart(2, '0')}`, minute));
    }
    live.set('w39', finished('w39', 39));
    expect(await page({ limit: 3 })).toEqual([['w38', 'w37', 'w36'], true]);
    expect(await page({ offset: 3, limit: 2 })).toEqual([['w35', 'w34'], true]);
    expect(await page({ offset: 37, limit: 20 })).toEqual([['w01', 'w00'], false]);
    expect(await page({ limit: 0 })).toEqual([[], true]);
    expect(await page({ readable: async () => () => false })).toEqual([[], false]);
    const even = ({ metadata }: Workflow): boolean => Number(metadata.name.slice(1)) % 2 === 0;
    expect(await page({ passes: even, offset: 1, limit: 2 })).toEqual([['w36', 'w34'], true]);
  });

  test('tells of each what lists and their filters ask for', async () => {
    const workflow = finished('one', 1, {
      spec: { labels: { team: 'arms' }, priority: 'Low' },
      metadata: { labels: { a: 'b' }, uid: 'uid-1' },
    });
    await archiveWorkflow(store, workflow);
    const { items } = await archive.page(
      { readable: async () => () => true, passes: () => true, offset: 0, limit: 1 },
      never,
    );
    const { metadata, spec, status } = workflow;
    expect(items[0]).toMatchObject({
      metadata,
      spec: { pool: spec.pool, priority: 'Low', labels: { team: 'arms' } },
      status: { phase: 'Completed', completionTime: status?.completionTime },
    });
  });

  test('hears of a workflow that goes, and of one that went without a record only once', async () => {
    expect(await page()).toEqual([[], false]);
    const [kept, dropped] = [finished('kept', 1), finished('dropped', 2)];
    await archiveWorkflow(store, kept);
    // Within the hour in which the archive isn't looked through again.
    changed({ old: kept });
    changed({ old: dropped });
    changed({ old: workflowOf('running', { status: { phase: 'Running' } }) });
    expect([...archive.names('default')]).toEqual(['dropped', 'kept']);
    expect(await page()).toEqual([['kept'], false]);
    expect([...archive.names('default')]).toEqual(['kept']);
    clock.advance(3_600_001);
    await archiveWorkflow(store, finished('missed', 3));
    await until(
      () => page(),
      ([names]) => names.join() === 'missed,kept',
    );
  });

  test('looks at so many at most', async () => {
    await page();
    const many = mostLooked + 50;
    for (let index = 0; index < many; index++) changed({ old: finished(`w${index}`, index) });
    // None of them is there; looking at each would find that out.
    expect(await page()).toEqual([[], false]);
    expect([...archive.names('default')]).toHaveLength(many - mostLooked);
  });
});

describe('a workflow', () => {
  test('is found by its name, the latest of several, with its tasks', async () => {
    const [first, second] = [
      finished('same', 1, { metadata: { uid: 'uid-1' } }),
      finished('same', 2, { metadata: { uid: 'uid-2' } }),
    ];
    await archiveWorkflow(store, first);
    await archiveWorkflow(store, second, [taskOf(second, 'first', { phase: 'Completed' })]);
    const found = await archive.find({ namespace: 'default', name: 'same' });
    expect([found?.workflow.metadata.uid, found?.tasks.map(({ spec }) => spec.taskName)]).toEqual(['uid-2', ['first']]);
    expect(found?.workflow.spec.tasks).toHaveLength(2);
    await store.delete('records/default/uid-2.json.gz');
    expect((await archive.find({ namespace: 'default', name: 'same' }))?.workflow.metadata.uid).toBe('uid-1');
    expect(await archive.find({ namespace: 'other', name: 'same' })).toBeUndefined();
  });

  test('is looked for at once by many without a line between them', async () => {
    await archiveWorkflow(store, finished('one', 1));
    const found = await Promise.all(
      Array.from({ length: 20 }, () => archive.find({ namespace: 'default', name: 'one' })),
    );
    expect(found.map((each) => each?.workflow.metadata.name)).toEqual(Array.from({ length: 20 }, () => 'one'));
  });
});

test('an archive that can’t be read is told to be so, without its words, and tried again', async () => {
  const workflow = finished('bad', 1);
  const { name, namespace = '', uid = '' } = workflow.metadata;
  await archiveWorkflow(store, workflow);
  const key = summaryKey({ name, namespace, uid, completionTime: new Date(workflow.status?.completionTime ?? '') });
  await writeFile(join(folder, key), 'no JSON, but hunter2');
  const refused = { status: 503, message: expect.not.stringContaining('hunter2') };
  await expect(page()).rejects.toMatchObject(refused);
  expect(logger.lines.map(({ message }) => message)).toContain('the archive could not be read');
  await store.delete(key);
  expect(await page()).toEqual([[], false]);
});

test('an index keeps the latest ends', () => {
  const index = new RecordIndex(10);
  const entry = (minute: number) => ({
    ...{ namespace: 'n', name: 'w', uid: `u${minute}`, key: 'k' },
    completionTime: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  });
  for (let minute = 0; minute < 100; minute++) index.add([entry((minute * 37) % 100)]);
  expect(index.size).toBeLessThanOrEqual(11);
  expect(
    index
      .newestFirst()
      .slice(0, 9)
      .map(({ uid }) => uid),
  ).toEqual([...Array(9).keys()].map((at) => `u${99 - at}`));
  index.remove('u99');
  expect(index.named('n', 'w')[0]?.uid).toBe('u98');
});
