import { type KubeClient, type KubeObject, type Logger, newInformer, type ResourceType, systemClock } from '@osmo/kube';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { BenchContext } from '../bench.ts';

/** When objects of a kind in a namespace were first seen in a certain state, on this machine's clock. */
export interface Moments {
  /** Milliseconds of `performance.now()` by the object's key. */
  readonly at: ReadonlyMap<string, number>;
  /** Resolves when `count` objects have been seen so; `check` is called meanwhile and throws when waiting is in vain. */
  reached(count: number, timeoutMs: number, check?: () => void): Promise<void>;
  stop(): void;
}

/**
 * Follows the objects from now on; resolves once it does.
 *
 * @param keyOf what an object is filed under; default its name
 * @param is what it throws is thrown to who waits: an object can't get there any more
 */
export async function watchMoments<T extends KubeObject>(
  { signal, cleanup }: BenchContext,
  { client, type, namespace }: { client: KubeClient; type: ResourceType<T>; namespace: string },
  is: (object: T) => boolean,
  keyOf: (object: T) => string = ({ metadata }) => metadata.name,
): Promise<Moments> {
  const stop = new AbortController();
  cleanup.defer(() => stop.abort());
  const at = new Map<string, number>();
  let failure: Error | undefined;
  const informer = newInformer({ client, type, namespace, clock: systemClock, logger: silentLogger });
  informer.onChange(({ new: object }) => {
    if (!object || at.has(keyOf(object))) return;
    try {
      if (is(object)) at.set(keyOf(object), performance.now());
    } catch (error) {
      failure ??= error as Error;
    }
  });
  informer.start(stop.signal);
  await informer.synced;
  return {
    at,
    stop: () => stop.abort(),
    reached: async (count, timeoutMs, check) => {
      const giveUp = (): void => {
        signal.throwIfAborted();
        if (failure) throw failure;
        check?.();
      };
      const probe = async (): Promise<true | undefined> => {
        if (at.size >= count) return true;
        throw new Error(`${at.size} of ${count}`);
      };
      await poll(`${type.plural} in ${namespace}`, probe, { timeoutMs, giveUp });
    },
  };
}

const nothing = (): void => undefined;
export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};
