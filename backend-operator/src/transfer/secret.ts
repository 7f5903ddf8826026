import type { Pod, Secret } from '@osmo/kube';
import { encodePlan, planKey } from '@osmo/task-runtime/plan';
import { secretOfPod } from '../group/pod-secret.ts';
import type { Task } from '../group/task.ts';
import { planSecretNameOf } from './names.ts';
import { type DataSettings, transfersFor } from './plan.ts';

/**
 * The Secret with the plan of a pod's transfers, which holds the credentials of intermediate storage; undefined when there
 * is nothing to move.
 *
 * @throws UnbuildableError as `transfersFor`
 */
export function planSecretFor(task: Task, pod: Pod, store: DataSettings | undefined): Secret | undefined {
  const transfers = transfersFor(task, store);
  if (transfers === undefined) return undefined;
  const data = { [planKey]: encodePlan(transfers.plan).toString('base64') };
  return secretOfPod(pod, planSecretNameOf(pod.metadata.name), data);
}
