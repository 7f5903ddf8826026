import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { type KubeClient, Pod } from '@osmo/kube';
import { installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { PodGroups } from './group/pod-group.ts';
import { Backends, Tasks } from './kinds.ts';
import { connect, Kubelet, removeNamespace } from './testing/real-cluster.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { submitTask } from './testing/submit-task.ts';
import { newGroup, newTask } from './testing/tasks.ts';

/** Gangs of KAI on a real apiserver; the test is the scheduler and the kubelet. */
describe('a pool with KAI', () => {
  let client: KubeClient;
  let namespace: string;
  let kubelet: Kubelet;
  let operator: Operator;

  beforeAll(async () => {
    client = await connect();
    await installDefinitions(client, new URL('./testing/kai/', import.meta.url));
  });
  afterAll(() => client.close());

  beforeEach(async () => {
    namespace = await newNamespace(client, 'gangs');
    kubelet = new Kubelet(client, namespace, `node-${namespace}`);
    await kubelet.join();
    operator = startOperator({ client, backend: namespace, namespace });
  });

  afterEach(async () => {
    await operator.stop();
    await kubelet.leave();
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
  });

  const scheduling = { type: 'KAI', queue: 'osmo-pool-team-gpu' } as const;

  const submit = (tasks: readonly Task[]) => Promise.all(tasks.map((task) => submitTask(client, namespace, task)));
  const gangs = async () => (await client.list(PodGroups, { namespace })).items;
  const pods = async () => (await client.list(Pod, { namespace })).items;
  const podOf = async (taskName: string, attempt: number) => {
    const all = await until(pods, (now) => now.some((pod) => isOf(pod, taskName, attempt)));
    return all.find((pod) => isOf(pod, taskName, attempt)) as Pod;
  };
  const isOf = ({ metadata: { labels } }: Pod, taskName: string, attempt: number) =>
    labels?.['osmo.task_name'] === taskName && labels['osmo.retry_id'] === String(attempt);
  const gangOf = (minMember: number) => until(gangs, ([gang]) => gang?.spec.minMember === minMember);

  test('a group is one gang in the queue of the pool, which goes when its tasks go', async () => {
    await submit(newGroup(3, {}, { scheduling }));
    const all = await until(pods, ({ length }) => length === 3);
    const [gang, ...others] = await gangOf(3);
    expect(others).toEqual([]);
    expect(gang?.spec).toEqual({ minMember: 3, queue: 'osmo-pool-team-gpu' });
    const named = all.map(({ metadata }) => metadata.annotations?.['pod-group-name']);
    expect(named).toEqual(Array.from({ length: 3 }, () => gang?.metadata.name));
    expect(all.map(({ spec }) => spec.schedulerName)).toEqual(Array.from({ length: 3 }, () => 'kai-scheduler'));
    expect(gang?.metadata.name).toBe(all[0]?.metadata.labels?.['osmo.group_uuid']);
    for (const { metadata } of (await client.list(Tasks, { namespace })).items)
      await client.delete(Tasks, { namespace, name: metadata.name });
    await until(gangs, ({ length }) => length === 0);
  });

  test('tasks that are to be close to each other are parts of it', async () => {
    const place = (key: string, group: string) => ({
      key,
      label: `example.com/${key}`,
      group,
      requirement: 'Required' as const,
    });
    const [lead, peer] = newGroup(2, {}) as [Task, Task];
    const inPlace = (task: Task, rack: string): Task => ({
      ...task,
      spec: { ...task.spec, scheduling: { ...scheduling, topology: [place('zone', 'all'), place('rack', rack)] } },
    });
    await submit([inPlace(lead, 'a'), inPlace(peer, 'b')]);
    const all = await until(pods, ({ length }) => length === 2);
    const [gang] = await until(gangs, ({ length }) => length === 1);
    const { minMember, subGroups = [] } = gang?.spec ?? {};
    expect(minMember).toBeUndefined();
    const leaves = subGroups.filter((part) => part.minMember !== undefined).map(({ name }) => name);
    const labels = all.map(({ metadata }) => metadata.labels?.['kai.scheduler/subgroup-name'] ?? '');
    expect(labels.toSorted()).toEqual(leaves.toSorted());
    expect(new Set(leaves).size).toBe(2);
  });

  test('a gang counts who runs: a peer that ended and one that waits for its retry do not keep the others back', async () => {
    const retryPolicy = { maxRetries: 1, backoffSeconds: 1 };
    await submit(newGroup(3, { barrier: false }, { scheduling, retryPolicy }));
    await gangOf(3);
    for (const name of ['lead', 'peer-1', 'peer-2']) await kubelet.run(await podOf(name, 0));
    await kubelet.end(await podOf('peer-1', 0), 0);
    await gangOf(2);
    await kubelet.end(await podOf('peer-2', 0), 1);
    await podOf('peer-2', 1);
    const [again] = await gangOf(2);
    expect(again?.spec.queue).toBe('osmo-pool-team-gpu');
  });

  test('a gang that somebody deletes comes back; a group of a pool with another scheduler has none', async () => {
    await submit([newTask({ name: 'alone', spec: { scheduling } }), newTask({ name: 'other', uid: 'other' })]);
    await until(pods, ({ length }) => length === 2);
    const [gang] = await gangOf(1);
    const { name, uid } = (gang as NonNullable<typeof gang>).metadata;
    await client.delete(PodGroups, { namespace, name });
    const [back] = await until(gangs, ([found]) => found !== undefined && found.metadata.uid !== uid);
    expect(back?.metadata.name).toBe(name);
    expect(await gangs()).toHaveLength(1);
  });
});
