import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Task, Workflow } from '@osmo/crds';
import {
  createImpersonator,
  Event,
  type Impersonator,
  isNotFound,
  type KubeClient,
  KubeError,
  loadAccess,
  systemClock,
} from '@osmo/kube';
import { installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { listRecords, type ObjectStore, openStore, readRecord, readSummary, recordKey } from '@osmo/storage';
import type { ControlPlane } from '../../../hack/cluster/control-plane/options.ts';
import { startControlPlane } from '../../../hack/cluster/control-plane/start.ts';
import { type S3Server, startS3Server } from '../../../hack/testing/s3-server.ts';
import { Tasks, Workflows } from '../kinds.ts';
import { permissions } from '../permissions.ts';
import { leaving, manifestOf } from '../testing/data.ts';
import { Hub, Lab } from '../testing/hub.ts';
import { isFinal } from '../workflow/status.ts';
import { PlayedBackend } from '../testing/played-backend.ts';

/*
 * A control plane of its own: controllers of other tests, which look at all namespaces, would delete what is to be recorded
 * here.
 */
let plane: ControlPlane;
let server: S3Server;
let client: KubeClient;
let impersonator: Impersonator;
let store: ObjectStore;
let lab: Lab;
let backend: PlayedBackend;

beforeAll(async () => {
  [plane, server] = await Promise.all([startControlPlane(), startS3Server()]);
  server.makeBucket('archive');
  const access = await loadAccess({ kubeconfig: plane.kubeconfigPath, clock: systemClock, env: {} });
  impersonator = createImpersonator({ access, userAgent: 'osmo-test' });
  client = impersonator.own;
  await installDefinitions(client, new URL('../../../crds/yaml/', import.meta.url));
}, 30 * 60_000);

beforeEach(async () => {
  lab = new Lab(client, await newNamespace(client, 'archive'));
  await lab.makeBackend(lab.namespace);
  await lab.makePool(lab.namespace);
  backend = new PlayedBackend(client, lab.namespace, ({ spec }) =>
    spec.command.includes('fail')
      ? { phase: 'Failed', reason: 'Error', exitCode: 3 }
      : { data: leaving(spec.taskName) },
  );
  const url = `s3://archive/${lab.namespace}?endpoint=${server.endpoint}&region=${server.region}`;
  store = await openStore(url, { credentials: server.credentials, environment: {} });
});

afterEach(async () => {
  await backend?.stop();
  await lab?.clear();
  await store?.close();
});

afterAll(async () => {
  await client?.close();
  await server?.stop();
  await plane?.stop();
}, 120_000);

const task = (name: string, command: string, ...needs: string[]) => ({
  name,
  image: 'busybox',
  command: [command],
  ...(needs.length > 0 && { inputs: needs.map((each) => ({ task: { name: each } })) }),
});

/** A client with the rights of the controllers' own role, and no others. */
async function limited(): Promise<KubeClient> {
  const user = `controllers-of-${lab.namespace}`;
  const group = 'rbac.authorization.k8s.io';
  const rules = permissions.map(({ apiGroups, resources, verbs }) => ({ apiGroups, resources, verbs }));
  const role = { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name: user }, rules };
  const subjects = [{ apiGroup: group, kind: 'User', name: user }];
  const roleRef = { apiGroup: group, kind: 'ClusterRole', name: user };
  const binding = {
    apiVersion: `${group}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: user },
    subjects,
    roleRef,
  };
  await client.request('POST', `/apis/${group}/v1/clusterroles`, { body: role });
  await client.request('POST', `/apis/${group}/v1/clusterrolebindings`, { body: binding });
  const granted = impersonator.as({ user });
  // The server's own view of roles follows a moment later.
  await until(
    () => granted.list(Workflows, { namespace: lab.namespace, limit: 1 }),
    () => true,
  );
  return granted;
}

/** Runs controllers while `work` does something. */
async function during<T>(hub: Hub, work: () => Promise<T>): Promise<T> {
  hub.start();
  try {
    return await work();
  } finally {
    await hub.stop();
  }
}

const gone = (name: string): Promise<unknown> =>
  until(
    () => lab.get(name).catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error as Error))),
    (found) => found === undefined,
  );

async function eventsOf(name: string): Promise<Event[]> {
  const { items } = await client.list(Event, { namespace: lab.namespace });
  return items.filter(({ regarding }) => regarding?.name === name);
}

/** Everything of every kind that is in the namespace, but Events, which the apiserver lets go by itself. */
async function objects(): Promise<string[]> {
  const groups = (await client.request('GET', '/apis')).body.toString();
  const { groups: known } = JSON.parse(groups) as { groups: { preferredVersion: { groupVersion: string } }[] };
  const paths = ['/api/v1', ...known.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  const found = await Promise.all(
    paths.map(async (path) => {
      const { resources } = JSON.parse((await client.request('GET', path)).body.toString()) as {
        resources: { name: string; namespaced: boolean; verbs: string[] }[];
      };
      const listed = resources.filter(
        ({ name, namespaced, verbs }) => namespaced && verbs.includes('list') && name !== 'events',
      );
      const lists = await Promise.all(
        listed.map(async ({ name }) => {
          const list = await client.request('GET', `${path}/namespaces/${lab.namespace}/${name}`);
          const { items } = JSON.parse(list.body.toString()) as { items: { metadata: { name: string } }[] };
          return items.map(({ metadata }) => `${name}/${metadata.name}`);
        }),
      );
      return lists.flat();
    }),
  );
  return found.flat().toSorted();
}

test('finished workflows go to the archive, whole, and nothing of them stays', async () => {
  // What Kubernetes itself puts into a namespace.
  const before = await until(objects, (found) =>
    ['configmaps/', 'serviceaccounts/'].every((kind) => found.some((each) => each.startsWith(kind))),
  );
  const names = Array.from({ length: 20 }, (_, index) => `wf-${index}`);
  const workflows = await during(new Hub(client, lab.namespace), async () => {
    for (const [index, name] of names.entries()) {
      const end = task('end', index % 5 === 0 ? 'fail' : 'run', 'start');
      await lab.submit(name, { tasks: [task('start', 'run'), end], source: { template: `name: ${name}` } });
    }
    // One list for all: twenty readers would keep a busy machine from its work.
    const all = async () => (await client.list(Workflows, { namespace: lab.namespace })).items;
    const ended = await until(all, (found) => found.filter(({ status }) => isFinal(status)).length === names.length);
    const told = async () =>
      new Set((await client.list(Event, { namespace: lab.namespace })).items.map(({ regarding }) => regarding?.uid));
    await until(told, (uids) => ended.every(({ metadata }) => uids.has(metadata.uid)));
    return ended;
  });
  expect((await objects()).filter((each) => !before.includes(each))).toHaveLength(60);
  const options = { archive: store, ttlSecondsAfterFinished: 0 };
  await during(new Hub(await limited(), lab.namespace, options), async () => {
    await until(objects, (found) => JSON.stringify(found) === JSON.stringify(before));
  });
  for (const { metadata, spec, status } of workflows) {
    const { name, uid = '' } = metadata;
    const isToFail = Number(name.split('-')[1]) % 5 === 0;
    const record = await readRecord<Workflow, Task, Event>(store, { namespace: lab.namespace, uid });
    expect(record?.workflow).toMatchObject({ metadata: { name, uid }, spec, status });
    expect(record?.workflow.status?.phase).toBe(isToFail ? 'Failed' : 'Completed');
    expect(record?.tasks.map(({ metadata: { name: taskName }, status: end }) => [taskName, end?.phase])).toEqual([
      [`${name}.end`, isToFail ? 'Failed' : 'Completed'],
      [`${name}.start`, 'Completed'],
    ]);
    expect(record?.events.map(({ regarding }) => regarding?.uid)).toContain(uid);
  }
  const listed: string[] = [];
  for await (const entry of listRecords(store, lab.namespace)) listed.push(entry.uid);
  expect(listed.toSorted()).toEqual(workflows.map(({ metadata }) => metadata.uid ?? '').toSorted());
});

test('what a workflow left in storage is read by another when the first is archived, and said when it never was there', async () => {
  await during(new Hub(client, lab.namespace, { archive: store }), async () => {
    await lab.submit('first', { tasks: [task('only', 'run')], ttlSecondsAfterFinished: 0 });
    const { metadata } = await lab.ended('first');
    await gone('first');
    await lab.submit('second', {
      tasks: [{ ...task('reads', 'run'), inputs: [{ task: { name: 'only', workflow: 'first' } }] }],
    });
    await lab.ended('second');
    const { spec } = await client.get(Tasks, { namespace: lab.namespace, name: 'second.reads' });
    expect(spec.data?.inputs).toEqual([
      { index: 0, manifest: manifestOf('only'), workflowUID: metadata.uid, task: 'only' },
    ]);
    await lab.submit('third', {
      tasks: [{ ...task('reads', 'run'), inputs: [{ task: { name: 'only', workflow: 'never' } }] }],
    });
    await until(
      () => lab.get('third'),
      ({ status }) => status?.message?.includes('neither in the cluster nor in the archive') === true,
    );
  });
});

test('while the store is down nothing is deleted, an Event says why, and it goes on when the store is back', async () => {
  await server.interrupt();
  await during(new Hub(client, lab.namespace, { archive: store }), async () => {
    await lab.submit('waits', { tasks: [task('only', 'run')], ttlSecondsAfterFinished: 0 });
    const { metadata } = await lab.ended('waits');
    const events = await until(
      () => eventsOf('waits'),
      (found) => found.some(({ reason }) => reason === 'ArchiveFailed'),
    );
    const failure = events.find(({ reason }) => reason === 'ArchiveFailed');
    expect(failure).toMatchObject({ type: 'Warning', regarding: { kind: 'Workflow', uid: metadata.uid } });
    expect(failure?.note).toMatch(/nothing is deleted.*ECONNREFUSED/);
    expect(failure?.note).not.toContain(server.credentials.secretAccessKey);
    expect((await lab.get('waits')).metadata.deletionTimestamp).toBeUndefined();
    await client.get(Tasks, { namespace: lab.namespace, name: 'waits.only' });
    await server.start();
    await gone('waits');
    expect((await readRecord(store, { namespace: lab.namespace, uid: metadata.uid ?? '' }))?.counts.tasks).toBe(1);
  });
});

test('a crash between the record and the deletion comes to the same end, with the record written once', async () => {
  const unable: KubeClient = new Proxy(client, {
    get(target, property) {
      if (property === 'delete') {
        return async () => {
          throw new KubeError({ status: 503, reason: 'ServiceUnavailable', message: 'not now' });
        };
      }
      const value: unknown = Reflect.get(target, property);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const { metadata } = await during(new Hub(unable, lab.namespace, { archive: store }), async () => {
    await lab.submit('crash', { tasks: [task('only', 'run')], ttlSecondsAfterFinished: 0 });
    const ended = await lab.ended('crash');
    await until(
      () => readSummary(store, { namespace: lab.namespace, uid: ended.metadata.uid ?? '' }),
      (found) => found !== undefined,
    );
    return ended;
  });
  const key = recordKey({ namespace: lab.namespace, uid: metadata.uid ?? '' });
  const written = await store.head(key);
  expect((await lab.get('crash')).metadata.uid).toBe(metadata.uid);
  await during(new Hub(client, lab.namespace, { archive: store }), () => gone('crash'));
  expect(await store.head(key)).toEqual(written);
});

test('without an archive a finished workflow goes when its time has come, and one that says nothing stays', async () => {
  await during(new Hub(client, lab.namespace), async () => {
    await lab.submit('stays', { tasks: [task('only', 'run')] });
    await lab.ended('stays');
    await lab.submit('goes', { tasks: [task('only', 'run')] });
    await lab.ended('goes');
    const patch = { kind: 'merge' as const, body: { spec: { ttlSecondsAfterFinished: 0 } } };
    await client.patch(Workflows, { namespace: lab.namespace, name: 'goes' }, patch);
    await gone('goes');
    await until(
      async () => (await client.list(Tasks, { namespace: lab.namespace })).items.map(({ metadata }) => metadata.name),
      (names) => !names.includes('goes.only'),
    );
    expect((await lab.get('stays')).metadata.deletionTimestamp).toBeUndefined();
  });
});
