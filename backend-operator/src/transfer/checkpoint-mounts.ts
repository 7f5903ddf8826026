import { posix } from 'node:path';
import { Paths } from '@osmo/crds';
import type { Volume, VolumeMount } from '@osmo/kube';
import { MountPaths } from '@osmo/task-runtime/plan';
import type { Task } from '../group/task.ts';

/** Volumes of checkpoints: what the command writes to, and what the runtime reads. */
export interface CheckpointMounts {
  volumes: Volume[];
  /** In the container of the command. */
  command: VolumeMount[];
  /** In the runtime's, read-only. */
  runtime: VolumeMount[];
}

/**
 * How the runtime sees the folders of checkpoints, which are in another container: below the output folder or a folder of
 * the node they are shared already; any other gets a volume of its own at its path, which hides what the image has there. In the
 * runtime they lie below one folder: the command must not be able to put anything over what the runtime runs and keeps secret.
 *
 * @param shared mounts of the command's container that the runtime can have too
 */
export function checkpointMounts(paths: readonly string[], shared: readonly VolumeMount[]): CheckpointMounts {
  const result: CheckpointMounts = { volumes: [], command: [], runtime: [] };
  const mount = (to: VolumeMount) => {
    const place = `${MountPaths.checkpoints}${to.mountPath}`;
    if (to.mountPath === Paths.output || result.runtime.some(({ mountPath }) => mountPath === place)) return;
    result.runtime.push({ ...to, mountPath: place, readOnly: true });
  };
  for (const folder of outermost(paths.map(folderOf))) {
    const owner = shared.find(({ mountPath }) => isWithin(folder, mountPath));
    if (owner !== undefined) {
      mount(owner);
      continue;
    }
    const name = `osmo-checkpoint-${result.volumes.length}`;
    const own = { name, mountPath: folder };
    result.volumes.push({ name, emptyDir: {} });
    result.command.push(own);
    mount(own);
  }
  return result;
}

/** Folders of a task's checkpoints. */
export function checkpointPaths({ spec }: Task): string[] {
  return (spec.checkpoints ?? []).map(({ path }) => checkpointPath(path));
}

/** The path of a checkpoint, absolute (upstream's users leave the first slash out) and without '..'. */
export function checkpointPath(path: string): string {
  const whole = path.startsWith('/') ? path : `/${path}`;
  return whole.split('/').includes('..') ? posix.normalize(whole) : whole;
}

/** A pattern's folder: `/models/*` is about `/models`. */
function folderOf(path: string): string {
  const fixed = path.replace(/\/[^/]*[*?[][^]*$/, '').replace(/\/+/g, '/');
  return fixed.length > 1 ? fixed.replace(/\/$/, '') : fixed;
}

function outermost(folders: readonly string[]): string[] {
  const sorted = [...new Set(folders)].toSorted((a, b) => a.length - b.length);
  return sorted.filter((folder, index) => !sorted.slice(0, index).some((outer) => isWithin(folder, outer)));
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
