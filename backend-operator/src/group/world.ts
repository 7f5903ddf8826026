import type { Pod, Secret, Service } from '@osmo/kube';
import type { Again } from './attempt-end.ts';
import type { PodGroup } from './pod-group.ts';
import type { DataSettings } from '../transfer/plan.ts';
import type { Task, TaskStatus } from './task.ts';
import type { Limits, Verdict } from './verdict.ts';

export interface GroupSettings {
  limits: Limits;
  nodeLostSeconds: number;
  /** Image of what runs beside the commands of tasks. */
  taskRuntimeImage: string;
  /** Intermediate storage of outputs; undefined: the backend has none. */
  data?: DataSettings | undefined;
}

/** Everything that decides about one group, as of one moment. */
export interface GroupWorld {
  now: Date;
  /** Tasks of the group that the hub has. */
  tasks: readonly Task[];
  /** Pods and Services that were made for the group. */
  pods: readonly Pod[];
  services: readonly Service[];
  /** The gang that was made for the group; undefined: the cluster knows none. */
  podGroups?: readonly PodGroup[];
  /** UIDs of Tasks of which the hub has said, when asked directly, that they do not exist. */
  gone: ReadonlySet<string>;
  /** Why the apiserver will never take a pod, its files or the Service: as the ledger has it. */
  refusals: ReadonlyMap<string, string>;
  /** Why the cluster doesn't take a pod or the Service for now, although it may later (a quota, a missing namespace): as the ledger has it. */
  delays: ReadonlyMap<string, string>;
  /** Secrets of pods that are known to exist, as `storedSecret` names them. */
  filesStored: ReadonlySet<string>;
  /** What keeps pods although their end is on record; undefined: logs are not stored. */
  logs?: LogFacts;
  settings: GroupSettings;
}

/** Which logs are still to be stored. */
export interface LogFacts {
  /** UIDs of pods. */
  pending: ReadonlySet<string>;
  /** A pod that is to go waits at most so long for its log. */
  releaseSeconds: number;
}

/**
 * What is to be done about a group. Creates come before removals, removals before statuses, Events last. While a Service
 * that is to be created isn't taken, no pod is created.
 */
export interface GroupPlan {
  create: { pods: Pod[]; services: Service[]; secrets: Secret[] };
  /** The gang as it should be, written before its pods. */
  podGroups: PodGroup[];
  /** Pods to be deleted; those with our finalizer stay until they are released. */
  deletePods: Pod[];
  /** Pods that must not be given the time to end in order. */
  killPods: Pod[];
  /** Pods, already being deleted, whose result is recorded or wanted by nobody: our finalizer goes. */
  releasePods: Pod[];
  /** Those of them whose logs are not stored: the time for it has passed. */
  incompleteLogs: Pod[];
  deleteServices: Service[];
  deletePodGroups: PodGroup[];
  statuses: { task: Task; status: TaskStatus }[];
  wakeAt?: Date;
}

/** A task of the group, its pod if there is one, and the status that it has by that alone. */
export interface Member {
  task: Task;
  attempt: number;
  /** Round of the group that the attempt belongs to. */
  round: number;
  /** Pod of the attempt. */
  pod: Pod | undefined;
  /** Pods of earlier attempts that are still there. */
  earlier: readonly Pod[];
  /** What the pod says. */
  verdict?: Verdict;
  status: TaskStatus;
  /** Its attempt ended, and it is to be tried again. */
  again?: Again;
  /** The pod to be created if the group starts, or goes on. */
  wanted?: Pod;
  /** The attempt has, or had, a pod. */
  started: boolean;
  wakeAt?: Date | undefined;
}
