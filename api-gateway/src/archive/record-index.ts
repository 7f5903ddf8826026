import type { RecordEntry } from '@osmo/storage';

/**
 * What is known of the records of an archive without having read them, the latest ends; those that ended first go when there are too
 * many. About 300 bytes each.
 */
export class RecordIndex {
  readonly #most: number;
  /** By UID, which no two workflows share. */
  readonly #entries = new Map<string, RecordEntry>();
  /** In the order of their ends, while nothing has changed since. */
  #sorted: RecordEntry[] | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  add(entries: Iterable<RecordEntry>): void {
    for (const entry of entries) {
      if (this.#entries.has(entry.uid)) this.#sorted = undefined;
      this.#entries.set(entry.uid, entry);
      if (this.#sorted !== undefined) insert(this.#sorted, entry);
    }
    // Seldom, since it sorts.
    if (this.#entries.size <= this.#most * 1.1) return;
    for (const { uid } of this.newestFirst().slice(this.#most)) this.#entries.delete(uid);
    this.#sorted = undefined;
  }

  get(uid: string): RecordEntry | undefined {
    return this.#entries.get(uid);
  }

  remove(uid: string): void {
    if (this.#entries.delete(uid)) this.#sorted = undefined;
  }

  /** Those that ended last come first. */
  newestFirst(): readonly RecordEntry[] {
    this.#sorted ??= [...this.#entries.values()].toSorted(byEnd);
    return this.#sorted;
  }

  /** The records of one name, the latest first: names may come again. */
  named(namespace: string, name: string): RecordEntry[] {
    return this.newestFirst().filter((entry) => entry.name === name && entry.namespace === namespace);
  }
}

/** Mostly at the front: what ends now ended last. */
function insert(sorted: RecordEntry[], entry: RecordEntry): void {
  const at = sorted.findIndex((each) => byEnd(entry, each) < 0);
  sorted.splice(at === -1 ? sorted.length : at, 0, entry);
}

function byEnd(a: RecordEntry, b: RecordEntry): number {
  const difference = b.completionTime.getTime() - a.completionTime.getTime();
  if (difference !== 0) return difference;
  return a.uid < b.uid ? -1 : 1;
}
