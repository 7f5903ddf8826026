import { Paths } from '@osmo/crds';
import type { Volume, VolumeMount } from '@osmo/kube';
import type { Task } from './task.ts';

/** More inputs than this share one volume: a task that gathers thousands would make its node mount thousands. */
const inputVolumesAtMost = 16;

/** The folders that a task reads and writes. An emptyDir is writable for every user; a subPath of one would not be. */
export function dataVolumes(task: Task): { volumes: Volume[]; mounts: VolumeMount[] } {
  const inputs = task.spec.inputs ?? [];
  const folders = [
    { name: 'osmo-output', mountPath: Paths.output as string },
    ...(inputs.length > inputVolumesAtMost
      ? [{ name: 'osmo-input', mountPath: Paths.input as string }]
      : inputs.map((_, index) => ({ name: `osmo-input-${index}`, mountPath: `${Paths.input}/${index}` }))),
  ];
  return { volumes: folders.map(({ name }) => ({ name, emptyDir: {} })), mounts: folders };
}

/** The folders of the node that a task sees. */
export function hostVolumes(task: Task): Volume[] {
  return (task.spec.volumeMounts ?? []).map(({ hostPath }, index) => ({
    name: hostVolumeName(index),
    hostPath: { path: hostPath },
  }));
}

/** Where it sees them. */
export function hostMounts(task: Task): VolumeMount[] {
  return (task.spec.volumeMounts ?? []).map(({ mountPath }, index) => ({ name: hostVolumeName(index), mountPath }));
}

function hostVolumeName(index: number): string {
  return `osmo-host-${index}`;
}
