import type { Backend } from '@osmo/crds';
import { Backends } from '../kinds.ts';
import {
  type Change,
  type ControllerDefinition,
  defineController,
  type Informer,
  type KubeObject,
  type Manager,
  Node,
  watching,
} from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { type ClusterFacts, inventoryDueAt, type InventoryWorld, planInventory } from './plan.ts';
import { requireSameCluster } from './register.ts';

/** The caches of the inventory: the nodes of the cluster, and its one Backend on the hub. */
export interface InventoryCaches {
  nodes: Informer<Node>;
  backends: Informer<Backend>;
}

export function inventoryCaches(manager: Pick<Manager, 'informer'>, backend: string): InventoryCaches {
  return {
    nodes: manager.informer<Node>({ on: Clusters.cluster, type: Node, transform: slimNode }),
    backends: manager.informer<Backend>({
      on: Clusters.hub,
      type: Backends,
      fieldSelector: `metadata.name=${backend}`,
    }),
  };
}

/** Keeps Backend.status up to date with the nodes. */
export function inventoryController(
  caches: InventoryCaches,
  backend: string,
  facts: ClusterFacts,
): ControllerDefinition<KubeObject, InventoryWorld> {
  const key = [{ name: backend }];
  let takenAt: Date | undefined;
  return defineController<KubeObject, InventoryWorld>({
    name: 'inventory',
    watches: [
      watching({ on: Clusters.cluster, informer: caches.nodes, predicate: saysMore, enqueue: () => key }),
      watching({ on: Clusters.hub, informer: caches.backends, enqueue: () => key }),
    ],
    observe: (_, { now }) => {
      const found = caches.backends.get(undefined, backend);
      if (found === undefined) return undefined;
      requireSameCluster(found, facts.clusterUID);
      const world = { now, backend: found, nodes: caches.nodes.list(), facts, takenAt };
      if (inventoryDueAt(world) <= now) takenAt = now;
      return world;
    },
    plan: planInventory,
    workers: 1,
  });
}

/** A node reports itself every few minutes without having changed. */
function saysMore({ old, new: node }: Change<Node>): boolean {
  return JSON.stringify(withoutVersion(old)) !== JSON.stringify(withoutVersion(node));
}

function withoutVersion(node: Node | undefined): unknown {
  return node === undefined
    ? undefined
    : [node.metadata.labels, node.metadata.deletionTimestamp, node.spec, node.status];
}

/** What the inventory is taken from; a node's images alone can be most of its size. */
function slimNode(node: Node): Node {
  const { labels, name, uid, resourceVersion, deletionTimestamp } = node.metadata;
  return {
    apiVersion: node.apiVersion,
    kind: node.kind,
    metadata: {
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels === undefined ? {} : { labels }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: {
      ...(node.spec?.taints === undefined ? {} : { taints: node.spec.taints }),
      ...(node.spec?.unschedulable === undefined ? {} : { unschedulable: node.spec.unschedulable }),
    },
    status: {
      allocatable: node.status?.allocatable ?? {},
      conditions: (node.status?.conditions ?? []).map(({ type, status }) => ({ type, status })),
    },
  };
}
