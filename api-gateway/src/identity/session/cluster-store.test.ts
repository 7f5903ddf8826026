import { expect, test } from '@jest/globals';
import { type ConfigMap, KubeError } from '@osmo/kube';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import { clusterStore, ledgerKeyOfData } from './cluster-store.ts';
import { Ledger } from './ledger.ts';

/** A ConfigMap that takes only what was made of its newest version, as the apiserver has it. */
function playedMap() {
  let stored: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'sessions', namespace: 'osmo', resourceVersion: '1', labels: { of: 'the chart' } },
  };
  let conflicts = 0;
  const client = {
    get: async () => structuredClone(stored),
    replace: async (_: unknown, next: ConfigMap) => {
      if (next.metadata.resourceVersion !== stored.metadata.resourceVersion) {
        conflicts++;
        throw new KubeError({ status: 409, reason: 'Conflict', message: 'it has changed' });
      }
      const resourceVersion = String(Number(stored.metadata.resourceVersion) + 1);
      stored = { ...structuredClone(next), metadata: { ...next.metadata, resourceVersion } };
      return structuredClone(stored);
    },
  };
  return { client: client as never, stored: () => stored, conflicts: () => conflicts };
}

test('of two replicas that write at once one is told that it was too late, and both are written down', async () => {
  const map = playedMap();
  const clock = new FakeClock('2026-03-01T00:00:00Z');
  const until = clock.now().getTime() / 1000 + 600;
  const where = { namespace: 'osmo', name: 'sessions' };
  const [one, other] = [1, 2].map(
    () => new Ledger(clusterStore(map.client, where), { clock, logger: recordingLogger() }),
  );
  const outcomes = await Promise.all([
    one?.change({ use: { key: 'a', until } }),
    other?.change({ use: { key: 'a', until } }),
    other?.change({ use: { key: 'b', until } }),
  ]);
  expect(outcomes.map(String).toSorted()).toEqual(['done', 'done', 'used']);
  expect(map.conflicts()).toBeGreaterThan(0);
  expect(Object.keys((JSON.parse(map.stored().data?.[ledgerKeyOfData] ?? '') as { used: object }).used)).toEqual(
    expect.arrayContaining(['a', 'b']),
  );
  expect(map.stored().metadata.labels).toEqual({ of: 'the chart' });
});
