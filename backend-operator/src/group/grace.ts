import { Annotations } from '@osmo/crds';
import type { Pod } from '@osmo/kube';

/** What Kubernetes gives a pod that doesn't say. */
export const defaultGraceSeconds = 30;

/**
 * How long the command of a pod may take to end when the pod is deleted, in seconds; undefined: as the pod itself says.
 * A pod that uploads says a longer time for itself, since the kubelet gives that to the upload when the command has ended.
 */
export function commandGrace(pod: Pod): number | undefined {
  const text = pod.metadata.annotations?.[Annotations.graceSeconds];
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
