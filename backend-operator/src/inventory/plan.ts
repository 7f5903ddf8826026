import type { Backend, BackendStatus } from '@osmo/crds';
import { Backends } from '../kinds.ts';
import type { Node, Plan } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { summarise } from './summary.ts';

/** What the operator knows about itself and its cluster. */
export interface ClusterFacts {
  version: string;
  kubernetesVersion: string;
  clusterUID: string;
}

export interface InventoryWorld {
  now: Date;
  backend: Backend;
  nodes: readonly Node[];
  facts: ClusterFacts;
  /** When the inventory was taken last; undefined before the first time. */
  takenAt?: Date | undefined;
}

/** At most one write of an inventory in this time: nodes come and go by the dozen. */
export const inventorySeconds = 10;

/** Fields of Backend.status that are the operator's; its conditions are the hub's. */
const ownFields = ['observedGeneration', 'version', 'kubernetesVersion', 'clusterUID', 'nodes', 'capacity', 'shapes'];

/** Whether the inventory may be taken now, or when. */
export function inventoryDueAt({ now, takenAt }: Pick<InventoryWorld, 'now' | 'takenAt'>): Date {
  return takenAt === undefined ? now : new Date(takenAt.getTime() + inventorySeconds * 1000);
}

/** Reports the nodes of the cluster on its Backend, 10 s after the last time at the earliest and only if it says anything new. */
export function planInventory(world: InventoryWorld): Plan {
  const due = inventoryDueAt(world);
  if (due > world.now) return { wakeAt: due };
  return {
    statuses: [{ on: Clusters.hub, type: Backends, object: world.backend, status: statusOf(world), fields: ownFields }],
  };
}

function statusOf({ backend, nodes, facts }: InventoryWorld): Omit<BackendStatus, 'conditions'> {
  const generation = backend.metadata.generation;
  const { nodes: counts, capacity, shapes } = summarise(nodes, backend.spec.nodeConditions?.rules ?? []);
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...facts,
    nodes: counts,
    capacity,
    shapes,
  };
}
