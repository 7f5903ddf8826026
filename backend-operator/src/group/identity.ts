import { createHash } from 'node:crypto';
import { Annotations, Labels } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { dnsLabel } from './names.ts';
import type { Task } from './task.ts';

/** One group of one run of a workflow: what the operator decides about as a whole. */
export interface GroupKey {
  /** Namespace of the Tasks on the hub. */
  namespace: string;
  workflowUid: string;
  group: string;
}

/** The Task that a pod was made for. */
export interface TaskRef {
  namespace: string;
  name: string;
  uid: string;
}

/** The key as one string. A UID has no `/`, so it reads back unambiguously whatever the group is called. */
export function groupKeyString({ workflowUid, group }: Pick<GroupKey, 'workflowUid' | 'group'>): string {
  return `${workflowUid}/${group}`;
}

/** Inverse of `groupKeyString`. */
export function parseGroupKey(namespace: string, text: string): GroupKey {
  const slash = text.indexOf('/');
  return { namespace, workflowUid: text.slice(0, slash), group: text.slice(slash + 1) };
}

/** The group of a Task. */
export function groupOfTask(task: Task): GroupKey {
  return {
    namespace: task.metadata.namespace ?? '',
    workflowUid: task.spec.workflow.uid,
    group: task.spec.group.name,
  };
}

/** The group that a pod (or Service) of ours was made for; undefined when its marks were removed. */
export function groupOfObject(object: Pick<Pod, 'metadata'>): GroupKey | undefined {
  const namespace = object.metadata.annotations?.[Annotations.taskNamespace];
  const group = object.metadata.annotations?.[Annotations.group];
  const workflowUid = object.metadata.labels?.[Labels.workflowUid];
  if (namespace === undefined || group === undefined || workflowUid === undefined) return undefined;
  return { namespace, workflowUid, group };
}

/** The Task that a pod (or Service) of ours was made for; undefined when its marks were removed. */
export function taskOfObject(pod: Pick<Pod, 'metadata'>): TaskRef | undefined {
  const namespace = pod.metadata.annotations?.[Annotations.taskNamespace];
  const name = pod.metadata.annotations?.[Labels.task];
  const uid = pod.metadata.labels?.[Labels.taskUid];
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  return { namespace, name, uid };
}

/** The attempt that a pod of ours is; 0 when it doesn't say. */
export function attemptOfPod(pod: Pod): number {
  const attempt = Number(pod.metadata.labels?.[Labels.attempt] ?? 0);
  return Number.isInteger(attempt) ? attempt : 0;
}

/** An identifier of the group among all groups of all workflows, in the form of a UUID; always the same for one group. */
export function groupUuid({ workflowUid, group }: Pick<GroupKey, 'workflowUid' | 'group'>): string {
  const hex = createHash('sha256').update(`${workflowUid}/${group}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Name of the headless Service under which the tasks of a group find each other: what the hub resolved, else our own. */
export function serviceNameOf(task: Task): string {
  return task.spec.subdomain ?? `osmo-${groupUuid(groupOfTask(task))}`;
}

/** Host name of the task's pod, by which its peers find it: what the hub resolved, else the task's name. */
export function hostnameOf(task: Task): string {
  return task.spec.hostname ?? dnsLabel(task.spec.taskName, 63, 'task');
}
