import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Lease, silentLogger } from '@osmo/kube';
import type { FakeApiserver } from '@osmo/kube/testing';
import { startHub } from '../testing/fake-clusters.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { until } from '@osmo/kube/testing';
import { beat } from './heartbeat.ts';

describe('heartbeat', () => {
  let hub: FakeApiserver;
  let clock: ManualClock;
  let stop: AbortController;
  let done: Promise<void>;

  beforeEach(async () => {
    hub = await startHub();
    clock = new ManualClock('2026-03-01T10:00:00Z');
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await done;
    await hub.close();
  });

  const start = () => {
    done = beat(
      { hub: hub.client(), backend: 'east', namespace: 'osmo', identity: 'pod-1', clock, logger: silentLogger },
      stop.signal,
    );
  };
  const renewTime = () => hub.get(Lease, { namespace: 'osmo', name: 'osmo-backend-east' })?.spec?.renewTime;
  const paused = () =>
    until(
      () => clock.pending,
      (n) => n === 1,
    );

  test('beats at once and every ten seconds', async () => {
    start();
    await paused();
    expect(hub.get(Lease, { namespace: 'osmo', name: 'osmo-backend-east' })?.spec).toEqual({
      holderIdentity: 'pod-1',
      leaseDurationSeconds: 40,
      renewTime: '2026-03-01T10:00:00.000000Z',
    });
    clock.advance(9_999);
    expect(hub.writes).toHaveLength(1);
    clock.advance(1);
    await until(renewTime, (time) => time === '2026-03-01T10:00:10.000000Z');
  });

  test('goes on after a beat that failed', async () => {
    hub.inject({
      on: ({ resource }) => resource === 'leases.coordination.k8s.io',
      effect: { respond: { status: 403 } },
    });
    start();
    await paused();
    expect(renewTime()).toBeUndefined();
    clock.advance(10_000);
    await until(renewTime, (time) => time !== undefined);
  });

  test('stops when told', async () => {
    start();
    await paused();
    stop.abort();
    await done;
    expect(clock.pending).toBe(0);
  });
});
