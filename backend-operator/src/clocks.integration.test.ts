import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type Clock, clientFactory, type KubeClient, Pod, runtimeMetrics, ServerClock, systemClock } from '@osmo/kube';
import { newNamespace, testKubeconfig, until } from '@osmo/kube/testing';
import { Backends, Tasks } from './kinds.ts';
import { connect, Kubelet, removeNamespace } from './testing/real-cluster.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { submitTask } from './testing/submit-task.ts';
import { newTask } from './testing/tasks.ts';

const hours = 3_600_000;

/** The operator on a machine whose time of day is wrong, or is set, beside an apiserver whose time is right. */
describe('time limits', () => {
  let client: KubeClient;
  let namespace: string;
  let kubelet: Kubelet;
  let cluster: KubeClient;
  let operator: Operator;
  /** By how much the time of day of the operator's machine is ahead, ms. */
  let ahead: number;

  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  beforeEach(async () => {
    namespace = await newNamespace(client, 'clocks');
    kubelet = new Kubelet(client, namespace, `node-${namespace}`);
    await kubelet.join();
  });

  afterEach(async () => {
    await operator.stop();
    await cluster.close();
    await kubelet.leave();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
  });

  async function start(aheadAtFirst: number): Promise<void> {
    ahead = aheadAtFirst;
    const machine: Clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + ahead) };
    const clock = new ServerClock(machine);
    const metrics = runtimeMetrics(undefined, { process: false });
    const heard = (_: string, time: Parameters<ServerClock['heard']>[0]) => clock.heard(time);
    const clients = clientFactory({ userAgent: 'test', metrics, clock, env: {}, heard });
    cluster = await clients.connect('cluster', testKubeconfig());
    operator = startOperator({ client, cluster, clock, backend: namespace, namespace });
  }

  async function submit(name: string, timeouts: NonNullable<Task['spec']['timeouts']>): Promise<Task> {
    return submitTask(client, namespace, newTask({ name, uid: name, spec: { timeouts } }));
  }

  const ends = (task: Task) =>
    until(
      () => client.get(Tasks, { namespace, name: task.metadata.name }),
      ({ status }) => status?.phase === 'Completed' || status?.phase === 'Failed',
    ).then(({ status }) => [status?.phase, status?.reason]);
  const runs = (task: Task) =>
    until(
      () => client.get(Tasks, { namespace, name: task.metadata.name }),
      ({ status }) => status !== undefined && ['Running', 'Completed', 'Failed'].includes(status.phase),
    ).then(({ status }) => [status?.phase, status?.reason]);
  const podOf = async (name: string): Promise<Pod> => {
    const found = (all: readonly Pod[]) => all.find(({ metadata: { labels } }) => labels?.['osmo.task_name'] === name);
    const all = await until(
      async () => (await client.list(Pod, { namespace })).items,
      (items) => found(items) !== undefined,
    );
    return found(all) as Pod;
  };

  const anHour = { queueSeconds: 3600, execSeconds: 3600 };

  test.each([2, -2])(
    'hold where the operator starts on a machine that is %d hours ahead, which is then mended',
    async (by) => {
      await start(by * hours);
      const long = await submit('long', anHour);
      expect(await ends(await submit('short', { queueSeconds: 1 }))).toEqual(['Failed', 'QueueTimeout']);
      const pod = await podOf('long');
      await kubelet.run(pod);
      expect(await runs(long)).toEqual(['Running', undefined]);
      ahead = 0;
      expect(await ends(await submit('late', { queueSeconds: 1 }))).toEqual(['Failed', 'QueueTimeout']);
      await kubelet.end(pod, 0);
      expect(await ends(long)).toEqual(['Completed', undefined]);
    },
  );

  test.each([2, -2])('hold where its machine is set %d hours ahead while it works, and back', async (by) => {
    await start(0);
    const [waiting, long] = [await submit('waiting', { queueSeconds: 2 }), await submit('long', anHour)];
    const pod = await podOf('long');
    ahead = by * hours;
    expect(await ends(waiting)).toEqual(['Failed', 'QueueTimeout']);
    await kubelet.run(pod);
    expect(await runs(long)).toEqual(['Running', undefined]);
    expect(await ends(await submit('short', { queueSeconds: 1 }))).toEqual(['Failed', 'QueueTimeout']);
    ahead = 0;
    await kubelet.end(pod, 0);
    expect(await ends(long)).toEqual(['Completed', undefined]);
  });
});
