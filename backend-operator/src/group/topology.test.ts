import { describe, expect, test } from '@jest/globals';
import type { TaskScheduling } from '@osmo/crds';
import { newTask, uid } from '../testing/tasks.ts';
import { podFor } from './pod.ts';
import { subgroupsOfAll } from './topology.ts';

type Places = NonNullable<TaskScheduling['topology']>;

const zone = (group: string): Places[number] => ({
  key: 'zone',
  label: 'topology.kubernetes.io/zone',
  group,
  requirement: 'Required',
});
const rack = (group: string): Places[number] => ({
  key: 'rack',
  label: 'example.com/rack',
  group,
  requirement: 'Preferred',
});
const options = { namespace: 'team-a', attempt: 0, nodeLostSeconds: 300 };
const topology = 'osmo-pool-team-a-default-topology';
const placed = (name: string, ...places: Places) =>
  newTask({ name, uid: uid(name.length), spec: { scheduling: { type: 'KAI', topology: places } } });

describe('the parts of a gang', () => {
  test('a place that all share is one part, and every pod says that it belongs to it', () => {
    const tasks = [placed('a', zone('default')), placed('bb', zone('default'))];
    const [part, ...others] = subgroupsOfAll(tasks);
    expect(others).toEqual([]);
    expect(part).toEqual({
      name: expect.stringMatching(/^default-[0-9a-f]{10}$/),
      minMember: 2,
      topologyConstraint: { topology, requiredTopologyLevel: 'topology.kubernetes.io/zone' },
    });
    const labels = tasks.map((task) => podFor(task, options).metadata.labels?.['kai.scheduler/subgroup-name']);
    expect(labels).toEqual([part?.name, part?.name]);
  });

  test('finer places are parts of coarser ones; pods are of the finest', () => {
    const tasks = [
      placed('a', zone('all'), rack('one')),
      placed('bb', zone('all'), rack('one')),
      placed('ccc', zone('all'), rack('Two_2')),
    ];
    const [all, one, two, ...others] = subgroupsOfAll(tasks);
    expect(others).toEqual([]);
    expect(all).toEqual({
      name: expect.stringMatching(/^all-/),
      topologyConstraint: { topology, requiredTopologyLevel: 'topology.kubernetes.io/zone' },
    });
    const topologyConstraint = { topology, preferredTopologyLevel: 'example.com/rack' };
    expect(one).toEqual({ name: expect.stringMatching(/^one-/), parent: all?.name, minMember: 2, topologyConstraint });
    expect(two).toEqual({
      name: expect.stringMatching(/^two-2-/),
      parent: all?.name,
      minMember: 1,
      topologyConstraint,
    });
  });

  test('groups of the same name are another place in another part', () => {
    const parts = subgroupsOfAll([placed('a', zone('x'), rack('r')), placed('bb', zone('y'), rack('r'))]);
    expect(new Set(parts.map(({ name }) => name)).size).toBe(4);
  });

  test('without topology there are none, and pods belong to none', () => {
    const task = placed('a');
    expect(subgroupsOfAll([task])).toEqual([]);
    expect(podFor(task, options).metadata.labels).not.toHaveProperty('kai.scheduler/subgroup-name');
  });
});
