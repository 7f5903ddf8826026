import { Labels } from '@osmo/crds';
import type { Pod, Secret } from '@osmo/kube';

/**
 * A Secret that belongs to a pod and goes with it: the kubelet keeps a pod waiting until its Secret is there, so the pod can
 * come first, and no Secret is ever left over.
 *
 * @param data base64 by key
 */
export function secretOfPod(pod: Pod, secretName: string, data: Record<string, string>): Secret {
  const { name, uid = '', namespace } = pod.metadata;
  const labels = pod.metadata.labels ?? {};
  const kept = [Labels.backend, Labels.workflowUid, Labels.taskUid, Labels.attempt].filter((key) => key in labels);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: secretName,
      ...(namespace === undefined ? {} : { namespace }),
      labels: Object.fromEntries(kept.map((key) => [key, labels[key] ?? ''])),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid }],
    },
    type: 'Opaque',
    immutable: true,
    data,
  };
}
