import type { Task } from '@osmo/crds';

/** The backend names a user's container after its task: lower case, everything else as '-', at most 63 characters. */
export function containerOf({ spec }: Task): string {
  const name = spec.taskName
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63);
  return name.replace(/-+$/, '') || 'task';
}
