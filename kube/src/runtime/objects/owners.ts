import { apiVersionOf } from '../../client/resource.ts';
import type { KubeObject, OwnerReference, ResourceType } from '../../client/types.ts';

/** The reference that makes `owner` the controller of what carries it. @throws TypeError when the owner has no UID. */
export function controllerRef(owner: KubeObject, type: ResourceType, blockOwnerDeletion = true): OwnerReference {
  const { name, uid } = owner.metadata;
  if (uid === undefined) throw new TypeError(`${type.kind} ${name}: an owner needs a UID`);
  return { apiVersion: apiVersionOf(type), kind: type.kind, name, uid, controller: true, blockOwnerDeletion };
}

/** The reference to the controller of the object, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true);
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const uid = controllerOf(object)?.uid;
  return uid !== undefined && uid === owner.metadata.uid;
}

/** An index function: objects by the UIDs of all their owners. By UID, since a name may be of an earlier incarnation. */
export function ownerUids(object: KubeObject): readonly string[] {
  return object.metadata.ownerReferences?.map(({ uid }) => uid) ?? [];
}

/** An index function: objects by the UID of their controller. */
export function controllerUid(object: KubeObject): readonly string[] {
  const uid = controllerOf(object)?.uid;
  return uid === undefined ? [] : [uid];
}

/** Thrown when an object that has a controller is to be adopted by another. */
export class AlreadyOwnedError extends Error {
  override readonly name = 'AlreadyOwnedError';
  readonly owner: OwnerReference;

  constructor(object: KubeObject, owner: OwnerReference) {
    super(`${object.kind} ${object.metadata.name} is controlled by ${owner.kind} ${owner.name} (${owner.uid})`);
    this.owner = owner;
  }
}

/**
 * The object with `owner` as its controller; the same object when it is so already.
 *
 * @throws AlreadyOwnedError when another one controls it.
 */
export function adopt<T extends KubeObject>(object: T, owner: KubeObject, type: ResourceType): T {
  const wanted = controllerRef(owner, type);
  const present = controllerOf(object);
  if (present?.uid === wanted.uid) return object;
  if (present !== undefined) throw new AlreadyOwnedError(object, present);
  const others = (object.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== wanted.uid);
  return { ...object, metadata: { ...object.metadata, ownerReferences: [...others, wanted] } };
}

/** The object without that owner; the same object when it wasn't one. */
export function release<T extends KubeObject>(object: T, ownerUid: string): T {
  const references = object.metadata.ownerReferences ?? [];
  const others = references.filter(({ uid }) => uid !== ownerUid);
  if (others.length === references.length) return object;
  const { ownerReferences: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: others.length === 0 ? metadata : { ...metadata, ownerReferences: others },
  };
}
