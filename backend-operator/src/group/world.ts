import type { Pod, Secret, Service } from '@osmo/kube';
import type { Task, TaskStatus } from './task.ts';
import type { Limits } from './verdict.ts';

export interface GroupSettings {
  limits: Limits;
  nodeLostSeconds: number;
}

/** Everything that decides about one group, as of one moment. */
export interface GroupWorld {
  now: Date;
  /** Tasks of the group that the hub has. */
  tasks: readonly Task[];
  /** Pods and Services that were made for the group. */
  pods: readonly Pod[];
  services: readonly Service[];
  /** UIDs of Tasks of which the hub has said, when asked directly, that they do not exist. */
  gone: ReadonlySet<string>;
  /** Why the apiserver will never take a pod or its files: by pod name. */
  refusals: ReadonlyMap<string, string>;
  /** Why the cluster doesn't take a pod for now, although it may later (a quota, a missing namespace): by pod name. */
  delays: ReadonlyMap<string, string>;
  /** UIDs of pods whose files Secret is known to exist. */
  filesStored: ReadonlySet<string>;
  settings: GroupSettings;
}

/** What is to be done about a group. Creates come before removals, removals before statuses, Events last. */
export interface GroupPlan {
  create: { pods: Pod[]; services: Service[]; secrets: Secret[] };
  /** Pods to be deleted; those with our finalizer stay until they are released. */
  deletePods: Pod[];
  /** Pods, already being deleted, whose result is recorded or wanted by nobody: our finalizer goes. */
  releasePods: Pod[];
  deleteServices: Service[];
  statuses: { task: Task; status: TaskStatus }[];
  wakeAt?: Date;
}

/** A task of the group, its pod if there is one, and the status that it has by that alone. */
export interface Member {
  task: Task;
  attempt: number;
  pod: Pod | undefined;
  status: TaskStatus;
  /** The pod to be created if the group starts, or goes on. */
  wanted?: Pod;
  /** It has, or had, a pod. */
  started: boolean;
  wakeAt?: Date | undefined;
}
