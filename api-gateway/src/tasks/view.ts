import { Labels, type Task, upstreamTaskStatus, type Workflow } from '@osmo/crds';
import { parseQuantity, quantityToNumber } from '@osmo/kube';
import { idOf } from '../workflows/ids.ts';
import { plainTime } from '../workflows/times.ts';
import { submitterOf } from '../workflows/view.ts';

/** What a task asks for: CPUs and GPUs as numbers, memory and storage in Gi, as upstream tells them. */
export interface Amounts {
  cpu: number;
  gpu: number;
  memory: number;
  storage: number;
}

export function amountsOf({ spec }: Task): Amounts {
  const { cpu, memory, storage, gpu } = spec.resources;
  return { cpu: number(cpu), gpu: gpu ?? 0, memory: number(memory) / gibi, storage: number(storage) / gibi };
}

const gibi = 2 ** 30;
const number = (quantity: string | number | undefined): number =>
  quantity === undefined ? 0 : quantityToNumber(parseQuantity(String(quantity)));

/** A task in a list, in upstream's shape. */
export function taskEntry(
  task: Task,
  workflow: Workflow | undefined,
  defaultNamespace: string,
): Record<string, unknown> {
  const { metadata, spec, status } = task;
  const name = spec.workflow.name;
  return {
    user: spec.submittedBy ?? (workflow === undefined ? '' : submitterOf(workflow)),
    workflow_id: idOf({ namespace: metadata.namespace ?? '', name }, defaultNamespace),
    workflow_uuid: metadata.labels?.[Labels.workflowUid] ?? spec.workflow.uid,
    task_name: spec.taskName,
    retry_id: status?.attempt ?? 0,
    pool: spec.pool,
    platform: spec.platform ?? null,
    priority: spec.priority.toUpperCase(),
    node: status?.nodeName ?? null,
    start_time: plainTime(status?.startTime),
    end_time: plainTime(status?.completionTime),
    status: upstreamTaskStatus(task),
    ...amountsOf(task),
  };
}
