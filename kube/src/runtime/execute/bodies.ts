import { compareVersions } from '../../cache/versions.ts';
import { KubeError } from '../../client/errors.ts';
import { apiVersionOf, groupResourceOf, keyOf } from '../../client/resource.ts';
import type { KubeObject, ObjectRef, ResourceType } from '../../client/types.ts';
import { controllerOf } from '../objects/owners.ts';
import { defaultCluster, type Desired } from '../plan.ts';

/** Of two versions of an object the one that is known to be newer, else the one from the cache. */
export function newest(object: KubeObject, cached: KubeObject | undefined): KubeObject {
  if (cached === undefined || cached.metadata.uid !== object.metadata.uid) return cached ?? object;
  const order = compareVersions(object.metadata.resourceVersion ?? '', cached.metadata.resourceVersion ?? '');
  return (order ?? -1) > 0 ? object : cached;
}

/** Name and namespace only. */
export function plainRef({ namespace, name }: ObjectRef): ObjectRef {
  return namespace === undefined ? { name } : { namespace, name };
}

/** One text per object of all clusters. */
export function memoKey(on: string | undefined, type: ResourceType, ref: ObjectRef): string {
  return `${on ?? defaultCluster}|${groupResourceOf(type)}|${keyOf(ref)}`;
}

/** Enough to address the object, at the version that we know. */
export function identity(type: ResourceType, { metadata }: KubeObject): KubeObject {
  const { name, namespace, resourceVersion } = metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
  };
}

/** The object with the `apiVersion` and `kind` of its type, whatever it says itself. */
export function typed(type: ResourceType, object: KubeObject): KubeObject {
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

/** The fields of a status that a writer owns; all without `fields`. */
export function owned(status: object | undefined, fields: readonly string[] | undefined): object {
  const entries = Object.entries(status ?? {});
  return Object.fromEntries(fields === undefined ? entries : entries.filter(([name]) => fields.includes(name)));
}

/** Whether the object that has the name of a desired one is that one, made before. */
export function isOurs(live: KubeObject, { object, identityLabel }: Desired): boolean {
  const owner = controllerOf(object)?.uid;
  if (owner !== undefined && controllerOf(live)?.uid === owner) return true;
  if (identityLabel === undefined) return false;
  const value = object.metadata.labels?.[identityLabel];
  return value !== undefined && live.metadata.labels?.[identityLabel] === value;
}

/** What to throw when someone else was faster: the key is then reconciled again without noise. */
export function conflict(type: ResourceType, ref: ObjectRef, cause: unknown): KubeError {
  const message = `${type.kind} ${keyOf(ref)} has changed meanwhile`;
  return new KubeError({ status: 409, reason: 'Conflict', message, cause });
}
