import type { Change, Informer, KubeObject } from '@osmo/kube';

/**
 * Tells of changes of one cache to those who listen now. An informer keeps its listeners for ever; callers come and go, so
 * that they share one.
 */
export class Changes<T extends KubeObject> {
  readonly #listeners = new Set<(change: Change<T>) => void>();

  constructor(informer: Informer<T>) {
    informer.onChange((change) => {
      for (const listener of this.#listeners) listener(change);
    });
  }

  /** Listens until the result is called. */
  listen(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
