import {
  type Clock,
  isNotFound,
  type KubeClient,
  type KubeObject,
  type ResourceType,
  type WatchOptions,
} from '@osmo/kube';

/** How often it is asked whether the cluster serves the kind by now, ms. */
const askAgainMs = 30_000;

/**
 * A kind that the cluster may not know, may come to know while we run, and may forget: as long as it doesn't, a cache of it is
 * empty and filled, instead of keeping the program from being ready. Informers of the kind need `watchList: false`.
 */
export class OptionalKind {
  readonly #type: ResourceType;
  readonly #clock: Clock;
  readonly #listeners: (() => void)[] = [];
  #served = false;

  constructor(type: ResourceType, clock: Clock) {
    this.#type = type;
    this.#clock = clock;
  }

  /** Whether the cluster served the kind when it was asked last. */
  get isServed(): boolean {
    return this.#served;
  }

  /** Called each time that the kind comes to be served. */
  onServed(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The same client, whose lists and watches of the kind take it that the kind is not served. */
  clientOf(client: KubeClient): KubeClient {
    const list: KubeClient['list'] = async (type, options) => {
      if (!this.#is(type)) return client.list(type, options);
      try {
        const all = await client.list(type, options);
        this.#serve();
        return all;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        this.#served = false;
        // A watch from version 0 begins with what there is.
        return { items: [], metadata: { resourceVersion: '0' } };
      }
    };
    const watch: KubeClient['watch'] = (type, options) =>
      this.#is(type) ? this.#watch(client, type, options ?? {}) : client.watch(type, options);
    return new Proxy(client, {
      get(target, property) {
        if (property === 'list') return list;
        if (property === 'watch') return watch;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async *#watch<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, options: WatchOptions) {
    const { namespace, labelSelector, fieldSelector, signal } = options;
    try {
      if (!this.#served) {
        await client.list(type, { namespace, labelSelector, fieldSelector, signal, limit: 1 });
        this.#serve();
      }
      yield* client.watch(type, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      this.#served = false;
      await this.#pause(signal);
    }
  }

  #serve(): void {
    if (this.#served) return;
    this.#served = true;
    for (const listener of this.#listeners) listener();
  }

  #is({ group, plural }: ResourceType): boolean {
    return group === this.#type.group && plural === this.#type.plural;
  }

  #pause(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.setTimeout(askAgainMs, resolve);
    const stop = (): void => {
      cancel();
      resolve();
    };
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    return promise.finally(() => signal?.removeEventListener('abort', stop));
  }
}
