import { Paths } from '@osmo/crds';
import type { Volume, VolumeMount } from '@osmo/kube';
import type { Task } from './task.ts';

/** More inputs than this share one volume: a task that gathers thousands would make its node mount thousands. */
const inputVolumesAtMost = 16;

/** What a pod template calls the volumes of inputs and outputs when it says what they are. */
const outputVolume = 'osmo-output';
const inputVolume = 'osmo-input';

/**
 * The folders that a task reads and writes. An emptyDir is writable for every user; a subPath of one would not be. A template that has volumes of
 * these names says what they are instead: larger ones of a storage class, or memory. `osmo-input` is for each of the inputs.
 *
 * @param given volumes of the pod template
 */
export function dataVolumes(task: Task, given: readonly Volume[] = []): { volumes: Volume[]; mounts: VolumeMount[] } {
  const inputs = task.spec.inputs ?? [];
  const folders = [
    { name: outputVolume, mountPath: Paths.output as string },
    ...(inputs.length > inputVolumesAtMost
      ? [{ name: inputVolume, mountPath: Paths.input as string }]
      : inputs.map((_, index) => ({ name: `${inputVolume}-${index}`, mountPath: `${Paths.input}/${index}` }))),
  ];
  const volumes = folders.map(({ name }) => {
    const wanted = name === outputVolume ? outputVolume : inputVolume;
    const found = given.find((volume) => volume.name === wanted);
    return found === undefined ? { name, emptyDir: {} } : { ...found, name };
  });
  return { volumes, mounts: folders };
}

/** The volumes of a template that a pod has under their own names. */
export function ownVolumes(given: readonly Volume[]): Volume[] {
  return given.filter(({ name }) => name !== outputVolume && name !== inputVolume);
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
