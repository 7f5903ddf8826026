import { describe, expect, test } from '@jest/globals';
import type { TaskSpec } from '@osmo/crds';
import type { Service } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { atDate } from '../testing/pods.ts';
import { newGroup } from '../testing/tasks.ts';
import { groupOfObject, taskOfObject } from './identity.ts';
import { planGroup } from './plan.ts';
import { unconfirmed } from './removals.ts';
import type { Task } from './task.ts';
import { toPlan } from './to-plan.ts';
import { defaultLimits } from './verdict.ts';
import type { GroupWorld } from './world.ts';

const scheduling: TaskSpec['scheduling'] = {
  type: 'KAI',
  queue: 'osmo-pool-team-a-gpu',
  priorityClassName: 'osmo-high',
};

const world = (more: Partial<GroupWorld>): GroupWorld => ({
  now: atDate(30),
  tasks: [],
  pods: [],
  services: [],
  podGroups: [],
  gone: new Set(),
  refusals: new Map(),
  delays: new Map(),
  filesStored: new Set(),
  settings: { limits: defaultLimits, nodeLostSeconds: 300, taskRuntimeImage: 'task-runtime:test' },
  ...more,
});
const plan = (tasks: readonly Task[], more: Partial<GroupWorld> = {}) => planGroup(world({ tasks, ...more }));

describe('the gang of a group', () => {
  test('is written with the pods, under the name that they carry, and found again by its marks', () => {
    const tasks = newGroup(3, {}, { scheduling });
    const { podGroups, create } = plan(tasks);
    const [gang, ...others] = podGroups;
    expect(others).toEqual([]);
    expect(gang?.spec).toEqual({ minMember: 3, queue: 'osmo-pool-team-a-gpu', priorityClassName: 'osmo-high' });
    const names = create.pods.map(({ metadata }) => metadata.annotations?.['pod-group-name']);
    expect(names).toEqual([gang, gang, gang].map((one) => one?.metadata.name));
    const { workflow, group } = (tasks[0] as Task).spec;
    const namespace = 'team-a';
    expect(gang?.metadata.namespace).toBe(namespace);
    expect(groupOfObject(gang as NonNullable<typeof gang>)).toEqual({
      namespace,
      workflowUid: workflow.uid,
      group: group.name,
    });
    expect(taskOfObject(gang as NonNullable<typeof gang>)?.uid).toBe(tasks[0]?.metadata.uid);
    expect(plan(tasks.toReversed()).podGroups).toEqual(podGroups);
  });

  test('has the numbers in its parts where tasks are to be close to each other', () => {
    const topology = [{ key: 'rack', label: 'example.com/rack', group: 'default', requirement: 'Required' as const }];
    const [gang] = plan(newGroup(3, {}, { scheduling: { ...scheduling, topology } })).podGroups;
    expect(gang?.spec).toEqual({
      queue: 'osmo-pool-team-a-gpu',
      priorityClassName: 'osmo-high',
      subGroups: [
        {
          name: expect.stringMatching(/^default-/),
          minMember: 3,
          topologyConstraint: {
            topology: 'osmo-pool-team-a-default-topology',
            requiredTopologyLevel: 'example.com/rack',
          },
        },
      ],
    });
  });

  test('comes before the pods, by server-side apply on the cluster of the pods', () => {
    const { apply = [] } = toPlan(plan(newGroup(2, {}, { scheduling })));
    expect(apply.map(({ type, mode, on }) => [type.kind, mode, on])).toEqual([
      ['Service', 'create', Clusters.cluster],
      ['PodGroup', 'apply', Clusters.cluster],
      ['Pod', 'create', Clusters.cluster],
      ['Pod', 'create', Clusters.cluster],
    ]);
  });

  test('no pod is sent before the Service is there; once it is, they wait for nothing', () => {
    const tasks = newGroup(2);
    const { apply = [] } = toPlan(plan(tasks));
    const [service, ...pods] = apply;
    expect(pods.map(({ type, after }) => [type.kind, after === service])).toEqual([
      ['Pod', true],
      ['Pod', true],
    ]);
    const services = [service?.object as Service];
    expect(toPlan(plan(tasks, { services })).apply?.map(({ type, after }) => [type.kind, after])).toEqual([
      ['Pod', undefined],
      ['Pod', undefined],
    ]);
  });

  test.each(['KAI', 'RunAI'] as const)('a task alone is a gang of one with %s', (type) => {
    const { podGroups } = plan(newGroup(1, {}, { scheduling: { type } }));
    expect(podGroups.map(({ spec }) => spec)).toEqual([{ minMember: 1 }]);
  });

  test.each(['Default', 'Kueue', 'Volcano'] as const)('there is none with %s', (type) => {
    expect(plan(newGroup(2, {}, { scheduling: { type } })).podGroups).toEqual([]);
  });

  test('there is none where the cluster knows none, and none of half a group', () => {
    const tasks = newGroup(2, {}, { scheduling });
    const { podGroups: _, ...ignorant } = world({ tasks });
    expect(planGroup(ignorant).podGroups).toEqual([]);
    expect(plan(tasks.slice(0, 1)).podGroups).toEqual([]);
  });

  test('it goes once the hub says that its Tasks are gone, and not before', () => {
    const tasks = newGroup(2, {}, { scheduling });
    const { podGroups } = plan(tasks);
    const uid = tasks[0]?.metadata.uid ?? '';
    expect(unconfirmed(world({ podGroups })).map((ref) => ref.uid)).toEqual([uid]);
    expect(plan([], { podGroups }).deletePodGroups).toEqual([]);
    const { deletePodGroups, ...rest } = plan([], { podGroups, gone: new Set([uid]) });
    expect(deletePodGroups).toEqual(podGroups);
    expect(toPlan({ ...rest, deletePodGroups }).remove?.map(({ type, name }) => [type.kind, name])).toEqual([
      ['PodGroup', podGroups[0]?.metadata.name],
    ]);
  });
});
