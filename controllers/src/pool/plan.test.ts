import { expect, test } from '@jest/globals';
import { backend, pool } from '../testing/objects.ts';
import { planPool, type PoolWorld } from './plan.ts';

const now = new Date('2026-01-01T12:00:00Z');
const gone = backend('local', {
  conditions: [
    {
      type: 'Connected',
      status: 'False',
      reason: 'HeartbeatLost',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    },
  ],
});

test.each<[string, { world: Partial<PoolWorld>; status: string; reason: string; message?: RegExp }]>([
  ['takes work', { world: {}, status: 'True', reason: 'Available' }],
  [
    'names a backend that does not exist',
    { world: { backend: undefined }, status: 'False', reason: 'BackendNotFound', message: /spec\.backend: "local"/ },
  ],
  [
    'lists a platform that does not exist',
    {
      world: { missingPlatforms: ['b', 'a'] },
      status: 'False',
      reason: 'PlatformNotFound',
      message: /no Platform "b", "a"/,
    },
  ],
  ['is in maintenance', { world: { pool: pool({ maintenance: true }) }, status: 'False', reason: 'Maintenance' }],
  ['has lost its backend', { world: { backend: gone }, status: 'False', reason: 'BackendDisconnected' }],
  [
    'has a backend that has not been heard of',
    {
      world: { backend: { ...backend(), status: { conditions: [] } } },
      status: 'False',
      reason: 'BackendDisconnected',
    },
  ],
])('a pool that %s', (_, { world, status, reason, message }) => {
  const plan = planPool({ now, pool: pool(), backend: backend(), missingPlatforms: [], ...world });
  expect(plan.status?.conditions).toMatchObject([{ type: 'Ready', status, reason }]);
  if (message !== undefined) expect(plan.status?.conditions[0]?.message).toMatch(message);
});
