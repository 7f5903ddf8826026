import type { Informer, KubeObject } from '@osmo/kube';

/** What the order goes by; all of it stays as it is for as long as the object is there. */
export interface Place {
  /** When it was made, as the apiserver writes it; empty where that isn't known. */
  readonly time: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/** A place in the order; without an object when that is gone. */
interface Position<T> extends Place {
  object: T | undefined;
}

/**
 * The objects of a cache by the time they were made, kept from change to change, so that a page of many thousands costs
 * what the page costs.
 */
export class CreationOrder<T extends KubeObject> {
  readonly #few: number;
  /** Places of objects that are gone stay until there are many of them. */
  #sorted: Position<T>[] = [];
  /** Made since the last look, by namespace and name. */
  #made = new Map<string, Position<T>>();
  #gone = 0;

  /** @param few so many new objects are put in their places one by one; more are sorted in */
  constructor(informer: Informer<T>, few = 256) {
    this.#few = few;
    for (const object of informer.list()) this.#add(object);
    informer.onChange(({ old, new: now }) => {
      // The same name may come again without its end having been seen.
      const isOther = old?.metadata.uid !== now?.metadata.uid;
      if (old !== undefined) this.#replace(old, isOther ? undefined : now);
      if (now !== undefined && isOther) this.#add(now);
    });
  }

  /** Newest first, or oldest first; to be read at once, before anything else happens. Who wants ten objects pays for ten. */
  *walk(newestFirst: boolean): Generator<T> {
    this.#settle();
    const sorted = this.#sorted;
    for (let step = 0; step < sorted.length; step++) {
      const object = sorted[newestFirst ? sorted.length - 1 - step : step]?.object;
      if (object !== undefined) yield object;
    }
  }

  /**
   * The next places, newest first or oldest first, with the objects that are still there. Where a place tells enough, its object,
   * which is elsewhere in memory, needs no look.
   *
   * @param most so many; fewer are the last ones
   * @param after begins behind this place, whether it is still there or not
   */
  places(newestFirst: boolean, most: number, after?: Place): readonly Readonly<Position<T>>[] {
    this.#settle();
    const sorted = this.#sorted;
    if (!newestFirst) {
      const first = after === undefined ? 0 : this.#behind(after);
      return sorted.slice(first, first + most);
    }
    const end = after === undefined ? sorted.length : placeOf(sorted, after);
    return sorted.slice(Math.max(0, end - most), end).toReversed();
  }

  /** Index of the first position behind a place. */
  #behind(place: Place): number {
    const index = placeOf(this.#sorted, place);
    return compareAt(this.#sorted, index, place) === 0 ? index + 1 : index;
  }

  #add(object: T): void {
    const { creationTimestamp: time = '', namespace, name } = object.metadata;
    this.#made.set(keyOf(object), { time, namespace, name, object });
  }

  #replace(old: T, now: T | undefined): void {
    const { creationTimestamp: time = '', namespace, name } = old.metadata;
    const wanted = { time, namespace, name };
    const made = this.#made.get(keyOf(old));
    const position = made ?? this.#sorted[placeOf(this.#sorted, wanted)];
    if (position === undefined || compare(position, wanted) !== 0) return;
    position.object = now;
    if (now !== undefined) return;
    if (made === undefined) this.#gone++;
    else this.#made.delete(keyOf(old));
  }

  #settle(): void {
    const made = this.#made;
    if (made.size === 0 && this.#gone <= this.#few + this.#sorted.length / 4) return;
    this.#made = new Map();
    if (made.size > this.#few || this.#gone > this.#few + this.#sorted.length / 4) {
      const all = [...this.#sorted, ...made.values()].filter(({ object }) => object !== undefined);
      this.#sorted = all.toSorted(compare);
      this.#gone = 0;
      return;
    }
    for (const position of made.values()) {
      const index = placeOf(this.#sorted, position);
      const there = this.#sorted[index];
      // Made anew in the second in which another one of its name was made.
      if (there !== undefined && compare(there, position) === 0) {
        there.object = position.object;
        this.#gone--;
      } else this.#sorted.splice(index, 0, position);
    }
  }
}

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** Two objects by the time they were made, then by name and namespace, as they are walked oldest first. */
export function byCreation(a: KubeObject, b: KubeObject): number {
  return compare(placeIn(a), placeIn(b));
}

function placeIn({ metadata: { creationTimestamp: time = '', namespace, name } }: KubeObject): Place {
  return { time, namespace, name };
}

/** Index of the first position that is not before this one. */
function placeOf(sorted: readonly Place[], position: Place): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(sorted, middle, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareAt(sorted: readonly Place[], index: number, position: Place): number {
  const there = sorted[index];
  return there === undefined ? 1 : compare(there, position);
}

function compare(a: Place, b: Place): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.namespace === b.namespace) return 0;
  return (a.namespace ?? '') < (b.namespace ?? '') ? -1 : 1;
}
