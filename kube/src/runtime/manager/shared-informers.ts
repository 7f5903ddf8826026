import { newInformer } from '../../cache/informer.ts';
import type { Indexers, Informer, InformerOptions } from '../../cache/types.ts';
import { groupResourceOf } from '../../client/resource.ts';
import type { KubeObject } from '../../client/types.ts';
import { defaultCluster } from '../plan.ts';

/** What an informer is asked for; the manager supplies the rest. */
export interface InformerRequest<T extends KubeObject> extends Pick<
  InformerOptions<T>,
  | 'type'
  | 'namespace'
  | 'labelSelector'
  | 'fieldSelector'
  | 'indexes'
  | 'transform'
  | 'pageSize'
  | 'watchList'
  | 'freeze'
> {
  /** Name of the cluster; default 'default'. */
  on?: string | undefined;
}

interface Shared {
  request: InformerRequest<KubeObject>;
  informer: Informer;
  name: string;
}

/** One informer per cluster, kind and selector, however often it is asked for. */
export class SharedInformers {
  readonly #make: <T extends KubeObject>(request: InformerRequest<T>) => InformerOptions<T>;
  readonly #shared = new Map<string, Shared>();

  constructor(make: <T extends KubeObject>(request: InformerRequest<T>) => InformerOptions<T>) {
    this.#make = make;
  }

  /**
   * The informer, made on the first request.
   *
   * @throws RangeError when a later request asks for an index or transform that the first did not have: the objects may
   *   be in the cache already.
   */
  get<T extends KubeObject>(request: InformerRequest<T>): Informer<T> {
    const { on = defaultCluster, type, namespace, labelSelector, fieldSelector } = request;
    const resource = groupResourceOf(type);
    const parts = [on, resource, type.version, type.projection, namespace, labelSelector, fieldSelector];
    const key = JSON.stringify(parts);
    const known = this.#shared.get(key);
    if (known === undefined) {
      const informer = newInformer(this.#make(request));
      this.#shared.set(key, {
        request: request as unknown as InformerRequest<KubeObject>,
        informer: informer,
        name: [on, namespace, resource, labelSelector, fieldSelector].filter(Boolean).join('/'),
      });
      return informer;
    }
    const had: Indexers<KubeObject> = known.request.indexes ?? {};
    for (const [index, values] of Object.entries(request.indexes ?? {})) {
      if (had[index] !== (values as unknown)) {
        throw new RangeError(`informer of ${resource}: index ${index} must be asked for by its first user`);
      }
    }
    if (request.transform !== undefined && (request.transform as unknown) !== known.request.transform) {
      throw new RangeError(`informer of ${resource}: transform must be asked for by its first user`);
    }
    return known.informer as unknown as Informer<T>;
  }

  start(signal: AbortSignal): void {
    for (const { informer } of this.#shared.values()) informer.start(signal);
  }

  /** Names of those that are not filled yet. */
  unsynced(): string[] {
    return [...this.#shared.values()].filter(({ informer }) => !informer.hasSynced()).map(({ name }) => name);
  }
}
