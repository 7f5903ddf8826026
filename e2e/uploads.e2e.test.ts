import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type KubeClient, type KubeObject, Pod, resourceType, Secret, Service } from '@osmo/kube';
import { type ObjectStore, openStore } from '@osmo/storage';
import { openRepository } from '@osmo/storage/repository';
import { poll } from '../hack/cluster/system/poll.ts';
import { connectToCluster, kubeconfig, systemNamespace } from './harness/connect.ts';
import { clear, endOf, type Lab, newLab, podsOf, shell, submit } from './harness/lab.ts';
import { processesOfContainer } from './harness/processes.ts';

const minutes = 60_000;
const own = { group: 'osmo.dev', version: 'v1alpha1' } as const;
const Buckets = resourceType<KubeObject>({ ...own, kind: 'Bucket', plural: 'buckets', namespaced: true });
const Pools = resourceType<KubeObject & { spec: object }>({ ...own, kind: 'Pool', plural: 'pools', namespaced: false });
const DatasetVersions = resourceType<KubeObject & { spec: { manifest: string; provenance: object } }>({
  ...own,
  kind: 'DatasetVersion',
  plural: 'datasetversions',
  namespaced: true,
});
/** Of this run alone: nobody deletes what a former one left in the store. */
const run = `e2e-uploads-${Date.now().toString(36)}`;
/** Datasets of former runs may be there still. */
const lidar = run.replace('e2e-uploads', 'lidar');
const out = '/osmo/data/output';
const pool = 'e2e-uploads';
const slow = { name: 'e2e-slow-store', namespace: 'default' };
const runtimeName = 'osmo-runtime';
let client: KubeClient;
let lab: Lab;
let s3: Readonly<Record<string, string>>;
const stores: ObjectStore[] = [];

/**
 * Stands before the S3 server in the cluster. Of each connection it lets the first megabyte and a half pass, then almost
 * nothing: who uploads much is in the midst of it for longer than anything here takes.
 */
const almostStopped = `
const [host, port] = process.argv.slice(1);
const server = require('node:net').createServer((client) => {
  const store = require('node:net').connect(Number(port), host);
  const end = () => { client.destroy(); store.destroy(); };
  for (const each of [client, store]) each.on('error', end).on('close', end);
  store.pipe(client);
  let seen = 0;
  client.on('data', (bytes) => {
    seen += bytes.length;
    if (seen < 1_500_000) return void store.write(bytes);
    client.pause();
    setTimeout(() => { store.write(bytes); client.resume(); }, bytes.length / 4);
  });
  client.on('end', () => store.end());
});
server.listen(9000);
process.on('SIGTERM', () => process.exit(0));
`;

beforeAll(async () => {
  client = await connectToCluster();
  lab = await newLab(client, 'e2e-uploads');
  const text = readFileSync(join(dirname(kubeconfig()), 'env.d/s3'), 'utf8');
  s3 = Object.fromEntries(
    [...text.matchAll(/^export OSMO_S3_(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );
  await startSlowStore();
  await makePool();
  const key = {
    metadata: { name: 'slow-key', namespace: lab.namespace, labels: { 'osmo.dev/credential-type': 'data' } },
  };
  const stringData = {
    access_key_id: s3['ACCESS_KEY_ID'] ?? '',
    access_key: s3['SECRET_ACCESS_KEY'] ?? '',
    override_url: `http://${slow.name}.${slow.namespace}.svc:9000`,
    region: s3['REGION'] ?? '',
    addressing_style: 'path',
  };
  const options = { fieldManager: 'osmo-e2e', force: true };
  await client.apply(Secret, { apiVersion: 'v1', kind: 'Secret', ...key, stringData }, options);
}, 10 * minutes);
afterAll(async () => {
  await endGhosts();
  await clear(lab);
  await client.delete(Pools, { name: pool }).catch(() => undefined);
  await client.delete(Service, slow).catch(() => undefined);
  await client.delete(Pod, slow).catch(() => undefined);
  await Promise.all([client.close(), ...stores.map((store) => store.close())]);
}, 10 * minutes);

async function startSlowStore(): Promise<void> {
  // A program of our own images is the only one with Node.
  const image = await poll(
    'an image with Node',
    async () => {
      const labelSelector = 'app.kubernetes.io/component=controllers';
      const { items } = await client.list(Pod, { namespace: systemNamespace, labelSelector });
      return items[0]?.spec.containers[0]?.image;
    },
    { timeoutMs: 3 * minutes },
  );
  const { hostname, port } = new URL(s3['ENDPOINT'] ?? '');
  const labels = { app: slow.name };
  await client.delete(Pod, slow, { gracePeriodSeconds: 0 }).catch(() => undefined);
  await client.delete(Service, slow).catch(() => undefined);
  const command = ['/usr/bin/node', '-e', almostStopped, hostname, port];
  const container = {
    name: 'store',
    image,
    imagePullPolicy: 'IfNotPresent',
    command,
    ports: [{ containerPort: 9000 }],
  };
  const readinessProbe = { tcpSocket: { port: 9000 }, periodSeconds: 1 };
  await client.create(Pod, {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { ...slow, labels } },
    spec: { containers: [{ ...container, readinessProbe }], terminationGracePeriodSeconds: 1 },
  } as Pod);
  await client.create(Service, {
    ...{ apiVersion: 'v1', kind: 'Service', metadata: slow },
    spec: { selector: labels, ports: [{ port: 9000 }] },
  });
  const isReady = async (): Promise<true | undefined> =>
    (await client.get(Pod, slow)).status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    ) || undefined;
  await poll('the slow store', isReady, { timeoutMs: 4 * minutes });
}

/** Its commands know which attempt they are. */
async function makePool(): Promise<void> {
  const { spec } = await client.get(Pools, { name: 'default' });
  const env = [{ name: 'ATTEMPT', value: '{{WF_RETRY_ID}}' }];
  const containers = [{ name: '{{USER_CONTAINER_NAME}}', imagePullPolicy: 'IfNotPresent', env }];
  const podTemplate = { spec: { containers } };
  const object = {
    apiVersion: 'osmo.dev/v1alpha1',
    kind: 'Pool',
    metadata: { name: pool },
    spec: { ...spec, podTemplate },
  };
  await client.apply(Pools, object, { fieldManager: 'osmo-e2e', force: true });
}

/** A bucket that is written through the slow store, and as this test sees it. */
async function newBucket(name: string): Promise<ObjectStore> {
  const { namespace } = lab;
  const url = `s3://${s3['BUCKET']}/${run}/${name}`;
  await client.delete(Buckets, { name, namespace }).catch(() => undefined);
  await client.create(Buckets, {
    ...{ apiVersion: 'osmo.dev/v1alpha1', kind: 'Bucket', metadata: { name, namespace } },
    spec: { url, credential: 'slow-key' },
  } as KubeObject);
  const store = await openStore(`${url}?endpoint=${s3['ENDPOINT']}&region=${s3['REGION']}`, {
    credentials: { accessKeyId: s3['ACCESS_KEY_ID'] ?? '', secretAccessKey: s3['SECRET_ACCESS_KEY'] ?? '' },
    environment: {},
  });
  stores.push(store);
  return store;
}

/** The pod of the first attempt, when its command has ended and its version is being written. */
async function uploading(workflow: string, store: ObjectStore): Promise<Pod> {
  return poll(
    `${workflow} to upload`,
    async () => {
      const pod = (await podsOf(lab)).find(
        ({ metadata: { labels = {} } }) =>
          labels['osmo.workflow_id'] === workflow &&
          labels['osmo.task_name'] === 'make' &&
          labels['osmo.retry_id'] === '0',
      );
      const runtime = pod?.status?.initContainerStatuses?.find(({ name }) => name === runtimeName);
      const hasEnded = pod?.status?.containerStatuses?.[0]?.state?.terminated !== undefined;
      if (!hasEnded || runtime?.state?.running === undefined) throw new Error(JSON.stringify(pod?.status ?? 'no pod'));
      for await (const { objects } of store.list('intents/')) if (objects.length > 0) return pod;
      return undefined;
    },
    { timeoutMs: 4 * minutes },
  );
}

interface Story {
  name: string;
  /** What becomes of the pod. */
  strike: (pod: Pod) => Promise<unknown>;
  /** Why the first attempt failed. */
  reason: string;
  exitCode: number;
}

const stories: readonly Story[] = [
  {
    name: 'deleted',
    strike: ({ metadata: { name = '', namespace = '' } }) =>
      client.delete(Pod, { name, namespace }, { gracePeriodSeconds: 0 }),
    reason: 'BackendError',
    exitCode: 3001,
  },
  {
    name: 'killed',
    strike: async (pod) => killRuntime(pod),
    reason: 'UploadFailed',
    exitCode: 2012,
  },
  {
    name: 'evicted',
    // As who drains a node does, who doesn't wait.
    strike: ({ metadata: { name = '', namespace = '' } }) =>
      client.evict({ name, namespace }, { gracePeriodSeconds: 1 }),
    reason: 'BackendError',
    exitCode: 3001,
  },
];

function killRuntime(pod: Pod): void {
  for (const { pid } of processesOfContainer(pod, runtimeName)) process.kill(pid, 'SIGKILL');
}

/**
 * Ends what still uploads: the kubelet leaves a runtime that had begun all the time that it was given, whatever becomes of
 * its pod meanwhile.
 */
async function endGhosts(): Promise<void> {
  const gone = async (): Promise<true | undefined> => {
    const ghosts = (await podsOf(lab)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    ghosts.forEach(killRuntime);
    return ghosts.length === 0 || undefined;
  };
  await poll('the end of pods that were deleted', gone, { timeoutMs: 4 * minutes, intervalMs: 1000 });
}

/** Much in the first attempt, which never comes through, and little in those after it; which one it was is in the files. */
const make = `cd ${out}; case $ATTEMPT in 0) n=24;; *) n=1;; esac; dd if=/dev/urandom of=data bs=1M count=$n; echo $ATTEMPT >attempt; sha256sum data attempt >sums`;

async function struck({ name, strike }: Story): Promise<void> {
  const store = await newBucket(name);
  const dataset = { name: `${name}/${lidar}` };
  const check = '[ $(cat attempt) != 0 ] && sha256sum -c sums';
  await submit(lab, name, {
    pool,
    resources: [{ name: 'default', cpu: '50m', memory: '64Mi' }],
    tasks: [
      shell('make', make, { outputs: [{ dataset }], retryPolicy: { maxRetries: 2, maxInfrastructureRetries: 5 } }),
      shell('read', `cd /osmo/data/input/0/${lidar} && ${check} && cd /osmo/data/input/1 && ${check}`, {
        inputs: [{ dataset }, { task: { name: 'make' } }],
      }),
    ],
  });
  await strike(await uploading(name, store));
}

async function versionsOf(name: string): Promise<object[]> {
  const { items } = await client.list(DatasetVersions, { namespace: lab.namespace });
  return items.filter(({ metadata }) => metadata.name.startsWith(`${name}.${lidar}.`)).map(({ spec }) => spec);
}

const outcome = (task: Task | undefined) => [task?.status?.phase, task?.status?.message];

test(
  'a runtime that is killed, deleted by force or evicted in the midst of an upload leaves nothing that anybody reads; the next attempt makes the one version',
  async () => {
    await Promise.all(stories.map(struck));
    for (const { name, reason, exitCode } of stories) {
      // oxlint-disable no-await-in-loop
      const { tasks } = await endOf(lab, name, 6 * minutes);
      const [made, read] = [tasks.get('make'), tasks.get('read')];
      expect([name, outcome(made), outcome(read)]).toEqual([name, ['Completed', undefined], ['Completed', undefined]]);
      expect([name, made?.status?.attempts?.[0]]).toEqual([name, expect.objectContaining({ reason, exitCode })]);
      const versions = await versionsOf(name);
      const manifest = made?.status?.data?.outputs?.[0]?.manifest;
      const provenance = expect.objectContaining({ attempt: made?.status?.attempt, outcome: 'Completed' });
      expect(versions).toEqual([expect.objectContaining({ manifest, version: 1, provenance })]);
      // oxlint-enable no-await-in-loop
    }
    // Nor does anything come of those that went on after their pods were given up.
    await endGhosts();
    for (const store of stores) {
      // oxlint-disable no-await-in-loop
      const repository = await openRepository(store, { workers: 0 });
      const problems: unknown[] = [];
      for await (const problem of repository.verify({ data: true })) problems.push(problem);
      await repository.close();
      // oxlint-enable no-await-in-loop
      expect(problems).toEqual([]);
    }
    for (const { name } of stories) expect(await versionsOf(name)).toHaveLength(1);
  },
  20 * minutes,
);
