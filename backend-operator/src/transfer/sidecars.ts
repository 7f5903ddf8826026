import type { Container, PodSpec } from '@osmo/kube';
import { barrierContainerName } from '../group/barrier.ts';
import { isTransferContainer } from './names.ts';

/**
 * The further containers of a template as sidecars of the kubelet's own kind: as ordinary ones they would keep the pod from
 * ending, and so the runtime from uploading. They start before what is ours, and end after it.
 */
export function withSidecars(spec: PodSpec, command: string): PodSpec {
  const others = spec.containers.filter(({ name }) => name !== command);
  if (others.length === 0) return spec;
  const isOurs = ({ name }: Container): boolean => isTransferContainer(name) || name === barrierContainerName;
  const init = spec.initContainers ?? [];
  return {
    ...spec,
    containers: spec.containers.filter(({ name }) => name === command),
    initContainers: [
      ...init.filter((container) => !isOurs(container)),
      ...others.map((container) => ({ ...container, restartPolicy: 'Always' })),
      ...init.filter(isOurs),
    ],
  };
}
