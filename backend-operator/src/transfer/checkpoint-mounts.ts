import { Paths } from '@osmo/crds';
import type { Volume, VolumeMount } from '@osmo/kube';
import type { Task } from '../group/task.ts';

/** Volumes of checkpoints: what the command writes to, and what the runtime reads. */
export interface CheckpointMounts {
  volumes: Volume[];
  /** In the container of the command. */
  command: VolumeMount[];
  /** In the runtime's. */
  runtime: VolumeMount[];
}

/**
 * How the runtime sees the folders of checkpoints, which are in another container: below the output folder or a folder of
 * the node they are shared already; any other gets a volume of its own at its path, which hides what the image has there.
 *
 * @param shared mounts of the command's container that the runtime can have too
 */
export function checkpointMounts(paths: readonly string[], shared: readonly VolumeMount[]): CheckpointMounts {
  const result: CheckpointMounts = { volumes: [], command: [], runtime: [] };
  const mount = (to: VolumeMount) => {
    if (to.mountPath === Paths.output || result.runtime.some(({ mountPath }) => mountPath === to.mountPath)) return;
    result.runtime.push({ ...to, readOnly: true });
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

/** Folders of a task's checkpoints, as absolute paths. */
export function checkpointPaths({ spec }: Task): string[] {
  return (spec.checkpoints ?? []).map(({ path }) => (path.startsWith('/') ? path : `/${path}`));
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
