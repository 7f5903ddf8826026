import type {
  Body,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
} from '../../object-store.ts';
import { rangeOf } from '../../range.ts';
import { StoreError } from '../../store-error.ts';
import type { Random } from './random.ts';

/** What a store throws at a process that is no more. */
export class Died extends Error {
  override readonly name = 'Died';
}

interface Stored {
  bytes: Buffer;
  modified: number;
  etag: string;
}

interface Waiting {
  process: Process;
  act: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** When a process ends: before or after the effect of its call of that number, from 0. */
export interface Death {
  call: number;
  after: boolean;
}

interface Process {
  calls: number;
  death: Death | undefined;
  dead: boolean;
}

/**
 * An object store, several processes that use it, and a clock, all in one thread and decided by one source of chance: each call waits
 * until it is its turn, so that the calls of processes come in any order, and a process may end at any call.
 */
export class World {
  readonly objects = new Map<string, Stored>();
  /** Milliseconds. */
  time = Date.UTC(2030, 0, 1);
  readonly #random: Random;
  readonly #waiting: Waiting[] = [];
  #etags = 0;
  #names = 0;
  #running = false;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The store, as a process sees it. */
  store(death?: Death): WorldStore {
    return new WorldStore(this, { calls: 0, death, dead: false });
  }

  /** The store, as one sees it who is alone. */
  calmStore(): WorldStore {
    return new WorldStore(this, undefined);
  }

  newName(): string {
    return `${this.#names++}${this.#random.below(2 ** 32).toString(16)}`.padStart(16, '0');
  }

  call<T>(process: Process | undefined, act: () => T): Promise<T> {
    if (process === undefined) return new Promise((resolve) => resolve(act()));
    if (process.dead) return Promise.reject(new Died('the process has ended'));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ process, act, resolve: resolve as (value: unknown) => void, reject });
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
    return promise;
  }

  write(key: string, bytes: Buffer): { size: number; etag: string } {
    const etag = `${++this.#etags}`;
    this.objects.set(key, { bytes, modified: this.time, etag });
    return { size: bytes.byteLength, etag };
  }

  async #run(): Promise<void> {
    for (;;) {
      // Until all processes wait for the store, or have ended: what they do in between needs no timers.
      await new Promise((resolve) => setImmediate(resolve));
      const next = this.#waiting.splice(this.#random.below(this.#waiting.length), 1)[0];
      if (next === undefined) break;
      this.time += this.#elapsed();
      this.#step(next);
    }
    this.#running = false;
  }

  /** Mostly little; sometimes so much that intents end and marks become due. */
  #elapsed(): number {
    const chance = this.#random.next();
    if (chance < 0.9) return this.#random.below(2000);
    if (chance < 0.97) return this.#random.below(400_000);
    if (chance < 0.995) return this.#random.below(2_400_000);
    return this.#random.below(20_000_000);
  }

  #step({ process, act, resolve, reject }: Waiting): void {
    const dies = process.death?.call === process.calls;
    process.calls++;
    if (process.dead || (dies && process.death?.after === false)) {
      process.dead = true;
      reject(new Died('the process has ended'));
      return;
    }
    try {
      const value = act();
      if (dies) {
        process.dead = true;
        reject(new Died('the process has ended'));
      } else resolve(value);
    } catch (error) {
      reject(error);
    }
  }
}

/** The store of a world as one process sees it. */
export class WorldStore implements ObjectStore {
  readonly url = 'world://store';
  readonly #world: World;
  readonly #process: Process | undefined;

  constructor(world: World, process: Process | undefined) {
    this.#world = world;
    this.#process = process;
  }

  /** Calls so far. */
  get calls(): number {
    return this.#process?.calls ?? 0;
  }

  /** A name that no other process has. */
  readonly newName = (): string => this.#world.newName();

  /** Seconds of the world's clock. */
  readonly now = (): number => this.#world.time / 1000;

  async put(
    key: string,
    body: Body,
    { ifAbsent = false, ifMatch }: PutOptions = {},
  ): Promise<{ size: number; etag: string }> {
    if (!(body instanceof Uint8Array)) throw new TypeError('bytes only');
    const bytes = Buffer.from(body);
    return this.#world.call(this.#process, () => {
      if (ifAbsent && this.#world.objects.has(key)) {
        throw new StoreError('AlreadyExists', `${this.url}/${key}`, 'exists already');
      }
      if (ifMatch !== undefined && this.#world.objects.get(key)?.etag !== ifMatch) {
        throw new StoreError('Changed', `${this.url}/${key}`, 'is another one');
      }
      return this.#world.write(key, bytes);
    });
  }

  async get(key: string, { range }: GetOptions = {}): Promise<StoredObject> {
    return this.#world.call(this.#process, () => {
      const found = this.#world.objects.get(key);
      if (found === undefined) throw new StoreError('NotFound', `${this.url}/${key}`, 'does not exist');
      const { start, end } = rangeOf(range, found.bytes.byteLength, `${this.url}/${key}`);
      const bytes = Buffer.from(found.bytes.subarray(start, end));
      return { info: infoOf(key, found), body: only(bytes) };
    });
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#world.call(this.#process, () => {
      const found = this.#world.objects.get(key);
      return found && infoOf(key, found);
    });
  }

  async *list(folder: string, { pageSize = 2 }: ListOptions = {}): AsyncGenerator<ListPage> {
    let after = '';
    for (;;) {
      const objects = await this.#world.call(this.#process, () =>
        [...this.#world.objects]
          .filter(([key]) => key.startsWith(folder) && key > after)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, pageSize)
          .map(([key, stored]) => infoOf(key, stored)),
      );
      const last = objects.at(-1);
      if (last === undefined) return;
      after = last.key;
      yield { objects, folders: [] };
    }
  }

  async delete(key: string): Promise<void> {
    await this.#world.call(this.#process, () => this.#world.objects.delete(key));
  }

  async close(): Promise<void> {}
}

function infoOf(key: string, { bytes, modified, etag }: Stored): ObjectInfo {
  return { key, size: bytes.byteLength, etag, modified: new Date(modified) };
}

async function* only(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
