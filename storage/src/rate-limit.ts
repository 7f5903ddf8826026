import { setTimeout as sleep } from 'node:timers/promises';
import type {
  Body,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
  StoreOptions,
} from './object-store.ts';

/** What a store may be asked for, on average; each absent: as much as goes. */
export interface RateLimit {
  /** Contents of objects, both ways together. */
  bytesPerSecond?: number | undefined;
  requestsPerSecond?: number | undefined;
}

/** Waits, and knows the time: milliseconds that never go back. */
export interface Pacing {
  now: () => number;
  wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}

const realPacing: Pacing = {
  now: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await sleep(milliseconds, undefined, { ...(signal !== undefined && { signal }) }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  },
};

/** What may be made up for after a while in which less was done; milliseconds. */
const burstMs = 1000;

/** Gives out turns so that no more is done than a rate allows; who asks first is first. */
export class Pace {
  readonly #perMs: number;
  readonly #pacing: Pacing;
  /** When all that was given out is paid for. */
  #paid = -Infinity;

  /** @param perSecond > 0 */
  constructor(perSecond: number, pacing: Pacing) {
    this.#perMs = perSecond / 1000;
    this.#pacing = pacing;
  }

  /** Waits until so much may be done. */
  async take(amount: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#pacing.now();
    this.#paid = Math.max(this.#paid, now - burstMs) + amount / this.#perMs;
    if (this.#paid > now) await this.#pacing.wait(this.#paid - now, signal);
  }
}

/**
 * The same store, used no faster than a limit allows. What is sent or fetched in one piece waits for its turn and then goes at the speed
 * of the network, so the limit is an average over some pieces. A stream counts as a request for each part in which it is sent.
 *
 * @param partSize bytes of these parts
 * @throws RangeError when a rate is no number above 0
 */
export function rateLimited(
  store: ObjectStore,
  limit: RateLimit,
  { partSize, pacing = realPacing }: { partSize: number; pacing?: Pacing | undefined },
): ObjectStore {
  const paceOf = (name: keyof RateLimit): Pace | undefined => {
    const perSecond = limit[name];
    if (perSecond === undefined) return undefined;
    if (!(perSecond > 0 && Number.isFinite(perSecond))) {
      throw new RangeError(`rateLimit.${name} ${perSecond}: must be a number above 0`);
    }
    return new Pace(perSecond, pacing);
  };
  const [bytes, requests] = [paceOf('bytesPerSecond'), paceOf('requestsPerSecond')];
  return bytes === undefined && requests === undefined ? store : new LimitedStore(store, { bytes, requests, partSize });
}

interface Paces {
  bytes: Pace | undefined;
  requests: Pace | undefined;
  partSize: number;
}

class LimitedStore implements ObjectStore {
  readonly url: string;
  readonly deleteMany?: NonNullable<ObjectStore['deleteMany']>;
  readonly #store: ObjectStore;
  readonly #paces: Paces;

  constructor(store: ObjectStore, paces: Paces) {
    this.#store = store;
    this.#paces = paces;
    this.url = store.url;
    if (store.deleteMany !== undefined) {
      this.deleteMany = async (keys, options = {}) => {
        await this.#request(options.signal);
        await store.deleteMany?.(keys, options);
      };
    }
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { signal } = options;
    await this.#request(signal);
    if (!(body instanceof Uint8Array)) return this.#store.put(key, this.#sent(body, signal), options);
    await this.#paces.bytes?.take(body.byteLength, signal);
    return this.#store.put(key, body, options);
  }

  async get(key: string, options: GetOptions = {}): Promise<StoredObject> {
    await this.#request(options.signal);
    const { info, body } = await this.#store.get(key, options);
    return { info, body: this.#paced(body, options.signal) };
  }

  async head(key: string, options: StoreOptions = {}): Promise<ObjectInfo | undefined> {
    await this.#request(options.signal);
    return this.#store.head(key, options);
  }

  async *list(folder: string, options: ListOptions = {}): AsyncGenerator<ListPage> {
    await this.#request(options.signal);
    for await (const page of this.#store.list(folder, options)) {
      yield page;
      await this.#request(options.signal);
    }
  }

  async delete(key: string, options: StoreOptions = {}): Promise<void> {
    await this.#request(options.signal);
    await this.#store.delete(key, options);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #request(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    await this.#paces.requests?.take(1, signal);
  }

  async *#paced(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      await this.#paces.bytes?.take(piece.byteLength, signal);
      yield piece;
    }
  }

  async *#sent(body: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    let room = this.#paces.partSize;
    for await (const piece of this.#paced(body, signal)) {
      for (room -= piece.byteLength; room < 0; room += this.#paces.partSize) await this.#request(signal);
      yield piece;
    }
  }
}
