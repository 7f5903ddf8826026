import { describe, expect, test } from '@jest/globals';
import type { Backend, Condition } from '@osmo/crds';
import type { Lease } from '@osmo/kube';
import { backend } from '../testing/objects.ts';
import { backendOfLease, Heartbeats, leaseNameOf } from './heartbeats.ts';
import { planBackend } from './plan.ts';

const noon = new Date('2026-01-01T12:00:00Z');
const after = (seconds: number): Date => new Date(noon.getTime() + seconds * 1000);
const plan = (heartbeat: Date | undefined, now: Date, of: Backend = backend()) =>
  planBackend({ now, backend: of, lease: 'osmo-backend-local', heartbeat });
const conditionsAt = (heartbeat: Date | undefined, now: Date): Condition[] => {
  const status = plan(heartbeat, now).statuses?.[0]?.status as { conditions: Condition[] } | undefined;
  return status?.conditions ?? [];
};

describe('a backend', () => {
  test.each<[string, { heartbeat: Date | undefined; now: Date; want: object; wakeAt: Date | undefined }]>([
    [
      'was never there',
      { heartbeat: undefined, now: noon, want: { status: 'False', reason: 'NeverConnected' }, wakeAt: undefined },
    ],
    [
      'has just given a sign of life',
      { heartbeat: noon, now: noon, want: { status: 'True', reason: 'Heartbeat' }, wakeAt: after(40) },
    ],
    [
      'is late, but not too late',
      { heartbeat: noon, now: after(39), want: { status: 'True', reason: 'Heartbeat' }, wakeAt: after(40) },
    ],
    [
      'is gone',
      { heartbeat: noon, now: after(40), want: { status: 'False', reason: 'HeartbeatLost' }, wakeAt: undefined },
    ],
  ])('%s', (_, { heartbeat, now, want, wakeAt }) => {
    expect(conditionsAt(heartbeat, now)).toMatchObject([{ type: 'Connected', ...want }]);
    expect(plan(heartbeat, now).wakeAt).toEqual(wakeAt);
  });

  test('keeps what its operator says about it: only the conditions are ours', () => {
    expect(plan(noon, noon).statuses).toMatchObject([{ fields: ['conditions'], status: { conditions: [{}] } }]);
    expect(Object.keys(plan(noon, noon).statuses?.[0]?.status ?? {})).toEqual(['conditions']);
  });

  test('says the same as long as nothing changes, whatever the time', () => {
    const lost = backend('local', { conditions: conditionsAt(noon, after(50)) });
    const again = plan(noon, after(5000), lost).statuses?.[0]?.status;
    expect(again).toEqual({ conditions: lost.status?.conditions });
  });
});

describe('heartbeats', () => {
  const lease = (renewTime: string | undefined): Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: leaseNameOf('local'), namespace: 'osmo' },
    spec: renewTime === undefined ? {} : { renewTime },
  });
  const seen = (...observed: [Lease, Date, boolean][]): Date | undefined => {
    const heartbeats = new Heartbeats();
    for (const each of observed) heartbeats.observe(...each);
    return heartbeats.of('osmo-backend-local');
  };

  test('count from when they are seen, so that the clock of the other cluster does not matter', () => {
    const first: [Lease, Date, boolean] = [lease('2026-01-01T11:00:00.000000Z'), noon, true];
    expect(seen(first)).toEqual(new Date('2026-01-01T11:00:00Z'));
    expect(seen(first, [lease('2026-01-01T11:00:10.000000Z'), after(10), false])).toEqual(after(10));
  });

  test('are never in the future', () => {
    expect(seen([lease('2026-01-01T15:00:00.000000Z'), noon, true])).toEqual(noon);
  });

  test('are not repeated by an event that renews nothing', () => {
    expect(
      seen(
        [lease('2026-01-01T12:00:00.000000Z'), after(1), false],
        [lease('2026-01-01T12:00:00.000000Z'), after(30), false],
      ),
    ).toEqual(after(1));
  });

  test('need a renewal', () => {
    expect(seen([lease(undefined), noon, true])).toBeUndefined();
  });

  test('belong to the Lease of the backend only', () => {
    expect(backendOfLease('osmo-backend-gpu-1')).toBe('gpu-1');
    expect(backendOfLease('osmo-controllers')).toBeUndefined();
  });
});
