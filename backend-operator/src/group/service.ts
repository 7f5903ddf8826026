import { Annotations, Labels, UpstreamPodLabels } from '@osmo/crds';
import type { Service } from '@osmo/kube';
import { serviceNameOf } from './identity.ts';
import { podAnnotations, podLabels } from './marks.ts';
import type { Task } from './task.ts';

/**
 * The headless Service under which the tasks of a group find each other as `<hostname>.<service>.<namespace>.svc`;
 * undefined for a group of one. Addresses are published before pods are ready: peers meet while they start.
 *
 * It carries the marks of one Task of the group, by which it is found to be an orphan once the group is gone.
 */
export function serviceFor(task: Task, namespace: string): Service | undefined {
  if (task.spec.group.size <= 1) return undefined;
  const labels = podLabels(task, 0);
  const annotations = podAnnotations(task, '');
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: serviceNameOf(task),
      namespace,
      labels: pick(labels, [
        Labels.backend,
        Labels.workflow,
        Labels.workflowUid,
        Labels.group,
        Labels.pool,
        Labels.taskUid,
      ]),
      annotations: pick(annotations, [Annotations.taskNamespace, Annotations.group, Labels.task]),
    },
    spec: {
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: pick(labels, [UpstreamPodLabels.groupUuid]),
    },
  };
}

/** Those entries of a map. */
export function pick(from: Record<string, string>, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, from[key] ?? '']));
}
