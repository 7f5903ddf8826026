import { Labels } from '@osmo/crds';
import type { Pod, Secret } from '@osmo/kube';
import { encodePlan, planKey } from '@osmo/task-runtime/plan';
import type { Task } from '../group/task.ts';
import { planSecretNameOf } from './names.ts';
import { type DataSettings, transfersFor } from './plan.ts';

/**
 * The Secret with the plan of a pod's transfers, which holds the credentials of intermediate storage; undefined when there
 * is nothing to move. It belongs to the pod and goes with it, as that of inline files does.
 *
 * @throws UnbuildableError as `transfersFor`
 */
export function planSecretFor(task: Task, pod: Pod, store: DataSettings | undefined): Secret | undefined {
  const transfers = transfersFor(task, store);
  if (transfers === undefined) return undefined;
  const { name, uid = '', namespace } = pod.metadata;
  const labels = pod.metadata.labels ?? {};
  const kept = [Labels.backend, Labels.workflowUid, Labels.taskUid, Labels.attempt].filter((key) => key in labels);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: planSecretNameOf(name),
      ...(namespace === undefined ? {} : { namespace }),
      labels: Object.fromEntries(kept.map((key) => [key, labels[key] ?? ''])),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
    },
    type: 'Opaque',
    immutable: true,
    data: { [planKey]: encodePlan(transfers.plan).toString('base64') },
  };
}
