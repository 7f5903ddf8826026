import { Labels } from '@osmo/crds';
import { Tasks } from '../kinds.ts';
import { type Informer, type KubeObject, type Manager, Pod, Service } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { type GroupKey, groupKeyString, groupOfObject, groupOfTask } from './identity.ts';
import { type PodGroup, PodGroups } from './pod-group.ts';
import { slimPod, slimTask } from './slim.ts';
import type { Task } from './task.ts';

/** The caches that a group's world is read from, each indexed by group. */
export interface GroupCaches {
  tasks: Informer<Task>;
  pods: Informer<Pod>;
  services: Informer<Service>;
  podGroups: Informer<PodGroup>;
}

/** Name of the index by group of each cache. */
export const byGroup = 'group';

/** The value of a group in the index. */
export function indexValue(key: GroupKey): string {
  return `${key.namespace}/${groupKeyString(key)}`;
}

/** Caches of the backend's Tasks on the hub, and of the pods, Services and gangs that were made for them on the cluster. */
export function groupCaches(manager: Pick<Manager, 'informer'>, backend: string): GroupCaches {
  const labelSelector = `${Labels.backend}=${backend}`;
  const onCluster = {
    on: Clusters.cluster,
    labelSelector,
    indexes: { [byGroup]: (object: KubeObject) => valuesOf(groupOfObject(object)) },
  };
  return {
    tasks: manager.informer<Task>({
      on: Clusters.hub,
      type: Tasks,
      labelSelector,
      indexes: { [byGroup]: (task) => valuesOf(groupOfTask(task)) },
      transform: slimTask,
    }),
    pods: manager.informer<Pod>({ ...onCluster, type: Pod, transform: slimPod }),
    services: manager.informer<Service>({ ...onCluster, type: Service }),
    podGroups: manager.informer<PodGroup>({ ...onCluster, type: PodGroups, watchList: false }),
  };
}

function valuesOf(key: GroupKey | undefined): string[] {
  return key === undefined ? [] : [indexValue(key)];
}
