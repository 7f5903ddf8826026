import type { Informer } from '../../cache/types.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound } from '../../client/errors.ts';
import { groupResourceOf, keyOf, metadataOf, refOf } from '../../client/resource.ts';
import type { Applied, KubeClient, KubeObject, ObjectRef, ResourceType } from '../../client/types.ts';
import { NameTakenError } from '../controller/errors.ts';
import { isCovered, jsonEqual } from '../objects/equality.ts';
import { type FinalizerChange, finalizerPatch, hasFinalizer, isDeleting } from '../objects/finalizers.ts';
import { defaultCluster, type Desired, type Removal, type StatusWrite } from '../plan.ts';
import { conflict, identity, isOurs, memoKey, newest, owned, plainRef, typed } from './bodies.ts';
import { Memo } from './memo.ts';
import type { OwnWrites } from './own-writes.ts';
import { ifFound } from './refusal.ts';

/** One cluster as a controller sees it. */
export interface WriteTarget {
  client: KubeClient;
  /** The caches that the controller decides on. */
  informers: readonly Informer[];
}

export interface WriterOptions {
  targets: ReadonlyMap<string, WriteTarget>;
  fieldManager: string;
  ownWrites: OwnWrites;
  /** Called before every write; throws when nothing may be written (leadership is lost). */
  sending?: ((verb: string) => void) | undefined;
}

const attempts = 4;

/**
 * Turns one intent at a time into requests, idempotently, and notes what the caches must show before `key` is decided on
 * again. Methods resolve to whether a request was sent; they reject with a KubeError, or a NameTakenError.
 */
export class Writer {
  readonly #options: WriterOptions;
  readonly #applied = new Memo();
  readonly #settled = new Memo(10_000);

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async ensure(key: string, desired: Desired, signal: AbortSignal): Promise<boolean> {
    if (desired.mode === 'create') return this.#create(key, desired, signal);
    return this.#apply(key, desired, signal);
  }

  /** Deletes, or takes a finalizer off. That there is nothing to remove (any more) is success. */
  async remove(key: string, removal: Removal, signal: AbortSignal): Promise<boolean> {
    if (removal.removeFinalizer !== undefined) {
      const change = { remove: [removal.removeFinalizer] };
      return this.#takeOff(key, removal, removal.removeFinalizer, change, signal);
    }
    const { on, type, uid, resourceVersion, gracePeriodSeconds, propagationPolicy } = removal;
    const client = this.#target(on).client;
    const ref = plainRef(removal);
    const incarnation = uid ?? this.#cached(on, type, ref)?.metadata.uid;
    this.#options.sending?.('delete');
    try {
      const options = { uid, resourceVersion, gracePeriodSeconds, propagationPolicy, signal };
      await client.delete(metadataOf(type), ref, options);
    } catch (error) {
      if (isConflict(error) && uid !== undefined) {
        // Which precondition failed isn't said in a form to rely on: ask whether our incarnation is still there.
        const live = await ifFound(client.get(metadataOf(type), ref, { signal }));
        if (live?.metadata.uid === uid) throw error;
      } else if (!isNotFound(error)) throw error;
    }
    this.#expect(key, on, type, ref, (informer) => {
      const cached = informer.get(ref.namespace, ref.name);
      return cached === undefined || cached.metadata.uid !== incarnation || isDeleting(cached);
    });
    return true;
  }

  /** One server-side apply of the status, unless it is so already. That the object is gone is success. */
  async status(key: string, write: StatusWrite, fieldManager: string, signal: AbortSignal): Promise<boolean> {
    const { on, type, object, status } = write;
    const ref = refOf(object);
    const cached = newest(object, this.#cached(on, type, ref));
    // What was decided about is gone; its successor will be decided about on its own.
    if (cached.metadata.uid !== object.metadata.uid) return false;
    const current = owned((cached as { status?: object }).status, write.fields);
    if (jsonEqual(current, status)) return false;
    const memo = memoKey(on, type, ref);
    const settled = { status, version: cached.metadata.resourceVersion };
    if (this.#settled.has(memo, settled)) return false;
    this.#options.sending?.('apply_status');
    // On /status the server ignores the UID, so the version has to keep the write from the successor of a deleted object.
    const body = { ...identity(type, write.atVersion === true ? object : cached), status };
    try {
      const options = { fieldManager, force: true, subresource: 'status', signal };
      const answer = await this.#target(on).client.apply(metadataOf(type), body, options);
      // The server stores this status in another form, and a further write would change nothing either.
      if (answer.metadata.resourceVersion === cached.metadata.resourceVersion) this.#settled.set(memo, settled);
      else this.#expectVersion(key, on, type, answer);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    return true;
  }

  /**
   * Changes the finalizers of one object. Resolves to the object with the metadata that it has then, undefined when
   * nothing was sent. Rejects with a conflict when the list has changed meanwhile.
   */
  async finalizers(
    key: string,
    target: { on: string; type: ResourceType; object: KubeObject },
    change: FinalizerChange,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined> {
    const { on, type, object } = target;
    const body = finalizerPatch(object, change);
    if (body === undefined) return undefined;
    this.#options.sending?.('patch');
    const patch = { kind: 'json' as const, body };
    try {
      const answer = await this.#target(on).client.patch(metadataOf(type), refOf(object), patch, {
        fieldManager: this.#options.fieldManager,
        signal,
      });
      const removed = (change.remove ?? []).filter((finalizer) => hasFinalizer(object, finalizer));
      this.#expectWithout(key, on, type, answer, removed);
      return { ...object, metadata: answer.metadata };
    } catch (error) {
      if (isNotFound(error) && (change.add ?? []).length === 0) return object;
      throw isInvalid(error) ? conflict(type, refOf(object), error) : error;
    }
  }

  async #create(key: string, desired: Desired, signal: AbortSignal): Promise<boolean> {
    const { on, type, object } = desired;
    const client = this.#target(on).client;
    const slim = metadataOf(type);
    this.#options.sending?.('create');
    try {
      const { fieldManager } = this.#options;
      this.#expectVersion(key, on, type, await client.create(slim, typed(type, object), { fieldManager, signal }));
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const live = await ifFound(client.get(slim, refOf(object), { signal }));
      // Deleted in between: as if we had come a moment later.
      if (live === undefined) throw conflict(type, refOf(object), error);
      if (!isOurs(live, desired)) throw new NameTakenError(type.kind, refOf(object), live.metadata.uid);
      this.#expectVersion(key, on, type, live);
    }
    return true;
  }

  async #apply(key: string, { on, type, object }: Desired, signal: AbortSignal): Promise<boolean> {
    const memo = memoKey(on, type, refOf(object));
    const cached = this.#cached(on, type, refOf(object));
    // Covered alone is not enough: a field that we no longer want would stay.
    if (cached !== undefined && this.#applied.has(memo, object) && isCovered(object, cached)) return false;
    this.#options.sending?.('apply');
    const options = { fieldManager: this.#options.fieldManager, force: true, signal };
    const body = typed(type, object) as Applied<KubeObject>;
    const answer = await this.#target(on).client.apply(metadataOf(type), body, options);
    this.#applied.set(memo, object);
    this.#expectVersion(key, on, type, answer);
    return true;
  }

  async #takeOff(
    key: string,
    removal: Removal,
    finalizer: string,
    change: FinalizerChange,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { on, type, uid, resourceVersion } = removal;
    const { client } = this.#target(on);
    const ref = plainRef(removal);
    let object = this.#cached(on, type, ref) ?? (await ifFound(client.get(metadataOf(type), ref, { signal })));
    for (let attempt = 1; ; attempt++) {
      if (object === undefined || (uid !== undefined && object.metadata.uid !== uid)) return attempt > 1;
      const patch = finalizerPatch(object, change);
      if (patch === undefined) return attempt > 1;
      const guard =
        resourceVersion === undefined
          ? []
          : [{ op: 'test' as const, path: '/metadata/resourceVersion', value: resourceVersion }];
      this.#options.sending?.('patch');
      try {
        const body = [...guard, ...patch];
        const { fieldManager } = this.#options;
        // Each attempt depends on what the one before found.
        // oxlint-disable-next-line no-await-in-loop
        const answer = await client.patch(metadataOf(type), ref, { kind: 'json', body }, { fieldManager, signal });
        this.#expectWithout(key, on, type, answer, [finalizer]);
        return true;
      } catch (error) {
        if (isNotFound(error)) return true;
        if (!isInvalid(error) && !isConflict(error)) throw error;
        if (attempt === attempts || resourceVersion !== undefined) throw conflict(type, ref, error);
        // oxlint-disable-next-line no-await-in-loop
        object = await ifFound(client.get(metadataOf(type), ref, { signal }));
      }
    }
  }

  #target(on: string = defaultCluster): WriteTarget {
    const target = this.#options.targets.get(on);
    if (target !== undefined) return target;
    const known = [...this.#options.targets.keys()].join(', ');
    throw new TypeError(`cluster ${JSON.stringify(on)} is unknown; known: ${known}`);
  }

  #informers(on: string | undefined, type: ResourceType): readonly Informer[] {
    return this.#target(on).informers.filter(
      (informer) => informer.type.group === type.group && informer.type.plural === type.plural,
    );
  }

  #cached(on: string | undefined, type: ResourceType, ref: ObjectRef): KubeObject | undefined {
    for (const informer of this.#informers(on, type)) {
      const object = informer.get(ref.namespace, ref.name);
      if (object !== undefined) return object;
    }
    return undefined;
  }

  #expectVersion(key: string, on: string | undefined, type: ResourceType, answer: KubeObject): void {
    const { resourceVersion } = answer.metadata;
    if (resourceVersion === undefined) return;
    this.#expect(key, on, type, refOf(answer), (informer) => informer.hasSeen(refOf(answer), resourceVersion));
  }

  #expectWithout(
    key: string,
    on: string | undefined,
    type: ResourceType,
    answer: KubeObject,
    finalizers: readonly string[],
  ): void {
    const { namespace, name, uid } = answer.metadata;
    if (finalizers.length === 0) return this.#expectVersion(key, on, type, answer);
    // By content: when the last finalizer goes, the object goes, and the answer's version is not that of its deletion.
    this.#expect(key, on, type, refOf(answer), (informer) => {
      const cached = informer.get(namespace, name);
      return (
        cached?.metadata.uid !== uid || !finalizers.some((finalizer) => hasFinalizer(cached as KubeObject, finalizer))
      );
    });
  }

  #expect(
    key: string,
    on: string | undefined,
    type: ResourceType,
    ref: ObjectRef,
    isSeen: (informer: Informer) => boolean,
  ): void {
    for (const informer of this.#informers(on, type)) {
      const object = `${groupResourceOf(type)} ${keyOf(ref)}`;
      this.#options.ownWrites.expect(key, { object, isSeen: () => isSeen(informer) });
    }
  }
}
