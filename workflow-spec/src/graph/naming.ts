import { createHash } from 'node:crypto';
import { Names } from '@osmo/crds';

/** Longest DNS label, and so the longest container name, host name and Service name. */
const labelLength = 63;

/**
 * The form in which names of tasks and groups are compared and in which they become container and host names: lower
 * case, `_` as `-`, at most 63 characters. 'Train_A' and 'train-a' are the same name.
 */
export function normalisedName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-').slice(0, labelLength).replace(/-+$/, '');
}

/** The group that a task outside of any group is alone in. */
export function groupOfFlatTask(task: string): string {
  return `${task}${Names.singleGroupSuffix}`;
}

/** Name of the Task object. A Workflow's name is a DNS label, so the first dot ends it and no two pairs clash. */
export function taskObjectName(workflow: string, task: string): string {
  return `${workflow}.${normalisedName(task)}`;
}

/** Name of the headless Service of a group: stable for one run of a workflow, different for its namesake later. */
export function groupServiceName(workflowUid: string, group: string): string {
  const digest = createHash('sha256')
    .update(`${workflowUid}/${normalisedName(group)}`)
    .digest('hex');
  return `osmo-${digest.slice(0, 16)}`;
}

/** The name under which a task's pod is found by the other tasks of its group. */
export function hostOfTask(task: string, service: string, namespace: string): string {
  return `${normalisedName(task)}.${service}.${namespace}.svc.cluster.local`;
}

/** A value for a label: cut to 63 characters, and to an alphanumeric end. */
export function labelValue(text: string): string {
  return text.slice(0, labelLength).replace(/[^A-Za-z0-9]+$/, '');
}
