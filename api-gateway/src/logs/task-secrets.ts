import type { Task } from '@osmo/crds';

/**
 * Names of the Secrets that a task's command can see, as variables or files: those of its credentials, and whatever its pod
 * template names. Sorted.
 */
export function taskSecrets({ spec }: Pick<Task, 'spec'>): string[] {
  const names = new Set((spec.credentials ?? []).map(({ name }) => name));
  collect(spec.podTemplate?.spec, names);
  return [...names].toSorted();
}

/** Where a PodSpec names Secrets that containers see: `secretKeyRef` and `secretRef`, volumes, and projections of volumes. */
const references: ReadonlyMap<string, string> = new Map([
  ['secretKeyRef', 'name'],
  ['secretRef', 'name'],
  ['secret', 'secretName'],
]);

/** The template is of Kubernetes' shape, whose parts are looked for by their keys wherever they are. */
function collect(part: unknown, names: Set<string>): void {
  if (Array.isArray(part)) {
    for (const item of part) collect(item, names);
    return;
  }
  if (typeof part !== 'object' || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    const name = nameIn(key, value);
    if (name === undefined) collect(value, names);
    else names.add(name);
  }
}

function nameIn(key: string, value: unknown): string | undefined {
  if (!references.has(key) || typeof value !== 'object' || value === null) return undefined;
  const { [references.get(key) ?? '']: name, name: projected } = value as Record<string, unknown>;
  // A projected volume says `name` where a volume of its own says `secretName`.
  const found = name ?? projected;
  return typeof found === 'string' ? found : undefined;
}
