import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Task, TaskSpec } from '@osmo/crds';
import { type KubeClient, Pod } from '@osmo/kube';
import { newNamespace, until } from '@osmo/kube/testing';
import { Backends, Tasks } from './kinds.ts';
import { connect, Kubelet, removeNamespace } from './testing/real-cluster.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask, type TaskWish } from './testing/tasks.ts';

/** Attempts and endings on a real apiserver; the test is the hub, the scheduler and the kubelet. */
describe('the attempts of a task', () => {
  let client: KubeClient;
  let namespace: string;
  let kubelet: Kubelet;
  let operator: Operator | undefined;

  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  beforeEach(async () => {
    namespace = await newNamespace(client, 'lifecycle');
    kubelet = new Kubelet(client, namespace, `node-${namespace}`);
    await kubelet.join();
    start();
  });

  afterEach(async () => {
    await stop();
    await kubelet.leave();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
  });

  function start(): void {
    operator = startOperator({ client, backend: namespace, namespace });
  }

  async function stop(): Promise<void> {
    await operator?.stop();
    operator = undefined;
  }

  async function submit(...tasks: Task[]): Promise<Task[]> {
    return Promise.all(tasks.map((task) => submitTask(client, namespace, task)));
  }
  const submitOne = async (wish: TaskWish = {}) => (await submit(newTask(wish)))[0] as Task;
  const tell = (task: Task, spec: Partial<TaskSpec>) =>
    client.patch(Tasks, { namespace, name: task.metadata.name }, { kind: 'merge', body: { spec } });

  const taskWhen = (task: Task, is: (status: NonNullable<Task['status']>) => boolean) =>
    until(
      () => client.get(Tasks, { namespace, name: task.metadata.name }),
      ({ status }) => status !== undefined && is(status),
    ).then(({ status }) => status as NonNullable<Task['status']>);
  const reaches = (task: Task, phase: string, attempt = 0) =>
    taskWhen(task, (status) => status.phase === phase && status.attempt === attempt);

  const pods = async () => (await client.list(Pod, { namespace })).items;
  const podOf = async (name: string, attempt = 0) => {
    const found = (all: readonly Pod[]) =>
      all.find(
        ({ metadata: { labels } }) =>
          labels?.['osmo.task_name'] === name && labels['osmo.retry_id'] === String(attempt),
      );
    return found(await until(pods, (all) => found(all) !== undefined)) as Pod;
  };
  /** The kubelet's last word about a pod that is on its way out. */
  const finish = async (pod: Pod) => {
    const released = (all: readonly Pod[]) => {
      const now = all.find(({ metadata }) => metadata.uid === pod.metadata.uid);
      return now === undefined || (now.metadata.finalizers ?? []).length === 0;
    };
    await until(pods, released);
    if ((await pods()).some(({ metadata }) => metadata.uid === pod.metadata.uid)) await kubelet.remove(pod);
  };

  test('a task that fails is run again, by an action and with a record of it, also over a restart of the operator', async () => {
    const task = await submitOne({ spec: { exitActions: [{ action: 'Reschedule', exitCodes: '7' }] } });
    const first = await podOf('train');
    await kubelet.run(first);
    await kubelet.end(first, 7);
    const second = await podOf('train', 1);
    await until(pods, (all) => all.every(({ metadata }) => metadata.uid !== first.metadata.uid));
    await stop();
    await kubelet.run(second);
    await kubelet.end(second, 7);
    start();
    const third = await podOf('train', 2);
    await kubelet.run(third);
    await kubelet.end(third, 0);
    expect(await reaches(task, 'Completed', 2)).toMatchObject({
      exitCode: 0,
      retries: { user: 2, infrastructure: 0, peer: 0 },
      attempts: [
        { attempt: 0, cause: 'User', phase: 'Failed', reason: 'Error', exitCode: 7, podName: first.metadata.name },
        { attempt: 1, cause: 'User', phase: 'Failed', reason: 'Error', exitCode: 7, podName: second.metadata.name },
      ],
    });
  });

  test('a pod that somebody deletes is replaced once it is gone', async () => {
    const task = await submitOne();
    const first = await podOf('train');
    await kubelet.run(first);
    await reaches(task, 'Running');
    await client.delete(Pod, { namespace, name: first.metadata.name }, { gracePeriodSeconds: 3600 });
    expect(await reaches(task, 'Scheduling', 1)).toMatchObject({
      reason: 'Rescheduled',
      retries: { infrastructure: 1 },
    });
    expect((await pods()).map(({ metadata }) => metadata.uid)).toEqual([first.metadata.uid]);
    await finish(first);
    await kubelet.run(await podOf('train', 1));
    await reaches(task, 'Running', 1);
  });

  test('a lead that is tried again takes its peers along', async () => {
    const [lead, peer] = (await submit(...newGroup(2, { barrier: false }))) as [Task, Task];
    const [leadPod, peerPod] = [await podOf('lead'), await podOf('peer-1')];
    await kubelet.run(leadPod);
    await kubelet.run(peerPod);
    await reaches(lead, 'Running');
    await reaches(peer, 'Running');
    await client.delete(Pod, { namespace, name: leadPod.metadata.name });
    await reaches(lead, 'Scheduling', 1);
    expect((await reaches(peer, 'Scheduling', 1)).attempts).toMatchObject([{ cause: 'Peer' }]);
    await finish(leadPod);
    await finish(peerPod);
    const again = await podOf('lead', 1);
    await podOf('peer-1', 1);
    await kubelet.run(again);
    await kubelet.end(again, 0);
    expect(await reaches(lead, 'Completed', 1)).toMatchObject({ round: 1, retries: { infrastructure: 1, peer: 0 } });
    expect(await reaches(peer, 'Completed', 1)).toMatchObject({ round: 1, retries: { infrastructure: 0, peer: 1 } });
  });

  test('a canceled task ends and its pod is killed at once when that is asked for', async () => {
    const task = await submitOne();
    const pod = await podOf('train');
    await kubelet.run(pod);
    await reaches(task, 'Running');
    await tell(task, { cancel: { by: 'ann', reason: 'a typo' } });
    expect(await reaches(task, 'Failed')).toMatchObject({ reason: 'Canceled', message: 'canceled by ann: a typo' });
    await until(pods, ([first]) => first === undefined || first.metadata.deletionTimestamp !== undefined);
    await tell(task, { cancel: { by: 'ann', reason: 'a typo', force: true } });
    await until(pods, (all) => all.length === 0);
  });

  test('a held task gives its place back, and gets it again', async () => {
    const task = await submitOne();
    await podOf('train');
    await tell(task, { hold: true });
    expect(await reaches(task, 'Pending', 1)).toMatchObject({ reason: 'Held' });
    await until(pods, (all) => all.length === 0);
    await tell(task, { hold: false });
    const pod = await podOf('train', 1);
    await kubelet.run(pod);
    await reaches(task, 'Running', 1);
    await tell(task, { hold: true });
    await kubelet.end(pod, 0);
    await reaches(task, 'Completed', 1);
  });

  test('a task runs again when the hub says so, ended or not', async () => {
    const task = await submitOne();
    const first = await podOf('train');
    await kubelet.run(first);
    await kubelet.end(first, 3);
    await reaches(task, 'Failed');
    await tell(task, { run: 1 });
    const second = await podOf('train', 1);
    await kubelet.run(second);
    expect(await reaches(task, 'Running', 1)).toMatchObject({ run: 1, attempts: [{ cause: 'Restart', exitCode: 3 }] });
    await tell(task, { run: 2 });
    await taskWhen(task, ({ run }) => run === 2);
    await finish(second);
    const third = await podOf('train', 2);
    await kubelet.run(third);
    await kubelet.end(third, 0);
    const status = await reaches(task, 'Completed', 2);
    expect(status).toMatchObject({ run: 2, conditions: [{ type: 'Succeeded', status: 'True' }] });
    expect(status.attempts?.map(({ cause, exitCode }) => [cause, exitCode])).toEqual([
      ['Restart', 3],
      ['Restart', undefined],
    ]);
  });

  test('time limits hold, also while no operator runs', async () => {
    const [waits, runs] = (await submit(
      newTask({ name: 'waits', uid: 'a', spec: { timeouts: { queueSeconds: 1 } } }),
      newTask({ name: 'runs', uid: 'b', spec: { timeouts: { execSeconds: 1 } } }),
    )) as [Task, Task];
    const pod = await podOf('runs');
    await kubelet.run(pod);
    await stop();
    start();
    expect(await reaches(waits, 'Failed')).toMatchObject({ reason: 'QueueTimeout' });
    expect(await reaches(runs, 'Failed')).toMatchObject({ reason: 'ExecTimeout' });
  });
});
