import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type KubeClient, type KubeObject, Pod, resourceType, Secret } from '@osmo/kube';
import { isStoreError, type ObjectStore, openStore, readAll } from '@osmo/storage';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster, kubeconfig } from './harness/connect.ts';
import {
  clear,
  endOf,
  type Lab,
  newLab,
  podsOf,
  shell,
  submit,
  taskWhen,
  Workflows,
  workflowWhen,
} from './harness/lab.ts';

const minutes = 60_000;
const own = { group: 'osmo.dev', version: 'v1alpha1', namespaced: true } as const;
const Buckets = resourceType<KubeObject>({ ...own, kind: 'Bucket', plural: 'buckets' });
const Pools = resourceType<KubeObject & { spec: object }>({
  group: 'osmo.dev',
  version: 'v1alpha1',
  namespaced: false,
  kind: 'Pool',
  plural: 'pools',
});
const DatasetVersions = resourceType<KubeObject>({ ...own, kind: 'DatasetVersion', plural: 'datasetversions' });
/** Of this run alone: nobody deletes what a former one left in the store. */
const run = `e2e-data-${Date.now().toString(36)}`;
const out = '/osmo/data/output';
const smallPool = 'e2e-small-disk';
let client: KubeClient;
let lab: Lab;
let store: ObjectStore;
let bucket: string;

/** What `source .cluster/env` exports about the S3 server. */
function exported(): Record<string, string> {
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d/s3'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]));
}

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-data');
  const keys = exported();
  const endpoint = keys['OSMO_S3_ENDPOINT'] ?? '';
  const region = keys['OSMO_S3_REGION'] ?? '';
  const accessKeyId = keys['OSMO_S3_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = keys['OSMO_S3_SECRET_ACCESS_KEY'] ?? '';
  bucket = keys['OSMO_S3_BUCKET'] ?? '';
  store = await openStore(`s3://${bucket}?endpoint=${endpoint}&region=${region}`, {
    credentials: { accessKeyId, secretAccessKey },
    environment: {},
  });
  const credential = { access_key_id: accessKeyId, override_url: endpoint, region, addressing_style: 'path' };
  await secret('right-key', { ...credential, access_key: secretAccessKey });
  await secret('wrong-key', { ...credential, access_key: 'not-the-key' });
}, 2 * minutes);
afterAll(async () => {
  await clear(lab);
  await client.delete(Pools, { name: smallPool }).catch(() => undefined);
  await Promise.all([client.close(), store.close()]);
}, 5 * minutes);

async function secret(name: string, stringData: Record<string, string>): Promise<void> {
  const { namespace } = lab;
  await client.delete(Secret, { name, namespace }).catch(() => undefined);
  const labels = { 'osmo.dev/credential-type': 'data' };
  await client.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels }, stringData });
}

const url = (path: string, credential = 'right-key') => ({ url: `s3://${bucket}/${run}/${path}`, credential });

/** The text of an object; undefined when there is none. */
async function stored(path: string): Promise<string | undefined> {
  try {
    return (await readAll(store, `${run}/${path}`, { limit: 1 << 20 })).toString();
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

const outcome = (task: Task | undefined) => [task?.status?.phase, task?.status?.reason, task?.status?.exitCode];
const ended = ['Completed', undefined, 0];

describe('between tasks', () => {
  test(
    'what one wrote is there for the next, whoever may read it; of what came before, by regex, only a part',
    async () => {
      const files = `mkdir ${out}/sub; echo one >${out}/a.json; echo two >${out}/sub/b.txt`;
      await submit(lab, 'serial', {
        tasks: [
          shell('prepare', `${files}; chmod 600 ${out}/a.json; chmod 700 ${out}/sub`),
          shell('all', 'cd /osmo/data/input/0; test "$(cat a.json sub/b.txt | tr "\\n" ,)" = one,two,', {
            inputs: [{ task: { name: 'prepare' } }],
          }),
          shell('part', 'cd /osmo/data/input/0; test "$(find . -type f)" = ./a.json', {
            inputs: [{ task: { name: 'prepare', regex: '.*json' } }],
          }),
          shell('both', 'test "$(cat /osmo/data/input/0/a.json)" = one && test -z "$(ls /osmo/data/input/1)"', {
            inputs: [{ task: { name: 'prepare' } }, { task: { name: 'all' } }],
          }),
        ],
      });
      const { tasks } = await endOf(lab, 'serial');
      const outcomes = Object.fromEntries([...tasks].map(([name, task]) => [name, outcome(task)]));
      // Nothing was written by `all`: as an input it is an empty folder.
      expect(outcomes).toEqual({ prepare: ended, all: ended, part: ended, both: ended });
      const { output } = tasks.get('prepare')?.status?.data ?? {};
      expect(output).toMatchObject({ files: 2, bytes: 8, manifest: expect.stringMatching(/^blake3:/) });
      expect(tasks.get('all')?.status?.data?.input).toMatchObject({ files: 2, bytes: 8 });
      expect(tasks.get('part')?.status?.data?.input).toMatchObject({ files: 1, bytes: 4 });
    },
    5 * minutes,
  );
});

describe('URLs', () => {
  test(
    'an input comes down and an output goes up, also when the command fails; nothing of the credential is in its container',
    async () => {
      await store.put(`${run}/in/x/y.txt`, Buffer.from('from afar'));
      const copy = `cp /osmo/data/input/0/x/y.txt ${out}/copy.txt; cat /run/osmo/plan/* /run/osmo/credentials/*/* >${out}/seen`;
      await submit(lab, 'urls', {
        tasks: [
          shell('copy', `${copy}; exit 3`, {
            inputs: [{ url: url('in') }],
            outputs: [{ url: url('out') }],
            kpis: [{ index: 'length', path: 'copy.txt' }],
          }),
        ],
      });
      const task = (await endOf(lab, 'urls')).tasks.get('copy');
      expect(outcome(task)).toEqual(['Failed', 'Error', 3]);
      expect(task?.status?.data).toMatchObject({ input: { files: 1, bytes: 9 }, outputs: [{ index: 0, files: 2 }] });
      // Of an output that goes elsewhere, the key figures alone are kept for others.
      expect(task?.status?.data?.output).toMatchObject({ files: 1, bytes: 9, manifest: expect.any(String) });
      expect(await stored('out/copy.txt')).toBe('from afar');
      expect(await stored('out/seen')).toBe('');
    },
    5 * minutes,
  );

  test(
    'a wrong key is told before the command runs, and isn’t tried again',
    async () => {
      await submit(lab, 'denied', {
        tasks: [
          shell('read', 'true', { inputs: [{ url: url('in', 'wrong-key') }] }),
          shell('write', 'true', { outputs: [{ url: url('out', 'wrong-key') }] }),
        ],
      });
      const { tasks } = await endOf(lab, 'denied');
      for (const [name, what] of Object.entries({ read: 'input 0', write: 'output 0' })) {
        const task = tasks.get(name);
        expect([task?.status?.reason, task?.status?.attempt]).toEqual(['DataDenied', 0]);
        expect([2013, 2014]).toContain(task?.status?.exitCode);
        expect(task?.status?.message).toContain(what);
        expect(task?.status?.message).not.toContain('not-the-key');
        expect(task?.status?.startTime).toBeUndefined();
      }
    },
    5 * minutes,
  );
});

describe('a full disk', () => {
  test(
    'ends a task before its command, by the file that had no room, and is not tried again',
    async () => {
      const { spec } = await client.get(Pools, { name: 'default' });
      const volumes = [{ name: 'osmo-input', emptyDir: { medium: 'Memory', sizeLimit: '4Mi' } }];
      const podTemplate = {
        spec: { containers: [{ name: '{{USER_CONTAINER_NAME}}', imagePullPolicy: 'IfNotPresent' }], volumes },
      };
      const object = {
        apiVersion: 'osmo.dev/v1alpha1',
        kind: 'Pool',
        metadata: { name: smallPool },
        spec: { ...spec, podTemplate },
      };
      await client.apply(Pools, object, { fieldManager: 'osmo-e2e', force: true });
      await store.put(`${run}/large/a`, Buffer.from('fits'));
      await store.put(`${run}/large/b`, Buffer.alloc(16 << 20, 'x'));
      await submit(lab, 'full', {
        pool: smallPool,
        tasks: [
          shell('read', `echo never >${out}/half`, {
            inputs: [{ url: url('large') }],
            outputs: [{ url: url('half') }],
          }),
        ],
      });
      const task = (await endOf(lab, 'full')).tasks.get('read');
      expect(outcome(task)).toEqual(['Failed', 'DataError', 2032]);
      expect(task?.status?.message).toMatch(/input 0: .*ENOSPC/);
      expect([task?.status?.attempt, task?.status?.startTime]).toEqual([0, undefined]);
      expect(await stored('half/half')).toBeUndefined();
    },
    5 * minutes,
  );
});

/** A Bucket of the namespace, with a folder of its own in the store. */
async function newBucket(name: string): Promise<void> {
  const metadata = { name, namespace: lab.namespace };
  await client.delete(Buckets, metadata).catch(() => undefined);
  await client.create(Buckets, {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Bucket',
    metadata,
    spec: { url: `s3://${bucket}/${run}/${name}`, credential: 'right-key' },
  } as KubeObject);
}

describe('datasets', () => {
  test(
    'a version becomes the next one, and who comes after that reads it',
    async () => {
      const { namespace } = lab;
      await newBucket('sets');
      const name = `sets/${run.replace('e2e-data', 'lidar')}`;
      const folder = `/osmo/data/input/0/${name.slice('sets/'.length)}`;
      await submit(lab, 'versions', {
        tasks: [
          shell('first', `echo 1 >${out}/a; echo 1 >${out}/b`, { outputs: [{ dataset: { name } }] }),
          shell('second', `test "$(cat ${folder}/a)" = 1 && echo 2 >${out}/b`, {
            inputs: [{ dataset: { name } }, { task: { name: 'first' } }],
            outputs: [{ updateDataset: { name } }],
          }),
          shell('third', `test "$(cat ${folder}/a ${folder}/b | tr "\\n" ,)" = 1,2,`, {
            inputs: [{ dataset: { name } }, { task: { name: 'second' } }],
          }),
        ],
      });
      const { tasks } = await endOf(lab, 'versions');
      const outcomes = Object.fromEntries(
        [...tasks].map(([task, { status }]) => [task, [status?.phase, status?.message]]),
      );
      const well = ['Completed', undefined];
      expect(outcomes).toEqual({ first: well, second: well, third: well });
      const versions = async () => {
        const { items } = await client.list(DatasetVersions, { namespace });
        const numbers = items.flatMap(({ metadata: { name: object }, ...rest }) =>
          object.includes(run.replace('e2e-data', 'lidar'))
            ? [(rest as unknown as { spec: { version: number } }).spec.version]
            : [],
        );
        return numbers.toSorted((a, b) => a - b).join() === '1,2' || undefined;
      };
      await poll('two versions', versions, { timeoutMs: 2 * minutes });
    },
    6 * minutes,
  );
});

describe('a workflow that is run again', () => {
  test(
    'reads the version that it read if it is pinned, else the latest',
    async () => {
      await newBucket('pins');
      const dataset = { name: `pins/${run.replace('e2e-data', 'radar')}` };
      const folder = `/osmo/data/input/0/${dataset.name.slice('pins/'.length)}`;
      const make = async (name: string, text: string): Promise<void> => {
        await submit(lab, name, { tasks: [shell('make', `echo ${text} >${out}/a`, { outputs: [{ dataset }] })] });
        const { workflow } = await endOf(lab, name);
        expect([workflow.status?.phase, workflow.status?.message]).toEqual(['Completed', undefined]);
      };
      /** How the task ended in this run: its exit code says which version it found. */
      const read = async (number: number): Promise<unknown[]> => {
        await workflowWhen(
          lab,
          'reads',
          `the end of run ${number}`,
          ({ status }) => (status?.run ?? 0) === number && status?.phase === 'Failed',
        );
        const task = await taskWhen(lab, 'reads', 'read', ['Failed']);
        return [task.status?.run ?? 0, task.status?.exitCode, task.spec.data?.inputs?.[0]?.dataset?.version];
      };
      const again = (restart: object) =>
        client.patch(
          Workflows,
          { name: 'reads', namespace: lab.namespace },
          { kind: 'merge', body: { spec: { restart } } },
        );
      await make('radar-one', 'one');
      const line = `case $(cat ${folder}/a) in one) exit 11;; two) exit 12;; esac`;
      await submit(lab, 'reads', { tasks: [shell('read', line, { inputs: [{ dataset }] })] });
      expect(await read(0)).toEqual([0, 11, 1]);
      await make('radar-two', 'two');
      await again({ id: 'one', pinned: true });
      expect(await read(1)).toEqual([1, 11, 1]);
      await again({ id: 'two', pinned: null });
      expect(await read(2)).toEqual([2, 12, 2]);
    },
    10 * minutes,
  );
});

describe('a pod that is deleted', () => {
  test(
    'leaves its checkpoint in the store, uploads no output, and its task goes on',
    async () => {
      const checkpoint = { path: '/models', ...url('models'), frequencySeconds: 1 };
      await submit(lab, 'killed', {
        tasks: [
          shell(
            'train',
            // It dies of the signal: any other end in the second of the deletion would count as its own.
            `echo partial >${out}/result; echo step >/models/step; trap 'exit 143' TERM; sleep 3600 & wait`,
            {
              checkpoints: [checkpoint],
              outputs: [{ url: url('never') }],
              retryPolicy: { maxInfrastructureRetries: 2 },
            },
          ),
        ],
      });
      const there = async (): Promise<true | undefined> =>
        (await stored('models/models/step'))?.startsWith('step') || undefined;
      await poll('the checkpoint', there, { timeoutMs: 3 * minutes });
      const first = (await podsOf(lab)).find(({ metadata }) => metadata.labels?.['osmo.task_name'] === 'train');
      const { name = '', namespace = '', uid } = first?.metadata ?? {};
      await client.delete(Pod, { name, namespace });
      const again = await poll(
        'another attempt',
        async () => {
          const task = await taskWhen(lab, 'killed', 'train', ['Running']);
          return task.status?.podUID === uid ? undefined : task;
        },
        { timeoutMs: 4 * minutes },
      );
      expect(again.status?.attempts?.[0]).toMatchObject({ cause: 'Infrastructure', reason: 'BackendError' });
      const cancel = { kind: 'merge', body: { spec: { cancel: { by: 'ada' } } } } as const;
      await client.patch(Workflows, { name: 'killed', namespace: lab.namespace }, cancel);
      const { tasks } = await endOf(lab, 'killed');
      expect(tasks.get('train')?.status?.reason).toBe('Canceled');
      await poll(
        'its pods to be gone',
        async () =>
          (await podsOf(lab)).every(({ metadata }) => metadata.labels?.['osmo.workflow_id'] !== 'killed') || undefined,
        { timeoutMs: 4 * minutes },
      );
      expect(await stored('models/models/step')).toBe('step\n');
      expect(await stored('never/result')).toBeUndefined();
    },
    12 * minutes,
  );
});
