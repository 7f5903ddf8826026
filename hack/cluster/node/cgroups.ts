import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../system/poll.ts';

const root = '/sys/fs/cgroup';

/** Folders of subtree `name` in every hierarchy of the host (one with version 2, one a controller with version 1). */
export function cgroupSubtrees(name: string): string[] {
  const hierarchies = [root, ...readdirSync(root).map((entry) => join(root, entry))];
  return hierarchies.map((hierarchy) => join(hierarchy, name)).filter((folder) => existsSync(folder));
}

/** Removes subtree `name` everywhere. Its processes must be gone; the kernel may need a moment to notice. */
export async function removeCgroups(name: string): Promise<void> {
  await poll(
    `removal of cgroups ${name}`,
    async () => {
      for (const folder of cgroupSubtrees(name)) removeTree(folder);
      return true;
    },
    { timeoutMs: 15_000 },
  );
}

function removeTree(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  }
  rmdirSync(folder);
}
