import { KubeError, TransportReason } from '../client/errors.ts';
import { groupResourceOf } from '../client/resource.ts';
import type {
  KubeClient,
  KubeObject,
  ListOptions,
  ListResult,
  ResourceType,
  WatchEvent,
  WatchOptions,
} from '../client/types.ts';
import { errorFromStatus } from '../client/status.ts';
import { expired } from './api-error.ts';
import type { FakeKind } from './kinds.ts';
import { Storage, type Commit } from './storage.ts';
import { bookmark, type Event, eventOf, openingEvents } from './watching.ts';

/** What happens to the next event that a watch is to deliver. 'delay': the next one overtakes it; 'hold': the next three do. */
export type EventFault = 'drop' | 'duplicate' | 'delay' | 'hold' | 'truncate' | 'garble';

/**
 * The lists and watches of one collection without HTTP or time, for properties over thousands of histories. Faults are
 * what a bad network, proxy or server does.
 */
export class ModelServer implements Pick<KubeClient, 'list' | 'watch'> {
  readonly storage = new Storage();
  readonly #kind: FakeKind;
  readonly #resource: string;
  readonly #watches = new Set<ModelWatch>();
  #eventFaults: EventFault[] = [];
  #listErrors: KubeError[] = [];
  #watchErrors: KubeError[] = [];
  lists = 0;
  watches = 0;
  watchListServed = true;

  constructor(type: ResourceType) {
    this.#kind = { type };
    this.#resource = groupResourceOf(type);
  }

  write(namespace: string, name: string, uid: string, content: object): KubeObject {
    const { type } = this.#kind;
    const metadata = { name, namespace, uid, managedFields: [] };
    return this.storage.put(this.#resource, `${namespace}/${name}`, {
      apiVersion: type.version,
      kind: type.kind,
      metadata,
      ...content,
    });
  }

  /** Deletes an object and returns the version of its deletion; undefined when there was none. */
  remove(namespace: string, name: string): string | undefined {
    return this.storage.remove(this.#resource, `${namespace}/${name}`) && String(this.storage.revision);
  }

  get(namespace: string, name: string): KubeObject | undefined {
    return this.storage.get(this.#resource, `${namespace}/${name}`);
  }

  state(): KubeObject[] {
    return this.storage.list(this.#resource).map(([, object]) => object);
  }

  /** The next event of any watch suffers this. */
  nextEvent(fault: EventFault): void {
    this.#eventFaults.push(fault);
  }

  nextList(error: KubeError): void {
    this.#listErrors.push(error);
  }

  nextWatch(error: KubeError): void {
    this.#watchErrors.push(error);
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.push(bookmark(this.#kind, this.storage.revision));
  }

  /** Ends all watches: properly, or with an error. */
  endWatches(error?: KubeError): void {
    for (const watch of [...this.#watches]) watch.end(error);
  }

  /** From now on nothing fails. */
  heal(): void {
    this.#eventFaults = [];
    this.#listErrors = [];
    this.#watchErrors = [];
  }

  list<T extends KubeObject>(_: ResourceType<T>, options: ListOptions = {}): Promise<ListResult<T>> {
    this.lists++;
    options.signal?.throwIfAborted();
    const failure = this.#listErrors.shift();
    if (failure) return Promise.reject(failure);
    const [at, after = ''] = options.continue?.split('|') ?? [];
    const revision = at === undefined ? this.storage.revision : Number(at);
    if (at !== undefined && revision < this.storage.compacted) return Promise.reject(gone());
    const rest = this.storage.list(this.#resource, revision).filter(([key]) => key > after);
    const page = options.limit && options.resourceVersion !== '0' ? rest.slice(0, options.limit) : rest;
    const last = page.length < rest.length ? `${revision}|${page.at(-1)?.[0]}` : undefined;
    const items = page.map(([, object]) => structuredClone(object) as T);
    return Promise.resolve({ items, metadata: { resourceVersion: String(revision), ...(last && { continue: last }) } });
  }

  async *watch<T extends KubeObject>(_: ResourceType<T>, options: WatchOptions = {}): AsyncGenerator<WatchEvent<T>> {
    this.watches++;
    options.signal?.throwIfAborted();
    // A round trip: things happen between a list and the watch after it.
    await Promise.resolve();
    const failure = this.#watchErrors.shift();
    if (failure) throw failure;
    if (options.sendInitialEvents && !this.watchListServed) {
      throw new KubeError({ status: 422, reason: 'Invalid', message: 'sendInitialEvents is forbidden' });
    }
    const everything = (): boolean => true;
    const watch = new ModelWatch(() => this.#eventFaults.shift());
    const request = {
      resourceVersion: options.resourceVersion ?? '',
      sendInitialEvents: options.sendInitialEvents ?? false,
      bookmarks: true,
    };
    for (const event of openingEvents(this.#kind, this.storage, request, everything)) watch.push(event);
    const unsubscribe = this.storage.subscribe((commit: Commit) => {
      const event = eventOf(commit, everything);
      if (event) watch.push(event);
    });
    const onAbort = (): void => watch.end(new KubeError({ status: 0, reason: 'Aborted', message: 'aborted' }));
    options.signal?.addEventListener('abort', onAbort);
    this.#watches.add(watch);
    try {
      for await (const event of watch) yield structuredClone(event) as WatchEvent<T>;
    } finally {
      unsubscribe();
      options.signal?.removeEventListener('abort', onAbort);
      this.#watches.delete(watch);
    }
  }
}

export const gone = (): KubeError => errorFromStatus(expired('too old resource version').status, { fallback: 410 });
export const broken = (reason: string): KubeError => new KubeError({ status: 0, reason, message: 'injected' });

/** The events of one connection, in order, with what goes wrong on the way. */
class ModelWatch implements AsyncIterable<Event> {
  readonly #fault: () => EventFault | undefined;
  readonly #queue: Event[] = [];
  #delayed: { event: Event; overtakers: number } | undefined;
  #ended: { error?: KubeError } | undefined;
  #wake: (() => void) | undefined;

  constructor(fault: () => EventFault | undefined) {
    this.#fault = fault;
  }

  push(event: Event): void {
    if (this.#ended) return;
    if (event.type === 'ERROR') return this.end(gone());
    const fault = this.#fault();
    if (fault === 'truncate') return this.end(broken(TransportReason.truncated));
    if (fault === 'garble') return this.end(broken(TransportReason.malformed));
    if ((fault === 'delay' || fault === 'hold') && !this.#delayed) {
      this.#delayed = { event, overtakers: fault === 'delay' ? 1 : 3 };
      return;
    }
    if (fault !== 'drop') this.#queue.push(event);
    if (fault === 'duplicate') this.#queue.push(event);
    if (this.#delayed && --this.#delayed.overtakers <= 0) {
      this.#queue.push(this.#delayed.event);
      this.#delayed = undefined;
    }
    this.#wake?.();
  }

  end(error?: KubeError): void {
    this.#ended ??= error ? { error } : {};
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Event> {
    for (;;) {
      const event = this.#queue.shift();
      if (event) yield event;
      else if (this.#ended?.error) throw this.#ended.error;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
