import type { Informer, KubeObject } from '@osmo/kube';

interface Position {
  readonly time: string;
  readonly namespace: string | undefined;
  readonly name: string;
}

/**
 * The objects of a cache by the time they were made, kept from change to change, so that a page of many thousands costs
 * what the page costs.
 */
export class CreationOrder<T extends KubeObject> {
  readonly #informer: Informer<T>;
  readonly #few: number;
  /** Places of objects that are gone stay until there are many of them. */
  #sorted: Position[] = [];
  /** Made since the last look. */
  #made: Position[];
  #gone = 0;

  /** @param few so many new objects are put in their places one by one; more are sorted in */
  constructor(informer: Informer<T>, few = 256) {
    this.#informer = informer;
    this.#few = few;
    this.#made = informer.list().map(positionOf);
    informer.onChange(({ old, new: now }) => {
      // The same name may come again without its end having been seen.
      const isOther = old?.metadata.uid !== now?.metadata.uid;
      if (isOther && old !== undefined) this.#gone++;
      if (isOther && now !== undefined) this.#made.push(positionOf(now));
    });
  }

  /** Newest first, or oldest first; to be read at once, before anything else happens. Who wants ten objects pays for ten. */
  *walk(newestFirst: boolean): Generator<T> {
    this.#settle();
    const sorted = this.#sorted;
    for (let step = 0; step < sorted.length; step++) {
      const position = sorted[newestFirst ? sorted.length - 1 - step : step];
      const object = position && this.#objectAt(position);
      if (object !== undefined) yield object;
    }
  }

  #objectAt({ namespace, name, time }: Position): T | undefined {
    const object = this.#informer.get(namespace, name);
    return (object?.metadata.creationTimestamp ?? '') === time ? object : undefined;
  }

  #settle(): void {
    const made = this.#made;
    this.#made = [];
    if (made.length > this.#few || this.#gone > this.#few + this.#sorted.length / 4) {
      const all = [...this.#sorted, ...made].filter((position) => this.#objectAt(position) !== undefined);
      const sorted = all.toSorted(compare);
      this.#sorted = sorted.filter((position, index) => index === 0 || compareAt(sorted, index - 1, position) !== 0);
      this.#gone = 0;
      return;
    }
    for (const position of made) {
      const index = placeOf(this.#sorted, position);
      if (compareAt(this.#sorted, index, position) !== 0) this.#sorted.splice(index, 0, position);
    }
  }
}

/** Index of the first position that is not before this one. */
function placeOf(sorted: readonly Position[], position: Position): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(sorted, middle, position) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compareAt(sorted: readonly Position[], index: number, position: Position): number {
  const there = sorted[index];
  return there === undefined ? 1 : compare(there, position);
}

function positionOf({ metadata }: KubeObject): Position {
  return { time: metadata.creationTimestamp ?? '', namespace: metadata.namespace, name: metadata.name };
}

function compare(a: Position, b: Position): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  if (a.namespace === b.namespace) return 0;
  return (a.namespace ?? '') < (b.namespace ?? '') ? -1 : 1;
}
