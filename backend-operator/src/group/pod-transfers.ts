import { Annotations } from '@osmo/crds';
import type { PodSpec } from '@osmo/kube';
import { transferParts, type TransferParts } from '../transfer/containers.ts';
import { type DataSettings, transfersFor } from '../transfer/plan.ts';
import { dataVolumes, hostMounts } from './data-volumes.ts';
import { defaultGraceSeconds } from './grace.ts';
import type { Task } from './task.ts';

/** What the pod needs for its task's data; undefined when nothing is moved. */
export function podTransfers(
  task: Task,
  template: Partial<PodSpec>,
  runtime: { image: string; store?: DataSettings | undefined } | undefined,
  podName: string,
): TransferParts | undefined {
  const transfers = runtime === undefined ? undefined : transfersFor(task, runtime.store);
  if (runtime === undefined || transfers === undefined) return undefined;
  return transferParts(task, transfers, {
    ...runtime,
    podName,
    userIsFixed: template.securityContext?.runAsUser !== undefined || template.securityContext?.runAsNonRoot === true,
    data: dataVolumes(task).mounts,
    host: hostMounts(task),
  });
}

/** A deleted pod ends in the time that it would have without uploads: the operator asks for it by this. */
export function graceAnnotation(
  transfers: TransferParts | undefined,
  template: Partial<PodSpec>,
): Record<string, string> {
  if (transfers?.graceSeconds === undefined) return {};
  return { [Annotations.graceSeconds]: String(template.terminationGracePeriodSeconds ?? defaultGraceSeconds) };
}
