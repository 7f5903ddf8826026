import { Labels, type Task } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { Tasks } from '../kinds.ts';

/** Creates a Task in a namespace of a real apiserver, as the hub's controllers would, for a backend (default: of the namespace's name). */
export async function submitTask(
  client: KubeClient,
  namespace: string,
  { apiVersion, kind, metadata, spec }: Task,
  backend = namespace,
): Promise<Task> {
  return client.create(Tasks, {
    apiVersion,
    kind,
    metadata: { name: metadata.name, namespace, labels: { ...metadata.labels, [Labels.backend]: backend } },
    spec: { ...spec, backend },
  });
}
