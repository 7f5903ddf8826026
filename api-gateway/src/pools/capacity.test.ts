import { describe, expect, test } from '@jest/globals';
import type { Backend, Platform, Pool } from '@osmo/crds';
import fc from 'fast-check';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { gpuUse, isNodeOf, nodeSets } from './capacity.ts';
import { resourceEntries } from './resources.ts';
import { poolEntry, poolQuota, poolStatus, type PoolWorld } from './view.ts';

const shape = (id: string, labels: Record<string, string>, gpu: number, taints: object[] = []) => ({
  id,
  count: 3,
  available: 2,
  labels,
  taints,
  allocatable: { cpu: '8', memory: '64Gi', storage: '1Ti', gpu },
});
const platform = (spec: object): Platform => ({ spec: { privilegedAllowed: false, ...spec } }) as never;
const pool = (name: string, spec: object = {}): Pool =>
  ({
    metadata: { name },
    spec: { backend: 'b', platforms: ['gpu'], maintenance: false, ...spec },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  }) as never;
const world = (pools: Pool[], tasks: never[] = []): PoolWorld => ({
  pools,
  platforms: (name) => platform(name === 'gpu' ? { nodeSelector: { kind: 'gpu' } } : { nodeSelector: { kind: name } }),
  backends: () =>
    ({ status: { shapes: [shape('s1', { kind: 'gpu' }, 8), shape('s2', { kind: 'cpu' }, 0)] } }) as unknown as Backend,
  tasks,
});

describe('a node is of a platform', () => {
  const taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
  test.each([
    ['without conditions', {}, shape('s', {}, 0), true],
    ['with its labels', { nodeSelector: { a: 'b' } }, shape('s', { a: 'b', c: 'd' }, 0), true],
    ['with others', { nodeSelector: { a: 'b' } }, shape('s', { a: 'x' }, 0), false],
    ['tainted', {}, shape('s', {}, 0, [taint]), false],
    ['tainted a little', {}, shape('s', {}, 0, [{ ...taint, effect: 'PreferNoSchedule' }]), true],
    ['tainted, and that is tolerated', { tolerations: [{ key: 'k', value: 'v' }] }, shape('s', {}, 0, [taint]), true],
    ['tainted otherwise', { tolerations: [{ key: 'k', value: 'w' }] }, shape('s', {}, 0, [taint]), false],
    ['whatever its taints', { tolerations: [{ operator: 'Exists' }] }, shape('s', {}, 0, [taint]), true],
  ])('%s', (_, spec, node, want) => expect(isNodeOf(platform(spec), node as never)).toBe(want));
});

test('GPUs count while their task runs; against the guarantee only those that can’t be taken away', () => {
  const workflow = workflowOf('w');
  const task = (phase: string, priority: string) => taskOf(workflow, 't', { phase } as never, { priority });
  expect(gpuUse([task('Running', 'High'), task('Running', 'Low'), task('Scheduling', 'High')])).toEqual({
    guaranteed: 1,
    all: 2,
  });
});

test('pools that share nodes are told together, and their capacity once', () => {
  const workflow = workflowOf('w', { spec: { pool: 'a' } });
  const running = taskOf(workflow, 't', { phase: 'Running' }, { pool: 'a' });
  const pools = [
    pool('a', { gpuQuota: { guarantee: 4, maximum: -1, weight: 1 } }),
    pool('b'),
    pool('c', { platforms: ['cpu'] }),
  ];
  const quota = poolQuota(world(pools, [running] as never[]));
  expect(quota).toMatchObject({
    node_sets: [
      {
        pools: [
          { name: 'a', resource_usage: { quota_used: '1', quota_limit: '4', quota_free: '3', total_capacity: '16' } },
          { name: 'b', resource_usage: { quota_used: '0', quota_limit: '16', total_capacity: '16', total_free: '15' } },
        ],
      },
      { pools: [{ name: 'c', resource_usage: { total_capacity: '0' } }] },
    ],
    resource_sum: { total_capacity: '16', total_usage: '1', total_free: '15' },
  });
});

test('sets of nodes are the connected components', () => {
  const edges = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 15 });
  fc.assert(
    fc.property(edges, (pairs) => {
      const keys = new Map(Array.from({ length: 7 }, (_, pool_) => [`p${pool_}`, new Set<string>()] as const));
      for (const [name, key] of pairs) keys.get(`p${name}`)?.add(`k${key}`);
      const sets = nodeSets(keys);
      expect(sets.flat().toSorted()).toEqual([...keys.keys()]);
      const setOf = (name: string): string[] | undefined => sets.find((set) => set.includes(name));
      for (const [one, own] of keys) {
        for (const [other, theirs] of keys)
          if ([...own].some((key) => theirs.has(key))) expect(setOf(one)).toBe(setOf(other));
      }
    }),
    { seed: 5, numRuns: 200 },
  );
});

test.each([
  [pool('a'), 'ONLINE'],
  [pool('a', { maintenance: true }), 'MAINTENANCE'],
  [{ ...pool('a'), status: undefined } as never, 'OFFLINE'],
])('a pool takes work or says why not', (given, want) => expect(poolStatus(given)).toBe(want));

test('resources are the shapes of nodes that pools can use', () => {
  const all = resourceEntries(world([pool('a'), pool('b')]), new Set());
  expect(all).toMatchObject([
    {
      hostname: 'b-s1',
      resource_type: 'SHARED',
      nodes: 3,
      exposed_fields: { node: 'b-s1', 'pool/platform': ['a/gpu', 'b/gpu'] },
      platform_allocatable_fields: { a: { gpu: { gpu: 8, memory: '64Gi' } } },
      pool_platform_labels: { a: ['gpu'], b: ['gpu'] },
    },
  ]);
  expect(resourceEntries(world([pool('a')]), new Set(['cpu']))).toEqual([]);
});

test('what ends of tasks come to is told as upstream has it: codes by action', () => {
  const defaultExitActions = [
    { action: 'Reschedule', exitCodes: '137' },
    { action: 'Complete', exitCodes: '0,3-5' },
    { action: 'Reschedule', exitCodes: '3006' },
  ];
  const { platforms } = world([]);
  expect(poolEntry(pool('a', { defaultExitActions }), platforms)).toMatchObject({
    default_exit_actions: { RESCHEDULE: '137,3006', COMPLETE: '0,3-5' },
  });
  expect(poolEntry(pool('b'), platforms)).toMatchObject({ default_exit_actions: {} });
});
