import type { Change } from '../../cache/types.ts';
import { keyOf } from '../../client/resource.ts';
import type { KubeObject, ResourceType } from '../../client/types.ts';
import { controllerOf } from '../objects/owners.ts';

/** What is reconciled: an object, or anything else that has a name (a group of objects). */
export interface Key {
  namespace?: string;
  name: string;
}

/** Which keys a change concerns; both versions count, so that nothing is lost when an object moves between owners. */
export type Mapper<T extends KubeObject = KubeObject> = (change: Change<T>) => readonly Key[];

/** A key as text; namespaces and names of objects hold no '/'. */
export function keyText(key: Key): string {
  return keyOf(key);
}

export function parseKey(text: string): Key {
  const slash = text.indexOf('/');
  return slash < 0 ? { name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** The object itself. */
export function toSelf({ old, new: now }: Change): readonly Key[] {
  const object = now ?? old;
  return object === undefined ? [] : [keyOfObject(object)];
}

/** The controller of the object, if it is of that kind; the former controller too. */
export function toOwner(type: ResourceType): Mapper {
  return both((object) => {
    const owner = controllerOf(object);
    if (owner?.kind !== type.kind || groupOf(owner.apiVersion) !== type.group) return undefined;
    return type.namespaced ? inNamespace(object, owner.name) : { name: owner.name };
  });
}

/** The key whose name is the value of a label, in the object's namespace (or in none with `clusterScoped`). */
export function toLabel(label: string, options: { clusterScoped?: boolean } = {}): Mapper {
  return both((object) => {
    const name = object.metadata.labels?.[label];
    if (name === undefined || name === '') return undefined;
    return options.clusterScoped ? { name } : inNamespace(object, name);
  });
}

/** A mapper from what one object says; for an update, what either version says. */
export function both<T extends KubeObject>(keyFrom: (object: T) => Key | undefined): Mapper<T> {
  return ({ old, new: now }) => {
    const keys = new Map<string, Key>();
    for (const object of [old, now]) {
      const key = object && keyFrom(object);
      if (key !== undefined) keys.set(keyText(key), key);
    }
    return [...keys.values()];
  };
}

function keyOfObject(object: KubeObject): Key {
  return inNamespace(object, object.metadata.name);
}

function inNamespace({ metadata }: KubeObject, name: string): Key {
  return metadata.namespace === undefined ? { name } : { namespace: metadata.namespace, name };
}

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
