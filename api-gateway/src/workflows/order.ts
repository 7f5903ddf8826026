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
  #sorted: Position[] = [];
  /** Made since the last look. */
  #made: Position[] = [];
  #someGone = false;

  constructor(informer: Informer<T>) {
    this.#informer = informer;
    this.#made = informer.list().map(positionOf);
    informer.onChange((change) => {
      if (change.old === undefined && change.new !== undefined) this.#made.push(positionOf(change.new));
      else if (change.new === undefined) this.#someGone = true;
      // The same name again, without its end having been seen in between.
      else if (change.old?.metadata.uid !== change.new.metadata.uid) {
        this.#someGone = true;
        this.#made.push(positionOf(change.new));
      }
    });
  }

  /** Newest first, or oldest first. Lazy: who wants ten objects pays for ten. */
  *walk(newestFirst: boolean): Generator<T> {
    this.#settle();
    const sorted = this.#sorted;
    for (let step = 0; step < sorted.length; step++) {
      const position = sorted[newestFirst ? sorted.length - 1 - step : step];
      const object = position && this.#informer.get(position.namespace, position.name);
      if (object !== undefined) yield object;
    }
  }

  #settle(): void {
    if (this.#made.length === 0 && !this.#someGone) return;
    // A new array, since a walk may be on its way through the old one. Nearly sorted, which is quick.
    const all = [...this.#sorted, ...this.#made].toSorted(compare);
    this.#sorted = all.filter((position, index) => {
      const before = all[index - 1];
      if (before !== undefined && compare(before, position) === 0) return false;
      const object = this.#informer.get(position.namespace, position.name);
      return object !== undefined && (object.metadata.creationTimestamp ?? '') === position.time;
    });
    this.#made = [];
    this.#someGone = false;
  }
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
