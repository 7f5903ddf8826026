import { expect, test } from '@jest/globals';
import type { Backend, BackendShape, PlatformSpec } from '@osmo/crds';
import { backend, platform } from '../testing/objects.ts';
import { planPlatform } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const shape = (id: string, count: number, more: Partial<BackendShape> = {}): BackendShape => ({
  id,
  count,
  available: count,
  labels: {},
  taints: [],
  allocatable: { cpu: '4', memory: '8Gi', storage: '1Gi', gpu: 0 },
  ...more,
});
const gpu = { labels: { gpu: 'yes' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' as const }] };
const backends: Backend[] = [
  backend('west', { shapes: [shape('a', 3), shape('b', 2, gpu)] }),
  backend('east', {
    shapes: [
      shape('c', 1, { labels: { gpu: 'yes' } }),
      shape('d', 4, { ...gpu, taints: [{ key: 'soft', effect: 'PreferNoSchedule' }] }),
    ],
  }),
];
const every = [
  { name: 'east', nodes: 5, shapes: 2 },
  { name: 'west', nodes: 3, shapes: 1 },
];

test.each<[string, { spec: Partial<PlatformSpec>; reason: string; backends: object[] }]>([
  [
    'selects nothing in particular: every node without a hard taint',
    { spec: {}, reason: 'MatchingNodes', backends: every },
  ],
  [
    'selects a label and tolerates no taint',
    {
      spec: { nodeSelector: { gpu: 'yes' } },
      reason: 'MatchingNodes',
      backends: [{ name: 'east', nodes: 5, shapes: 2 }],
    },
  ],
  [
    'tolerates the taint by its value',
    {
      spec: { nodeSelector: { gpu: 'yes' }, tolerations: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] },
      reason: 'MatchingNodes',
      backends: [
        { name: 'east', nodes: 5, shapes: 2 },
        { name: 'west', nodes: 2, shapes: 1 },
      ],
    },
  ],
  [
    'tolerates the taint with another effect',
    {
      spec: { nodeSelector: { gpu: 'yes' }, tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }] },
      reason: 'MatchingNodes',
      backends: [{ name: 'east', nodes: 5, shapes: 2 }],
    },
  ],
  [
    'tolerates everything',
    {
      spec: { tolerations: [{ operator: 'Exists' }] },
      reason: 'MatchingNodes',
      backends: [
        { name: 'east', nodes: 5, shapes: 2 },
        { name: 'west', nodes: 5, shapes: 2 },
      ],
    },
  ],
  ['matches nothing', { spec: { nodeSelector: { gpu: 'h100' } }, reason: 'NoMatchingNode', backends: [] }],
  [
    'matches nothing, and can be started',
    {
      spec: { nodeSelector: { gpu: 'h100' }, nodeShapes: [{ name: 'metal', cpu: 96, memory: '1Ti' }] },
      reason: 'DeclaredShapes',
      backends: [],
    },
  ],
])('a platform that %s', (_, { spec, reason, backends: want }) => {
  const plan = planPlatform({ now, platform: platform(spec), backends });
  expect(plan.status?.conditions).toMatchObject([
    { type: 'Ready', status: reason === 'NoMatchingNode' ? 'False' : 'True', reason },
  ]);
  expect(plan.status?.backends).toEqual(want);
});

test('the order in which backends are known makes no difference', () => {
  const status = (known: readonly Backend[]) => planPlatform({ now, platform: platform(), backends: known }).status;
  expect(status(backends.toReversed())).toEqual(status(backends));
});
