import { describe, expect, test } from '@jest/globals';
import type { Node } from '@osmo/kube';
import fc from 'fast-check';
import { type NodeConditionRule, shapeLimit, summarise } from './summary.ts';

interface NodeWish {
  name?: string;
  labels?: Record<string, string>;
  taints?: NonNullable<Node['spec']>['taints'];
  allocatable?: Record<string, string>;
  ready?: 'True' | 'False' | 'Unknown';
  unschedulable?: boolean;
  conditions?: { type: string; status: 'True' | 'False' | 'Unknown' }[];
}

const amounts = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110' };

function node(wish: NodeWish = {}): Node {
  const name = wish.name ?? 'n1';
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/arch': 'amd64', ...wish.labels } },
    spec: {
      ...(wish.taints === undefined ? {} : { taints: wish.taints }),
      ...(wish.unschedulable === undefined ? {} : { unschedulable: wish.unschedulable }),
    },
    status: {
      allocatable: { ...amounts, ...wish.allocatable },
      conditions: [{ type: 'Ready', status: wish.ready ?? 'True' }, ...(wish.conditions ?? [])],
    },
  };
}

describe('summarise', () => {
  test('an empty cluster', () => {
    expect(summarise([])).toEqual({
      nodes: { total: 0, available: 0 },
      capacity: { cpu: '0', memory: '0', storage: '0', gpu: 0 },
      shapes: [],
    });
  });

  test('equal nodes are one shape; the sum is over available ones', () => {
    const gpu = { 'nvidia.com/gpu': '8' };
    const nodes = [node({ name: 'a', allocatable: gpu }), node({ name: 'b', allocatable: gpu, ready: 'Unknown' })];
    expect(summarise(nodes)).toEqual({
      nodes: { total: 2, available: 1 },
      capacity: { cpu: '8', memory: '32Gi', storage: '100Gi', gpu: 8 },
      shapes: [
        {
          id: expect.stringMatching(/^[0-9a-f]{12}$/),
          count: 2,
          available: 1,
          labels: { 'kubernetes.io/arch': 'amd64' },
          taints: [],
          allocatable: { cpu: '8', memory: '32Gi', storage: '100Gi', gpu: 8 },
        },
      ],
    });
  });

  test('a few KiB of difference are one shape, which claims what the smaller one has', () => {
    const nodes = [
      node({ allocatable: { memory: '32990000Ki' } }),
      node({ name: 'b', allocatable: { memory: '32989000Ki' } }),
    ];
    expect(summarise(nodes).shapes).toMatchObject([{ count: 2, allocatable: { memory: '32989000Ki' } }]);
  });

  test.each<[string, NodeWish, number]>([
    ['ready', {}, 1],
    ['not ready', { ready: 'False' }, 0],
    ['unreachable', { ready: 'Unknown' }, 0],
    ['cordoned', { unschedulable: true }, 0],
    ['a condition that no rule names', { conditions: [{ type: 'Odd', status: 'True' }] }, 1],
    ['a rule says no', { conditions: [{ type: 'GpuHealthy', status: 'False' }] }, 0],
    ['a rule says yes', { conditions: [{ type: 'GpuHealthy', status: 'True' }] }, 1],
    ['unknown is not what the rule asks for', { conditions: [{ type: 'NicHealthy', status: 'Unknown' }] }, 0],
  ])('available: %s', (_, wish, available) => {
    const rules: NodeConditionRule[] = [{ type: '.*Healthy', status: 'True' }];
    expect(summarise([node(wish)], rules).nodes).toEqual({ total: 1, available });
  });

  test('a rule that can not be read makes no node available', () => {
    expect(summarise([node()], [{ type: '(', status: 'True' }]).nodes.available).toBe(0);
  });

  test('taints tell shapes apart, passing ones do not', () => {
    const taints = [{ key: 'gpu', value: 'a100', effect: 'NoSchedule' as const }];
    const passing = [
      { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' as const, timeAdded: '2026-03-01T10:00:00Z' },
    ];
    const { shapes } = summarise([
      node({ taints }),
      node({ taints: [...passing, ...taints] }),
      node({ taints: passing }),
    ]);
    expect(shapes.map(({ count, taints: own }) => [count, own])).toEqual(
      expect.arrayContaining([
        [2, taints],
        [1, []],
      ]),
    );
    expect(shapes).toHaveLength(2);
  });

  test('an id survives that nodes of its shape come and go', () => {
    const [one] = summarise([node()]).shapes;
    const [three] = summarise([node(), node({ name: 'b' }), node({ name: 'c', ready: 'False' })]).shapes;
    expect(three?.id).toBe(one?.id);
  });

  test('more shapes than allowed: labels that differ on every node go first, those that matter stay', () => {
    const nodes = Array.from({ length: 300 }, (_, i) =>
      node({
        name: `n${i}`,
        labels: {
          'example.com/serial': `s${i}`,
          'example.com/rack': `r${i % 100}`,
          accelerator: i % 2 === 0 ? 'a100' : 'h100',
        },
      }),
    );
    const { shapes } = summarise(nodes);
    expect(Object.fromEntries(shapes.map(({ labels, count }) => [labels['accelerator'], count]))).toEqual({
      a100: 150,
      h100: 150,
    });
    expect(shapes).toHaveLength(2);
  });

  test('more kinds of hardware than shapes: the largest stay', () => {
    const nodes = Array.from({ length: 100 }, (_, i) =>
      Array.from({ length: i + 1 }, (__, k) => node({ name: `n${i}-${k}`, allocatable: { cpu: String(i + 1) } })),
    ).flat();
    const { shapes } = summarise(nodes);
    expect(shapes).toHaveLength(shapeLimit);
    expect(Math.min(...shapes.map(({ count }) => count))).toBe(37);
  });

  test('at most 64 labels: those of feature discovery go first', () => {
    const many = (prefix: string, n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`${prefix}${i}`, 'true']));
    const [shape] = summarise([
      node({ labels: { ...many('feature.node.kubernetes.io/cpu-', 200), ...many('zz', 10) } }),
    ]).shapes;
    expect(Object.keys(shape?.labels ?? {})).toHaveLength(64);
    expect(shape?.labels).toMatchObject({ 'kubernetes.io/arch': 'amd64', zz9: 'true' });
  });

  test('laws: order of nodes is irrelevant; counts add up; heartbeats change nothing', () => {
    const wish = fc.record(
      {
        name: fc.constantFrom('a', 'b', 'c'),
        labels: fc.dictionary(fc.constantFrom('zone', 'arch'), fc.constantFrom('x', 'y')),
        ready: fc.constantFrom('True' as const, 'Unknown' as const),
        allocatable: fc.record({
          cpu: fc.constantFrom('4', '7900m', 'bad'),
          memory: fc.constantFrom('16Gi', '16300000Ki'),
        }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 12 }), fc.nat(), (wishes, seed) => {
        const nodes = wishes.map((w) => node(w as NodeWish));
        const turned = [...nodes.slice(seed % (nodes.length + 1)), ...nodes.slice(0, seed % (nodes.length + 1))].map(
          (n) => ({
            ...n,
            status: {
              ...n.status,
              conditions: n.status?.conditions?.map((c) => ({ ...c, lastHeartbeatTime: String(seed) })) ?? [],
            },
          }),
        );
        const summary = summarise(nodes);
        expect(summarise(turned)).toEqual(summary);
        expect(summary.shapes.reduce((sum, { count }) => sum + count, 0)).toBe(summary.nodes.total);
        expect(summary.shapes.reduce((sum, { available }) => sum + available, 0)).toBe(summary.nodes.available);
      }),
    );
  });
});
