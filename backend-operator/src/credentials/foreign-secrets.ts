import { isPodSecret, maySubmitterName } from '@osmo/crds';
import type { PodSpec } from '@osmo/kube';
import { UnbuildableError } from '../group/unbuildable.ts';

/** Fields of a pod whose `name` is a Secret's. */
const references = new Set(['secretKeyRef', 'secretRef', 'secret', 'nodePublishSecretRef', 'imagePullSecrets']);

/**
 * Refuses a pod that names a user's own credential when it isn't the submitter's, or the Secret of another pod: whatever named it, the
 * workflow, a bucket or a template. Admission says so earlier where it can; here it holds.
 *
 * @param own Secrets that are made for this pod
 * @throws UnbuildableError
 */
export function refuseForeignSecrets(
  spec: PodSpec,
  submittedBy: string | undefined,
  own: readonly string[] = [],
): void {
  const names = [...secretNames(spec)].filter((name) => !own.includes(name));
  const foreign = names.find((name) => !maySubmitterName(submittedBy, name));
  if (foreign === undefined) return;
  if (isPodSecret(foreign)) {
    const what = `Secret ${JSON.stringify(foreign)} belongs to one pod, which is another one`;
    throw new UnbuildableError(`spec: ${what}. Name credentials of the submitter, or shared ones`);
  }
  const who =
    submittedBy === undefined ? 'nobody is known to have submitted it' : `${JSON.stringify(submittedBy)} submitted it`;
  throw new UnbuildableError(
    `spec: Secret ${JSON.stringify(foreign)} is the credential of another user; ${who}. Name credentials of the submitter, or shared ones`,
  );
}

/** Names of the Secrets that a pod refers to, wherever it does. */
export function secretNames(value: unknown, key = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const item of value) secretNames(item, key, found);
  else if (value !== null && typeof value === 'object') {
    const { name } = value as { name?: unknown };
    if (references.has(key) && typeof name === 'string') found.add(name);
    for (const [field, inner] of Object.entries(value)) secretNames(inner, field, found);
  } else if (key === 'secretName' && typeof value === 'string') found.add(value);
  return found;
}
