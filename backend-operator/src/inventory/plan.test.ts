import { describe, expect, test } from '@jest/globals';
import type { Backend } from '@osmo/crds';
import type { Node } from '@osmo/kube';
import { planInventory, type InventoryWorld } from './plan.ts';

const now = new Date('2026-03-01T10:00:00Z');
const node: Node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  status: {
    allocatable: { cpu: '4', memory: '16Gi' },
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'GpuHealthy', status: 'False' },
    ],
  },
};
const backend: Backend = {
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'Backend',
  metadata: { name: 'east', generation: 3 },
  spec: {},
};
const facts = { version: '0.1.0', kubernetesVersion: 'v1.36.3', clusterUID: 'c' };
const world = (more: Partial<InventoryWorld> = {}): InventoryWorld => ({ now, backend, nodes: [node], facts, ...more });

describe('planInventory', () => {
  test('reports what the cluster is and has, and leaves the conditions to the hub', () => {
    const [write] = planInventory(world()).statuses ?? [];
    expect(write).toMatchObject({
      on: 'hub',
      object: backend,
      status: {
        observedGeneration: 3,
        ...facts,
        nodes: { total: 1, available: 1 },
        capacity: { cpu: '4', memory: '16Gi', storage: '0', gpu: 0 },
        shapes: [{ count: 1 }],
      },
    });
    expect(write?.fields).not.toContain('conditions');
    expect(Object.keys(write?.status ?? {}).toSorted()).toEqual([...(write?.fields ?? [])].toSorted());
  });

  test('follows the rules of the Backend', () => {
    const strict = { ...backend, spec: { nodeConditions: { rules: [{ type: 'GpuHealthy', status: 'True' }] } } };
    expect(planInventory(world({ backend: strict })).statuses?.[0]?.status).toMatchObject({
      nodes: { total: 1, available: 0 },
    });
  });

  test('at most every ten seconds', () => {
    const at = (seconds: number) => new Date(now.getTime() - seconds * 1000);
    expect(planInventory(world({ takenAt: at(9) }))).toEqual({ wakeAt: new Date(now.getTime() + 1000) });
    expect(planInventory(world({ takenAt: at(10) })).statuses).toHaveLength(1);
  });
});
