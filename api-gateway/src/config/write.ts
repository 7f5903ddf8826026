import { FieldManagers } from '@osmo/crds';
import { isNotFound, jsonEqual, type KubeClient, type KubeObject, type ResourceType } from '@osmo/kube';
import { RequestError } from '../http/errors.ts';
import { type ConfigProblem, isJson, own } from './config-fields.ts';

/** A resource whose spec is to be another, or that is to be made. */
export interface Change {
  type: ResourceType;
  name: string;
  /** As it is now; absent: there is none. */
  old: (KubeObject & { spec: unknown }) | undefined;
  spec: unknown;
}

/**
 * The name of a resource in a path.
 *
 * @throws RequestError 400 for one that no resource can have: upstream allows more
 */
export function resourceName(name: string | undefined): string {
  const text = name ?? '';
  if (text.length <= 253 && /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(text) && !text.includes('..')) return text;
  const rule = "must be lower-case letters, digits, '-' and '.', with a letter or digit at both ends";
  throw new RequestError(400, 'USAGE', `name: ${JSON.stringify(text.slice(0, 128))}: ${rule}`);
}

/** A cluster-scoped resource as it is now, read in the name of the caller; undefined when there is none. */
export async function current<T extends KubeObject>(
  client: Pick<KubeClient, 'get'>,
  type: ResourceType<T>,
  name: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await client.get(type, { name: resourceName(name) }, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Writes what has changed, in the given order and in the name of the caller; each at the version that was looked at, so that nobody's
 * change is lost. Several are all tried before the first is written: none is, when one would be refused.
 *
 * @throws KubeError, as the apiserver refuses it
 */
export async function writeAll(
  client: Pick<KubeClient, 'create' | 'replace'>,
  changes: readonly Change[],
  signal: AbortSignal,
): Promise<void> {
  const real = changes.filter(({ old, spec }) => old === undefined || !jsonEqual(old.spec, spec));
  const passes = real.length > 1 ? [true, false] : [false];
  for (const dryRun of passes) {
    for (const change of real) {
      // One after the other: what comes later may need what comes before.
      // oxlint-disable-next-line no-await-in-loop
      await write(client, change, dryRun, signal);
    }
  }
}

async function write(
  client: Pick<KubeClient, 'create' | 'replace'>,
  { type, name, old, spec }: Change,
  dryRun: boolean,
  signal: AbortSignal,
): Promise<void> {
  const options = { dryRun, fieldManager: FieldManagers.apiGateway, fieldValidation: 'Strict', signal } as const;
  if (old !== undefined) {
    await client.replace(type, { ...old, spec } as KubeObject, options);
    return;
  }
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  await client.create(type, { apiVersion, kind: type.kind, metadata: { name }, spec } as KubeObject, options);
}

/** What a request configures: its body, or what stands under `configs` in it, beside a description and tags for a history. */
export function configOf(body: unknown): unknown {
  return isJson(body) && Object.hasOwn(body, 'configs') ? own(body, 'configs') : body;
}

/** @throws RequestError 400 with everything that is wrong, when anything is */
export function refuseIfWrong(problems: readonly ConfigProblem[]): void {
  if (problems.length === 0) return;
  const most = 50;
  const more = problems.length > most ? [`and ${problems.length - most} more`] : [];
  throw new RequestError(400, 'USAGE', [...problems.slice(0, most).map(({ message }) => message), ...more].join('\n'));
}
