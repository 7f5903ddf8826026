import { Labels } from '@osmo/crds';
import { Tasks } from '../kinds.ts';
import {
  type Clock,
  type Informer,
  type KubeClient,
  type KubeObject,
  type Logger,
  newInformer,
  Pod,
  type ReflectorMetrics,
  Service,
} from '@osmo/kube';
import { type GroupKey, groupKeyString, groupOfObject, groupOfTask } from './identity.ts';
import { slimPod, slimTask } from './slim.ts';
import type { Task } from './task.ts';

/** The caches that a group's world is read from, each indexed by group. */
export interface GroupCaches {
  tasks: Informer<Task>;
  pods: Informer<Pod>;
  services: Informer<Service>;
}

/** Name of the index by group of each cache. */
export const byGroup = 'group';

/** The value of a group in the index. */
export function indexValue(key: GroupKey): string {
  return `${key.namespace}/${groupKeyString(key)}`;
}

export interface CacheOptions {
  hub: KubeClient;
  cluster: KubeClient;
  backend: string;
  clock: Clock;
  logger: Logger;
  metrics?: ReflectorMetrics;
}

/** Caches of the backend's Tasks on the hub, and of the pods and Services that were made for them on the cluster. */
export function newGroupCaches({ hub, cluster, backend, ...common }: CacheOptions): GroupCaches {
  const labelSelector = `${Labels.backend}=${backend}`;
  const indexes = { [byGroup]: (object: KubeObject) => valuesOf(groupOfObject(object)) };
  return {
    tasks: newInformer<Task>({
      ...common,
      client: hub,
      type: Tasks,
      labelSelector,
      indexes: { [byGroup]: (task) => valuesOf(groupOfTask(task)) },
      transform: slimTask,
    }),
    pods: newInformer<Pod>({ ...common, client: cluster, type: Pod, labelSelector, indexes, transform: slimPod }),
    services: newInformer<Service>({ ...common, client: cluster, type: Service, labelSelector, indexes }),
  };
}

function valuesOf(key: GroupKey | undefined): string[] {
  return key === undefined ? [] : [indexValue(key)];
}
