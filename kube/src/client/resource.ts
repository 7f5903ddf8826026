import type { KubeObject, ObjectRef, ResourceType } from './types.ts';

/** Declares a kind, with `T` as the shape of its objects. */
export function resourceType<T extends KubeObject>(type: {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}): ResourceType<T> {
  return Object.freeze({ ...type });
}

/**
 * The same kind reduced to its metadata: the server is asked for `PartialObjectMetadata`, so neither spec nor status
 * travels. Works for every verb that answers with objects. `apiVersion` and `kind` of the results stay those of the kind.
 */
export function metadataOf(type: ResourceType): ResourceType {
  return Object.freeze({ ...type, projection: 'metadata' as const });
}

/** 'v1' for the core group, else 'group/version'. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** 'plural' or 'plural.group': the name that RBAC, kubectl and metrics use. */
export function groupResourceOf(type: ResourceType): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}

/**
 * URL path of a collection (no `ref.name`), an object or one of its subresources.
 *
 * @throws TypeError when a name or namespace can't be part of a path, or an object of a namespaced kind has no namespace.
 */
export function pathOf(
  type: ResourceType,
  ref: { name?: string | undefined; namespace?: string | undefined } = {},
  subresource?: string,
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && ref.namespace ? `/namespaces/${segment('namespace', ref.namespace)}` : '';
  const base = `${root}${scope}/${type.plural}`;
  if (ref.name === undefined) return base;
  if (type.namespaced && scope === '') throw new TypeError(`${type.kind} ${ref.name}: a namespace is required`);
  const path = `${base}/${segment('name', ref.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** Name and namespace of an object, as a reference. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return namespace === undefined ? { name } : { name, namespace };
}

/** One string per object of a kind: 'namespace/name', or 'name' when cluster-scoped. */
export function keyOf(ref: ObjectRef): string {
  return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
}

// The apiserver refuses the same values; refusing them here keeps a crafted name from changing the request's target.
function segment(what: string, value: string): string {
  if (value === '' || value === '.' || value === '..' || /[/%]/.test(value)) {
    throw new TypeError(`${what} ${JSON.stringify(value)}: must be non-empty, not "." or "..", without "/" and "%"`);
  }
  return encodeURIComponent(value);
}
