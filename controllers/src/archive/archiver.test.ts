import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Api } from '@osmo/crds';
import type { Task, Workflow } from '@osmo/crds';
import { type Event, KubeError, type ListOptions, type ListResult, silentLogger } from '@osmo/kube';
import { type ObjectStore, openStore, readRecord } from '@osmo/storage';
import { workflow } from '../testing/objects.ts';
import { Archiver } from './archiver.ts';

const now = new Date('2026-01-02T00:00:00Z');
const end = new Date('2026-01-01T13:00:00Z');
const uid = '11111111-2222-3333-4444-555555555555';

let folder: string;
let store: ObjectStore;
const counted = { stored: 0, failed: 0 };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-archive-'));
  store = await openStore(`file://${folder}/archive`);
  Object.assign(counted, { stored: 0, failed: 0 });
});

afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

function task(index: number): Task {
  return {
    apiVersion: Api.apiVersion,
    kind: 'Task',
    metadata: { name: `wf.t-${index}`, namespace: 'lab', uid: `task-${index}`, managedFields: [{ manager: 'x' }] },
    spec: { taskName: `t-${index}`, image: 'busybox' },
    status: {
      phase: 'Completed',
      attempt: 1,
      conditions: [],
      imageID: 'busybox@sha256:new',
      attempts: [{ attempt: 0, cause: 'Infrastructure', phase: 'Failed', imageID: 'busybox@sha256:old' }],
    },
  } as unknown as Task;
}

function event(name: string, about: string, eventTime: string): Event {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name },
    eventTime,
    regarding: { uid: about },
  } as Event;
}

/** Tasks in pages of three, and what was asked for. */
function api(count: number, fails = false) {
  const asked: ListOptions[] = [];
  const list = async (_: unknown, options: ListOptions = {}): Promise<ListResult<never>> => {
    asked.push(options);
    if (fails) throw new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'down' });
    const from = Number(options.continue ?? 0);
    const items = Array.from({ length: Math.min(3, count - from) }, (__, index) => task(from + index));
    const next = from + 3 < count ? { continue: String(from + 3) } : {};
    return { items, metadata: { resourceVersion: '9', ...next } } as unknown as ListResult<never>;
  };
  return { asked, list };
}

function archiver(client: { list: unknown }): Archiver {
  const events = [
    event('late', uid, '2026-01-01T13:00:00.000000Z'),
    event('early', uid, '2026-01-01T12:00:00.000000Z'),
    event('task', 'task-4', '2026-01-01T12:30:00.000000Z'),
    event('other', 'somebody', '2026-01-01T12:30:00.000000Z'),
  ];
  return new Archiver({
    store,
    client: client as never,
    events: { byIndex: (_, value) => events.filter(({ regarding }) => regarding?.uid === value) },
    metrics: { stored: () => void counted.stored++, failed: () => void counted.failed++ },
  });
}

function finished(): Workflow {
  const base = workflow({ source: { template: 'a: {{b}}' } });
  const annotations = { 'osmo.dev/submitted-by': 'ada', 'kubectl.kubernetes.io/last-applied-configuration': '{…}' };
  const metadata = { ...base.metadata, uid, annotations, labels: { team: 'arm' } };
  return { ...base, metadata, status: { phase: 'Failed', reason: 'OOMKilled', conditions: [] } };
}

const context = () => ({ now, signal: new AbortController().signal, logger: silentLogger });

test('the record has the workflow, all Tasks with their attempts, the Events about them and the images that ran', async () => {
  const client = api(7);
  const archived = await archiver(client).archive(finished(), end, context());
  expect(archived).toEqual({ state: 'Stored', url: `${store.url}/records/lab/${uid}.json.gz` });
  expect(client.asked.map(({ namespace, labelSelector }) => `${namespace} ${labelSelector}`)).toEqual(
    Array.from({ length: 3 }, () => `lab osmo.dev/workflow-uid=${uid}`),
  );
  const record = await readRecord<Workflow, Task, Event>(store, { namespace: 'lab', uid });
  expect(record?.workflow).toEqual(finished());
  expect(record?.tasks.map(({ metadata }) => metadata.name)).toEqual(Array.from({ length: 7 }, (_, i) => `wf.t-${i}`));
  expect(record?.tasks[0]?.metadata).not.toHaveProperty('managedFields');
  expect(record?.tasks[0]?.status?.attempts).toHaveLength(1);
  expect(record?.events.map(({ metadata }) => metadata.name)).toEqual(['early', 'late', 'task']);
  expect(record?.images).toEqual([{ image: 'busybox', imageIDs: ['busybox@sha256:new', 'busybox@sha256:old'] }]);
  expect(record?.summary).toEqual({
    namespace: 'lab',
    name: 'wf',
    uid,
    run: 0,
    phase: 'Failed',
    reason: 'OOMKilled',
    pool: 'default',
    priority: 'Normal',
    submittedBy: 'ada',
    labels: { team: 'arm' },
    annotations: { 'osmo.dev/submitted-by': 'ada' },
    creationTime: '2026-01-01T12:00:00Z',
    completionTime: '2026-01-01T13:00:00Z',
  });
  expect(counted).toEqual({ stored: 1, failed: 0 });
});

test('a store that fails is asked again after pauses that grow, and nothing is read for it', async () => {
  await writeFile(join(folder, 'archive'), 'in the way');
  const client = api(7);
  const one = archiver(client);
  const at = (seconds: number) => ({ ...context(), now: new Date(now.getTime() + seconds * 1000) });
  const states: [number, string][] = [];
  for (const seconds of [0, 4, 5, 14, 15, 34, 35]) {
    const archived = await one.archive(finished(), end, at(seconds));
    const retryAt = 'retryAt' in archived ? archived.retryAt.getTime() : 0;
    states.push([(retryAt - now.getTime()) / 1000, archived.state]);
  }
  expect(states).toEqual([
    [5, 'Failed'],
    [5, 'Waiting'],
    [15, 'Failed'],
    [15, 'Waiting'],
    [35, 'Failed'],
    [35, 'Waiting'],
    [75, 'Failed'],
  ]);
  expect(counted).toEqual({ stored: 0, failed: 4 });
  one.forget(uid);
  expect(await one.archive(finished(), end, at(36))).toMatchObject({ state: 'Failed' });
  await rm(join(folder, 'archive'));
  expect(await one.archive(finished(), end, at(99))).toMatchObject({ state: 'Stored' });
  expect(client.asked).toHaveLength(3);
});

test('an apiserver that fails is no failure of the store, and leaves nothing there', async () => {
  await expect(archiver(api(7, true)).archive(finished(), end, context())).rejects.toThrow('down');
  expect(await readRecord(store, { namespace: 'lab', uid })).toBeUndefined();
  expect(counted).toEqual({ stored: 0, failed: 0 });
});
