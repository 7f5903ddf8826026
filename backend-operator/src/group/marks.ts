import { Annotations, Labels, UpstreamPodLabels } from '@osmo/crds';
import { groupOfTask, groupUuid } from './identity.ts';
import { labelValue, submitterLabel } from './names.ts';
import { defaultContainerAnnotation } from './pod-facts.ts';
import type { Task } from './task.ts';

/** Labels of a task's pod under the product's own names and upstream's. Every value is a label value. */
export function podLabels(task: Task, attempt: number): Record<string, string> {
  const { spec } = task;
  const uid = task.metadata.uid ?? '';
  const submitter = submitterLabel(spec.submittedBy);
  return {
    [Labels.backend]: labelValue(spec.backend),
    [Labels.workflow]: labelValue(spec.workflow.name),
    [Labels.workflowUid]: spec.workflow.uid,
    [Labels.group]: labelValue(spec.group.name),
    [Labels.pool]: labelValue(spec.pool),
    [Labels.task]: labelValue(task.metadata.name),
    [Labels.taskUid]: uid,
    [Labels.attempt]: String(attempt),
    [UpstreamPodLabels.workflowId]: labelValue(spec.workflow.name),
    [UpstreamPodLabels.workflowUuid]: spec.workflow.uid,
    [UpstreamPodLabels.groupName]: labelValue(spec.group.name),
    [UpstreamPodLabels.groupUuid]: groupUuid(groupOfTask(task)),
    [UpstreamPodLabels.taskName]: labelValue(spec.taskName),
    [UpstreamPodLabels.taskUuid]: uid,
    [UpstreamPodLabels.retryId]: String(attempt),
    [UpstreamPodLabels.leadContainer]: String(spec.lead),
    [UpstreamPodLabels.pool]: labelValue(spec.pool),
    ...(spec.platform === undefined ? {} : { [UpstreamPodLabels.platform]: labelValue(spec.platform) }),
    [UpstreamPodLabels.priority]: spec.priority.toLowerCase(),
    ...(submitter === undefined ? {} : { [UpstreamPodLabels.submittedBy]: submitter }),
  };
}

/** Annotations that hold in full what labels may have cut, and lead back to the Task on the hub. */
export function podAnnotations(task: Task, container: string): Record<string, string> {
  return {
    [Annotations.taskNamespace]: task.metadata.namespace ?? '',
    [Labels.task]: task.metadata.name,
    [Annotations.taskName]: task.spec.taskName,
    [Annotations.group]: task.spec.group.name,
    [defaultContainerAnnotation]: container,
  };
}
