import { randomBytes } from 'node:crypto';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { intentsFolder, packIdOf, packKey, packsFolder, sessionDigits } from './layout.ts';
import { readMarks } from './marks.ts';
import { RepositoryError } from './repository-error.ts';

/** How often a writer says that it is there, and looks at what garbage collection has marked. */
const renewSeconds = 300;
/** For how long garbage collection believes a writer that has said so. */
export const leaseSeconds = 3600;
/** The most time from the last look at marks to the version being there; less than any grace period. */
export const commitSeconds = 600;
/** The least grace period with which writers are safe. */
export const leastGraceSeconds = 1800;

export interface SessionOptions {
  store: ObjectStore;
  /** Seconds that never go back. */
  now?: (() => number) | undefined;
  /** Gives names that nobody else has: 16 hexadecimal digits. */
  newName?: (() => string) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * A writer among others. Nobody is waited for and nothing is locked: what it writes bears its own name, which an intent
 * protects until it is referred to; what others wrote and it refers to is looked for among the marks of garbage
 * collection, in time before anything marked may be deleted. docs/designs/0008-repository.md has the argument.
 */
export class Session {
  readonly id: string;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #signal: AbortSignal | undefined;
  /** Packs that the version to be committed needs. */
  readonly #used = new Set<string>();
  /** These, and others that it may come to need. */
  readonly #held = new Set<string>();
  /** Marked packs that we hold, as our intent says. */
  #kept = new Set<string>();
  /** Packs of which a mark was ever seen: its end may have been that of the pack. */
  readonly #marked = new Set<string>();
  #looked = 0;
  /** It isn't certain that all packs are there: we stood still for too long, or came too late. */
  #doubtful = false;
  #packs = 0;
  #renewing: Promise<void> | undefined;

  constructor({ store, now = () => performance.now() / 1000, newName = randomName, signal }: SessionOptions) {
    this.id = newName();
    this.#store = store;
    this.#now = now;
    this.#signal = signal;
  }

  /** Says that it is there, before it looks at anything. */
  async begin(): Promise<void> {
    this.#looked = this.#now();
    await this.#look();
  }

  /** Name of the next pack. */
  nextPack(): string {
    return `${this.id}${(this.#packs++).toString(16).padStart(8, '0')}`;
  }

  /** Whether a pack of somebody may be referred to. */
  mayUse(pack: string): boolean {
    return this.#held.has(pack) || !this.#marked.has(pack);
  }

  /** The version will refer to this pack. */
  use(pack: string): void {
    this.#used.add(pack);
    this.hold(pack);
  }

  /** The version may refer to this pack. */
  hold(pack: string): void {
    if (this.#held.has(pack)) return;
    this.#held.add(pack);
    if (this.#marked.has(pack)) this.#doubtful = true;
  }

  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** To be called again and again while working. */
  async renew(): Promise<void> {
    if (this.#now() - this.#looked < renewSeconds) return;
    this.#renewing ??= this.#look().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  /**
   * Runs what makes the version visible, when all that it refers to is sure to stay.
   *
   * @param withdraw makes it invisible again
   * @throws RepositoryError Conflict when something it refers to is gone or may go
   */
  async commit(publish: () => Promise<void>, withdraw: () => Promise<void>): Promise<void> {
    await this.#renewing;
    await this.#look();
    if (this.#doubtful) await this.#checkPacks();
    const looked = this.#looked;
    await publish();
    if (this.#now() - looked < commitSeconds) return;
    try {
      await this.#checkPacks();
    } catch (error) {
      await withdraw();
      throw error;
    }
  }

  async end(): Promise<void> {
    // Left behind it only delays garbage collection; and it is to go also when the caller has aborted.
    await this.#store.delete(this.#key).catch(() => undefined);
  }

  get #key(): string {
    return `${intentsFolder}${this.id}`;
  }

  async #look(): Promise<void> {
    const before = this.#now();
    if (before - this.#looked > leaseSeconds / 2) {
      this.#doubtful = true;
      // Who collects garbage may have taken us for gone.
      this.#kept.clear();
    }
    const now = await this.#sayKept();
    const marks = await readMarks(this.#store, this.#signal);
    const marked = new Set(marks.flatMap(({ packs }) => [...packs]));
    for (const pack of marked) this.#marked.add(pack);
    const limit = now + 1000 * commitSeconds;
    const needed = [...marked].filter((pack) => this.#held.has(pack) && !this.#kept.has(pack));
    const late = marks.find(({ packs, deleteAfter }) => deleteAfter <= limit && needed.some((pack) => packs.has(pack)));
    if (late !== undefined) {
      throw new RepositoryError(
        'Conflict',
        `${this.#store.url}/${late.key}: garbage collection may delete what this commit refers to; commit again`,
      );
    }
    if (needed.length > 0) {
      this.#kept = new Set([...this.#kept, ...needed]);
      await this.#sayKept();
    }
    this.#looked = before;
  }

  /** Writes the intent. @returns the time of the store, milliseconds */
  async #sayKept(): Promise<number> {
    const body = Buffer.from(`${[...this.#kept].join('\n')}\n`);
    await this.#store.put(this.#key, body, { signal: this.#signal, contentType: 'text/plain' });
    const found = await this.#store.head(this.#key, { signal: this.#signal });
    if (found === undefined) {
      throw new RepositoryError(
        'Conflict',
        `${this.#store.url}/${this.#key}: was deleted while it was used; commit again`,
      );
    }
    return found.modified.getTime();
  }

  async #checkPacks(): Promise<void> {
    const missing = new Set(this.#used);
    for (const session of new Set([...this.#used].map((pack) => pack.slice(0, sessionDigits)))) {
      for await (const { objects } of this.#store.list(`${packsFolder}${session}/`, { signal: this.#signal })) {
        for (const { key } of objects) missing.delete(packIdOf(key) ?? '');
      }
    }
    const [first] = missing;
    if (first === undefined) return;
    const url = `${this.#store.url}/${packKey(first)}`;
    throw new RepositoryError(
      'Conflict',
      `${url}: was collected as garbage while this commit stood still; commit again`,
    );
  }
}

function randomName(): string {
  return randomBytes(sessionDigits / 2).toString('hex');
}

/** Packs that live writers protect: all of their own, and marked ones that they use. */
export interface Intents {
  sessions: ReadonlySet<string>;
  packs: ReadonlySet<string>;
  /** Keys of intents whose writers are no more. */
  stale: readonly string[];
}

/** @param now the time of the store, milliseconds */
export async function readIntents(store: ObjectStore, now: number, signal?: AbortSignal): Promise<Intents> {
  const sessions = new Set<string>();
  const packs = new Set<string>();
  const stale: string[] = [];
  for await (const { objects } of store.list(intentsFolder, { signal })) {
    for (const { key, modified } of objects) {
      if (now - modified.getTime() > 1000 * leaseSeconds) {
        stale.push(key);
        continue;
      }
      sessions.add(key.slice(intentsFolder.length));
      for (const pack of await readKept(store, key, signal)) packs.add(pack);
    }
  }
  return { sessions, packs, stale };
}

async function readKept(store: ObjectStore, key: string, signal: AbortSignal | undefined): Promise<string[]> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of (await store.get(key, { signal })).body) pieces.push(piece);
  } catch (error) {
    // Its writer has just ended.
    if (isStoreError(error, 'NotFound')) return [];
    throw error;
  }
  return Buffer.concat(pieces)
    .toString()
    .split('\n')
    .filter((line) => line !== '');
}
