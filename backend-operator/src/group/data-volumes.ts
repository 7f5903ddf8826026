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
