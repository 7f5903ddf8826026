import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Labels, type Task } from '@osmo/crds';
import { Backends, Tasks } from './kinds.ts';
import { type KubeClient, Lease, Pod, Secret, Service } from '@osmo/kube';
import { newNamespace, until } from '@osmo/kube/testing';
import { countingClient } from './testing/counting-client.ts';
import { Kubelet, connect, removeNamespace, resourceQuota } from './testing/real-cluster.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask, type TaskWish } from './testing/tasks.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';

/** User stories on a real apiserver; the test is the scheduler and the kubelet. */
describe('backend-operator', () => {
  let client: KubeClient;
  let namespace: string;
  let backend: string;
  let kubelet: Kubelet;
  let operator: Operator | undefined;

  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  beforeEach(async () => {
    namespace = await newNamespace(client, 'operator');
    backend = namespace;
    kubelet = new Kubelet(client, namespace, `node-${namespace}`);
    await kubelet.join();
    await start();
  });

  afterEach(async () => {
    await stop();
    await kubelet.leave();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: backend }).catch(() => undefined);
  });

  async function start(): Promise<void> {
    operator = startOperator({ client, backend, namespace });
  }

  async function stop(): Promise<void> {
    await operator?.stop();
    operator = undefined;
  }

  /** Submits Tasks as the hub's controllers would. */
  async function submit(...tasks: Task[]): Promise<Task[]> {
    return Promise.all(tasks.map((task) => submitTask(client, namespace, task, backend)));
  }
  const submitOne = async (wish: TaskWish = {}) => (await submit(newTask(wish)))[0] as Task;

  const taskNow = (task: Task) => client.get(Tasks, { namespace, name: task.metadata.name });
  const pods = async () =>
    (await client.list(Pod, { namespace })).items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const podsAre = (count: number) => until(pods, (all) => all.length === count);
  const onlyPod = async () => (await podsAre(1))[0] as Pod;
  const reaches = (task: Task, phase: string) =>
    until(
      () => taskNow(task),
      ({ status }) => status?.phase === phase,
    );

  test('a task runs as a pod and ends', async () => {
    const task = await submitOne();
    const pod = await onlyPod();
    expect(pod.metadata.labels).toMatchObject({ 'osmo.task_name': 'train', [Labels.taskUid]: task.metadata.uid });
    await kubelet.run(pod);
    expect((await reaches(task, 'Running')).status).toMatchObject({
      podName: pod.metadata.name,
      podUID: pod.metadata.uid,
      nodeName: kubelet.node,
      attempt: 0,
    });
    await kubelet.end(pod, 0);
    const { status } = await reaches(task, 'Completed');
    expect(status).toMatchObject({ exitCode: 0, conditions: [{ type: 'Succeeded', status: 'True' }] });
    expect(status?.completionTime).toBeDefined();
    expect(await pods()).toHaveLength(1);
  });

  test('a task costs three writes and two Events: its pod, that it runs, how it ended', async () => {
    await stop();
    const { client: counted, written } = countingClient(client);
    operator = startOperator({ client: counted, backend, namespace });
    const task = await submitOne();
    const pod = await onlyPod();
    await kubelet.run(pod);
    await reaches(task, 'Running');
    await kubelet.end(pod, 0);
    await reaches(task, 'Completed');
    // That a pod waits is told when it takes seconds: this machine may be that busy.
    const ofTask = written.filter((write) => !/Lease|Backend|Event|Scheduling|Initializing/.test(write));
    expect(ofTask).toEqual(['create Pod', 'apply Task Running', 'apply Task Completed']);
    // Sent in the background; each status of waiting has one too.
    const events = () => written.filter((write) => write === 'create Event');
    await until(events, (all) => all.length >= 2);
    const waits = written.filter((write) => /Task (Scheduling|Initializing)/.test(write)).length;
    expect(events().length).toBeLessThanOrEqual(2 + waits);
  });

  test('a task that fails says how, and an Event does', async () => {
    const task = await submitOne();
    const pod = await onlyPod();
    await kubelet.run(pod);
    await kubelet.end(pod, 3);
    expect((await reaches(task, 'Failed')).status).toMatchObject({
      reason: 'Error',
      exitCode: 3,
      message: 'container train exited with code 3',
    });
    const path = `/apis/events.k8s.io/v1/namespaces/${namespace}/events`;
    await until(
      async () =>
        JSON.parse((await client.request('GET', path)).body.toString()) as {
          items: { regarding?: { name: string }; reason: string; note: string }[];
        },
      ({ items }) =>
        items.some(
          ({ regarding, reason, note }) =>
            regarding?.name === task.metadata.name && reason === 'Failed' && note.startsWith('Error: '),
        ),
    );
  });

  test('files are there before the container starts, and go with the pod', async () => {
    const task = await submitOne({ spec: { files: [{ path: '/run.sh', contents: 'echo hi', base64: false }] } });
    const pod = await onlyPod();
    const name = pod.spec.volumes?.find(({ secret }) => secret !== undefined)?.secret?.secretName ?? '';
    const secret = await until(
      () => client.get(Secret, { namespace, name }).catch(() => undefined),
      (found) => found !== undefined,
    );
    expect(Buffer.from(secret?.data?.['file-0'] ?? '', 'base64').toString()).toBe('echo hi');
    expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'Pod', uid: pod.metadata.uid }]);
    await client.delete(Tasks, { namespace, name: task.metadata.name });
    await until(
      () => client.get(Secret, { namespace, name }).catch(() => undefined),
      (found) => found === undefined,
    );
    await podsAre(0);
  });

  test('a group starts when it is whole, ends with its lead, and leaves nothing behind', async () => {
    const [lead, ...peers] = newGroup(3) as [Task, Task, Task];
    await submit(...peers);
    const single = await submitOne({ name: 'other' });
    await podsAre(1);
    const [leadTask] = (await submit(lead)) as [Task];
    const all = (await podsAre(4)).filter(({ spec }) => spec.containers[0]?.name !== 'other');
    const services = await client.list(Service, { namespace });
    expect(services.items.map(({ metadata }) => metadata.name)).toEqual([all[0]?.spec.subdomain]);
    await Promise.all(all.map((pod) => kubelet.run(pod)));
    await reaches(leadTask, 'Running');
    await kubelet.end(all.find(({ spec }) => spec.containers[0]?.name === 'lead') as Pod, 0);
    for (const peer of peers)
      expect((await reaches(peer, 'Completed')).status).toMatchObject({
        reason: 'Completed',
        message: 'Lead task lead finished',
      });
    const stopped = await until(
      pods,
      (now) =>
        now.filter(({ metadata }) => metadata.deletionTimestamp !== undefined && metadata.finalizers === undefined)
          .length === 2,
    );
    await Promise.all(
      stopped.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).map((pod) => kubelet.remove(pod)),
    );
    await podsAre(2);
    await Promise.all(
      [lead, ...peers, single].map(({ metadata }) => client.delete(Tasks, { namespace, name: metadata.name })),
    );
    const left = await until(pods, (now) => now.every(({ metadata }) => metadata.finalizers === undefined));
    await Promise.all(left.map((pod) => kubelet.remove(pod)));
    await until(
      async () => (await client.list(Service, { namespace })).items,
      (items) => items.length === 0,
    );
  });

  test('a person deletes a running pod of a task without retries: it fails and says so, no second pod is made', async () => {
    const task = await submitOne({ spec: { retryPolicy: { maxInfrastructureRetries: 0 } } });
    const pod = await onlyPod();
    await kubelet.run(pod);
    await reaches(task, 'Running');
    await client.delete(Pod, { namespace, name: pod.metadata.name });
    expect((await reaches(task, 'Failed')).status).toMatchObject({
      reason: 'BackendError',
      exitCode: 3001,
      message: `pod ${pod.metadata.name} was deleted before its task ended`,
    });
    await kubelet.remove((await until(pods, ([first]) => first?.metadata.finalizers === undefined))[0] as Pod);
    await podsAre(0);
  });

  test('a pod is torn away with its finalizer from a task without retries: it fails, no second pod is made', async () => {
    const task = await submitOne({ spec: { retryPolicy: { maxInfrastructureRetries: 0 } } });
    const pod = await onlyPod();
    await kubelet.run(pod);
    await reaches(task, 'Running');
    await stop();
    await client.patch(
      Pod,
      { namespace, name: pod.metadata.name },
      { kind: 'merge', body: { metadata: { finalizers: null } } },
    );
    await client.delete(Pod, { namespace, name: pod.metadata.name }, { gracePeriodSeconds: 0 });
    await start();
    expect((await reaches(task, 'Failed')).status).toMatchObject({ reason: 'BackendError', exitCode: 3001 });
    expect(await pods()).toEqual([]);
  });

  test('what happened while no operator ran is not lost', async () => {
    const [first, second] = [await submitOne({ name: 'first' }), await submitOne({ name: 'second' })];
    const [a, b] = (await podsAre(2)) as [Pod, Pod];
    await stop();
    await kubelet.run(a);
    await kubelet.end(a, 0);
    await kubelet.run(b);
    await kubelet.end(b, 4);
    await client.delete(Pod, { namespace, name: b.metadata.name });
    const third = await submitOne({ name: 'third' });
    await start();
    expect((await reaches(first, 'Completed')).status).toMatchObject({ exitCode: 0 });
    expect((await reaches(second, 'Failed')).status).toMatchObject({ reason: 'Error', exitCode: 4 });
    await until(pods, (now) => now.some(({ spec }) => spec.containers[0]?.name === 'third'));
    expect((await taskNow(third)).status?.phase ?? 'Pending').not.toBe('Failed');
  });

  test('a Task that goes while no operator ran takes its pod along', async () => {
    const task = await submitOne();
    const pod = await onlyPod();
    await stop();
    await client.delete(Tasks, { namespace, name: task.metadata.name });
    await start();
    await podsAre(0);
    expect(pod.metadata.finalizers).toEqual(['osmo.dev/pod-result']);
  });

  test('a pod that waits says why', async () => {
    const task = await submitOne();
    const pod = await onlyPod();
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/1 nodes are available',
    };
    await client.patch(
      Pod,
      { namespace, name: pod.metadata.name },
      { kind: 'merge', body: { status: { conditions: [condition] } } },
      { subresource: 'status' },
    );
    const { status } = await until(
      () => taskNow(task),
      (now) => now.status?.reason === 'Unschedulable',
    );
    expect(status).toMatchObject({
      phase: 'Scheduling',
      message: '0/1 nodes are available',
      conditions: [{ status: 'Unknown' }],
    });
  });

  test('a missing image fails a task without retries and the pod does not go on trying', async () => {
    const task = await submitOne({ spec: { retryPolicy: { maxInfrastructureRetries: 0 } } });
    const pod = await onlyPod();
    await kubelet.bind(pod);
    await kubelet.report(pod, 'Pending', { waiting: { reason: 'ErrImagePull', message: 'not found' } });
    expect((await reaches(task, 'Failed')).status).toMatchObject({ reason: 'ImagePull', exitCode: 302 });
    await until(
      pods,
      ([now]) => now?.metadata.deletionTimestamp !== undefined && now.metadata.finalizers === undefined,
    );
    await kubelet.remove(pod);
    await podsAre(0);
  });

  test("a pod that the apiserver will never take fails its task with the apiserver's words; others go on", async () => {
    const podTemplate = { spec: { containers: [{ name: 'Bad Name', image: 'x' }] } };
    const bad = await submitOne({ name: 'bad', spec: { podTemplate } });
    const good = await submitOne({ name: 'good' });
    const { status } = await reaches(bad, 'Failed');
    expect(status).toMatchObject({ reason: 'CreateError', exitCode: 999 });
    expect(status?.message).toContain('spec.containers');
    await kubelet.run(await onlyPod());
    await reaches(good, 'Running');
  });

  test('a quota holds a task back until there is room', async () => {
    await resourceQuota(client, namespace, { pods: '0' });
    const task = await submitOne();
    const { status } = await until(
      () => taskNow(task),
      (now) => now.status?.reason === 'PodNotAccepted',
    );
    expect(status?.message).toContain('exceeded quota');
    await resourceQuota(client, namespace, { pods: '5' });
    await kubelet.run((await until(pods, (now) => now.length === 1))[0] as Pod);
    await reaches(task, 'Running');
  });

  test('two replicas without election do no harm: one pod a task, one end', async () => {
    const second = operator;
    await start();
    const tasks = await submit(...Array.from({ length: 10 }, (_, i) => newTask({ name: `t${i}` })));
    const all = await podsAre(10);
    await Promise.all(all.map((pod) => kubelet.run(pod)));
    await Promise.all(all.map((pod) => kubelet.end(pod, 0)));
    for (const task of tasks) await reaches(task, 'Completed');
    expect(await pods()).toHaveLength(10);
    await second?.stop();
  });

  test('the Backend shows the cluster, and a heartbeat', async () => {
    const found = await until(
      () => client.get(Backends, { name: backend }).catch(() => undefined),
      (now) => (now?.status?.shapes ?? []).some(({ labels }) => labels['accelerator'] === 'none'),
    );
    expect(found?.status).toMatchObject({
      version: '0.0.0-test',
      kubernetesVersion: expect.stringMatching(/^v1\./),
      clusterUID: expect.any(String),
    });
    expect(found?.status?.shapes?.flatMap(({ labels }) => Object.keys(labels))).not.toContain('kubernetes.io/hostname');
    const lease = await client.get(Lease, { namespace, name: `osmo-backend-${backend}` });
    expect(lease.spec).toMatchObject({ holderIdentity: `operator-${namespace}`, leaseDurationSeconds: 40 });
  });
});
