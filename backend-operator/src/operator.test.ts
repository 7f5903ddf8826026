import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Labels } from '@osmo/crds';
import { Lease, Node, Pod } from '@osmo/kube';
import type { FakeApiserver } from '@osmo/kube/testing';
import { podNameOfTask } from './group/members.ts';
import { Backends, Tasks } from './kinds.ts';
import { startHub } from './testing/fake-clusters.ts';
import { type Operator, startOperator } from './testing/start-operator.ts';
import { newTask } from './testing/tasks.ts';
import { until } from '@osmo/kube/testing';

/** A hub and a cluster that know nothing of each other. */
describe('an operator between two clusters', () => {
  let hub: FakeApiserver;
  let cluster: FakeApiserver;
  let operator: Operator | undefined;

  beforeEach(async () => {
    [hub, cluster] = await Promise.all([startHub(), startHub()]);
  });
  afterEach(async () => {
    await operator?.stop();
    await Promise.all([hub.close(), cluster.close()]);
  });

  const start = () => {
    operator = startOperator({ client: hub.client(), cluster: cluster.client(), backend: 'east', namespace: 'osmo' });
  };
  const task = newTask();
  const ref = { namespace: 'team-a', name: task.metadata.name };
  const node = (name: string) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { allocatable: { cpu: '4' }, conditions: [{ type: 'Ready', status: 'True' as const }] },
  });
  const backend = () => hub.get(Backends, { name: 'east' });
  const writesTo = (server: FakeApiserver, resource: string) =>
    server.writes.filter((write) => write.resource === resource);

  test('Tasks are read and reported on one, pods run on the other', async () => {
    const stored = hub.seed(Tasks, task);
    start();
    const pod = await until(
      () => cluster.list(Pod)[0],
      (found) => found !== undefined,
    );
    expect(pod?.metadata.labels?.[Labels.taskUid]).toBe(stored.metadata.uid);
    cluster.update(Pod, { namespace: 'team-a', name: pod?.metadata.name ?? '' }, (found) => {
      found.status = { phase: 'Succeeded' };
    });
    await until(
      () => hub.get(Tasks, ref)?.status?.phase,
      (phase) => phase === 'Completed',
    );
    expect(hub.list(Pod)).toEqual([]);
    expect(cluster.list(Tasks)).toEqual([]);
    expect(cluster.list(Lease)).toEqual([]);
  });

  test('Tasks of other backends are left alone', async () => {
    hub.seed(Tasks, { ...task, metadata: { ...task.metadata, labels: { [Labels.backend]: 'west' } } });
    start();
    await until(backend, (found) => found?.status?.nodes !== undefined);
    expect(cluster.list(Pod)).toEqual([]);
  });

  test('a namespace that the cluster does not have holds the task back, and says so', async () => {
    hub.addNamespace('team-b');
    hub.seed(Tasks, { ...task, metadata: { ...task.metadata, namespace: 'team-b' } });
    start();
    const status = () => hub.get(Tasks, { ...ref, namespace: 'team-b' })?.status;
    await until(status, (found) => found?.reason === 'PodNotAccepted');
    expect(status()?.message).toContain('team-b');
    cluster.addNamespace('team-b');
    await until(
      () => cluster.list(Pod).length,
      (count) => count === 1,
    );
  });

  test('a pod of that name that is none of ours is neither taken over nor removed; the task says so', async () => {
    const stored = hub.seed(Tasks, task);
    const name = podNameOfTask(stored);
    cluster.seed(Pod, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'team-a' },
      spec: { containers: [{ name: 'x' }] },
    });
    start();
    await until(
      () => hub.get(Tasks, ref)?.status?.message,
      (message) => message?.includes('belongs to someone else') ?? false,
    );
    expect(cluster.list(Pod)).toHaveLength(1);
  });

  test('a hub that lies about a Task in its cache does not cost the pod', async () => {
    const stored = hub.seed(Tasks, task);
    start();
    await until(
      () => cluster.list(Pod).length,
      (count) => count === 1,
    );
    // The label goes: for the watch it is as if the Task were deleted.
    hub.update(Tasks, ref, (found) => {
      found.metadata.labels = {};
    });
    await until(
      () => hub.requests,
      (requests) => requests.some(({ verb, name }) => verb === 'get' && name === stored.metadata.name),
    );
    hub.update(Tasks, ref, (found) => {
      found.metadata.labels = { ...task.metadata.labels };
    });
    const [pod] = cluster.list(Pod);
    expect(pod?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('the inventory is written once, and not again when nodes only report themselves', async () => {
    cluster.seed(Node, node('n1'));
    start();
    await until(backend, (found) => found?.status?.nodes?.total === 1);
    const before = writesTo(hub, 'backends.osmo.dev').length;
    for (let beat = 0; beat < 5; beat += 1) {
      cluster.update(Node, { name: 'n1' }, (found) => {
        found.metadata.annotations = { beat: String(beat) };
        found.status = {
          ...found.status,
          conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: String(beat) }],
        };
      });
    }
    hub.seed(Tasks, task);
    await until(
      () => cluster.list(Pod).length,
      (count) => count === 1,
    );
    expect(writesTo(hub, 'backends.osmo.dev')).toHaveLength(before);
    expect(backend()?.status?.conditions ?? []).toEqual([]);
  });

  test('a hub that can not be reached at first is tried again', async () => {
    hub.inject({
      times: 1,
      on: ({ resource }) => resource === 'backends.osmo.dev',
      effect: { respond: { status: 500 } },
    });
    start();
    await until(backend, (found) => found?.status?.nodes !== undefined);
  });
});
