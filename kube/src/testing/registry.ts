import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { Namespace } from '../client/kinds/core.ts';
import { apiVersionOf, groupResourceOf } from '../client/resource.ts';
import type { KubeObject, ResourceType } from '../client/types.ts';
import type { Clock } from '../runtime/clock.ts';
import { alreadyExists, badRequest, conflict, forbidden, modified, notFound } from './api-error.ts';
import { afterUpdate, type Writer } from './apply.ts';
import { rulesOf } from './field-sets.ts';
import type { FakeKind } from './kinds.ts';
import {
  generatedName,
  graceOf,
  isDone,
  isolate,
  sameOwners,
  specChanged,
  validateObject,
  withoutFields,
} from './object-rules.ts';
import { Storage } from './storage.ts';

/** Who and how, of a write. */
export interface WriteContext {
  manager: string;
  subresource?: string | undefined;
  dryRun?: boolean;
}

export interface DeleteRequest {
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean;
}

export interface RegistryOptions {
  clock: Clock;
  /** true: dependents of a deleted owner are deleted too, at once, as the garbage collector would in the end. */
  garbageCollect: boolean;
}

/** The rules by which an apiserver creates, updates and deletes; no HTTP. Every method throws `ApiError` to refuse. */
export class Registry {
  readonly storage: Storage;
  readonly #options: RegistryOptions;
  readonly #kinds = new Map<string, FakeKind>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    // Not from 1, so that nobody takes versions for small or consecutive.
    this.storage = new Storage(1000);
  }

  register(kind: FakeKind): void {
    this.#kinds.set(`${kind.type.group}/${kind.type.version}/${kind.type.plural}`, kind);
  }

  kinds(): FakeKind[] {
    return [...this.#kinds.values()];
  }

  find(type: Pick<ResourceType, 'group' | 'version' | 'plural'>): FakeKind | undefined {
    return this.#kinds.get(`${type.group}/${type.version}/${type.plural}`);
  }

  get(kind: FakeKind, namespace: string | undefined, name: string): KubeObject {
    const object = this.storage.get(groupResourceOf(kind.type), storageKey(namespace, name));
    if (!object) throw notFound(kind, name);
    return object;
  }

  create(kind: FakeKind, namespace: string | undefined, body: KubeObject, context: WriteContext): KubeObject {
    this.#checkIdentity(kind, namespace, body);
    if (kind.type.namespaced) this.#checkNamespace(kind, namespace ?? '', body.metadata.name);
    const { metadata, ...rest } = structuredClone(body);
    const { uid: _, resourceVersion, deletionTimestamp: __, deletionGracePeriodSeconds: ___, ...given } = metadata;
    if (resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
    const object: KubeObject = {
      ...rest,
      metadata: {
        ...given,
        name: metadata.name || generatedName(metadata.generateName),
        ...(kind.type.namespaced && namespace && { namespace }),
        uid: randomUUID(),
        creationTimestamp: this.#now(),
        ...((kind.generation ?? kind.status) && { generation: 1 }),
      },
    };
    if (kind.status) delete (object as { status?: unknown }).status;
    kind.default?.(object);
    validateObject(kind, object, undefined);
    const resource = groupResourceOf(kind.type);
    const key = storageKey(namespace, object.metadata.name);
    if (this.storage.get(resource, key)) throw alreadyExists(kind, object.metadata.name);
    if (object.metadata.managedFields === undefined) {
      object.metadata.managedFields = afterUpdate(undefined, object, this.writer(kind, context), rulesOf(kind));
    }
    return context.dryRun ? object : this.storage.put(resource, key, object);
  }

  /** Stores `next` in place of `current`, as far as the (sub)resource lets a client change it. */
  update(kind: FakeKind, current: KubeObject, next: KubeObject, context: WriteContext, fieldsDone = false): KubeObject {
    const { name, namespace } = current.metadata;
    const { uid, resourceVersion } = next.metadata;
    if (uid && uid !== current.metadata.uid) {
      const which = `UID in precondition: ${uid}, UID in object meta: ${current.metadata.uid}`;
      throw conflict(
        kind,
        name,
        `StorageError: invalid object, Code: 4, Key: , ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ${which}`,
      );
    }
    if (resourceVersion && resourceVersion !== current.metadata.resourceVersion) throw modified(kind, name);
    this.#checkIdentity(kind, namespace, next);
    const object = isolate(kind, current, structuredClone(next), context.subresource);
    kind.default?.(object);
    validateObject(kind, object, current);
    if (kind.generation ?? kind.status) {
      object.metadata.generation = (current.metadata.generation ?? 0) + (specChanged(current, object) ? 1 : 0);
    }
    if (!fieldsDone) {
      const fields = afterUpdate(current, object, this.writer(kind, context), rulesOf(kind));
      if (fields.length > 0) object.metadata.managedFields = fields;
      else delete object.metadata.managedFields;
    }
    if (isDeepStrictEqual(withoutFields(current), withoutFields(object)) && sameOwners(current, object)) return current;
    if (context.dryRun) return object;
    const resource = groupResourceOf(kind.type);
    const key = storageKey(namespace, name);
    const stored = this.storage.put(resource, key, object);
    if (isDone(stored)) this.#remove(kind, stored);
    return stored;
  }

  /** @returns the object as it is left, and whether it is still there. */
  delete(
    kind: FakeKind,
    namespace: string | undefined,
    name: string,
    request: DeleteRequest,
  ): { object: KubeObject; gone: boolean } {
    const current = this.get(kind, namespace, name);
    const { uid, resourceVersion, deletionTimestamp } = current.metadata;
    if (request.uid && request.uid !== uid) {
      throw conflict(
        kind,
        name,
        `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid}`,
      );
    }
    if (request.resourceVersion && request.resourceVersion !== resourceVersion) {
      throw conflict(
        kind,
        name,
        `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
      );
    }
    if (request.dryRun) return { object: current, gone: true };
    const grace = graceOf(kind, current, request.gracePeriodSeconds);
    const finalizers = current.metadata.finalizers ?? [];
    if (request.propagationPolicy === 'Orphan') this.#orphan(current);
    // A namespace is held until what is in it is gone.
    const holdsContent = kind.type.plural === Namespace.plural;
    if (finalizers.length === 0 && grace === 0 && !holdsContent) {
      this.#remove(kind, current);
      const deleted = { deletionTimestamp: this.#now(), deletionGracePeriodSeconds: 0 };
      return { object: { ...current, metadata: { ...current.metadata, ...deleted } }, gone: true };
    }
    const shorter = grace < (current.metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY);
    if (deletionTimestamp && !shorter) return { object: current, gone: false };
    const { generation } = current.metadata;
    const deleting = {
      ...current,
      metadata: {
        ...current.metadata,
        deletionTimestamp: this.#now(grace),
        deletionGracePeriodSeconds: grace,
        ...(generation !== undefined && !deletionTimestamp && { generation: generation + 1 }),
      },
    };
    const object = this.storage.put(groupResourceOf(kind.type), storageKey(namespace, name), deleting);
    if (holdsContent) this.#empty(name);
    return { object, gone: false };
  }

  writer(kind: FakeKind, context: WriteContext, operation: 'Apply' | 'Update' = 'Update'): Writer {
    const { manager, subresource } = context;
    const own = subresource === 'status' || subresource === 'scale' ? { subresource } : {};
    return { manager, operation, apiVersion: apiVersionOf(kind.type), time: this.#now(), ...own };
  }

  #now(plusSeconds = 0): string {
    const at = new Date(this.#options.clock.now().getTime() + plusSeconds * 1000);
    return `${at.toISOString().slice(0, 19)}Z`;
  }

  #checkIdentity(kind: FakeKind, namespace: string | undefined, body: KubeObject): void {
    const { apiVersion, kind: kindName, metadata } = body;
    if (apiVersion !== apiVersionOf(kind.type) || kindName !== kind.type.kind) {
      const want = `${apiVersionOf(kind.type)}, Kind=${kind.type.kind}`;
      throw badRequest(`the object provided is unrecognized: got ${apiVersion}, Kind=${kindName}, want ${want}`);
    }
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
    }
  }

  #checkNamespace(kind: FakeKind, namespace: string, name: string): void {
    const namespaces = this.find(Namespace);
    if (!namespaces) return;
    const found = this.storage.get(groupResourceOf(Namespace), storageKey(undefined, namespace));
    if (!found) throw notFound(namespaces, namespace);
    if (found.metadata.deletionTimestamp) {
      const message = `namespace ${namespace} is being terminated`;
      const causes = [{ reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }];
      throw forbidden(
        kind,
        name,
        `unable to create new content in namespace ${namespace} because it is being terminated`,
        causes,
      );
    }
  }

  #remove(kind: FakeKind, object: KubeObject): void {
    const { namespace, name } = object.metadata;
    this.storage.remove(groupResourceOf(kind.type), storageKey(namespace, name));
    if (this.#options.garbageCollect) this.#collectDependents(object);
    if (namespace) this.#settleNamespace(namespace);
  }

  #dependentsOf(owner: KubeObject): { kind: FakeKind; object: KubeObject }[] {
    const { uid } = owner.metadata;
    return this.kinds().flatMap((kind) =>
      this.storage
        .list(groupResourceOf(kind.type))
        .filter(([, object]) => object.metadata.ownerReferences?.some((ref) => ref.uid === uid))
        .map(([, object]) => ({ kind, object })),
    );
  }

  #collectDependents(owner: KubeObject): void {
    for (const { kind, object } of this.#dependentsOf(owner)) {
      const { name, namespace, ownerReferences = [] } = object.metadata;
      const others = ownerReferences.filter((ref) => ref.uid !== owner.metadata.uid);
      if (others.length === 0) this.delete(kind, namespace, name, {});
      else this.#setOwners(kind, object, others);
    }
  }

  #orphan(owner: KubeObject): void {
    for (const { kind, object } of this.#dependentsOf(owner)) {
      const { ownerReferences = [] } = object.metadata;
      this.#setOwners(
        kind,
        object,
        ownerReferences.filter((ref) => ref.uid !== owner.metadata.uid),
      );
    }
  }

  #setOwners(kind: FakeKind, object: KubeObject, owners: NonNullable<KubeObject['metadata']['ownerReferences']>): void {
    const next = { ...object, metadata: { ...object.metadata, ownerReferences: owners } };
    this.update(kind, object, next, { manager: 'garbage-collector' });
  }

  /** Deletes what is in a namespace that is being deleted. */
  #empty(namespace: string): void {
    for (const kind of this.kinds().filter(({ type }) => type.namespaced)) {
      for (const [, object] of this.storage.list(groupResourceOf(kind.type))) {
        if (object.metadata.namespace === namespace) this.delete(kind, namespace, object.metadata.name, {});
      }
    }
    this.#settleNamespace(namespace);
  }

  #settleNamespace(namespace: string): void {
    const resource = groupResourceOf(Namespace);
    const object = this.storage.get(resource, storageKey(undefined, namespace));
    if (!object?.metadata.deletionTimestamp || object.metadata.finalizers?.length) return;
    const occupied = this.kinds().some(({ type }) =>
      this.storage.list(groupResourceOf(type)).some(([, inner]) => inner.metadata.namespace === namespace),
    );
    if (!occupied) this.storage.remove(resource, storageKey(undefined, namespace));
  }
}

/** Key of an object within its collection. */
export function storageKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}
