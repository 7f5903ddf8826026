import type { Clock, Informer, KubeObject } from '@osmo/kube';
import type { Changes } from '../system/changes.ts';

/** How long an answer waits for this replica's own cache. */
const longestMs = 10_000;

/**
 * Resolves when a cache has what was just written, so that who writes and then reads sees it; after ten seconds in any
 * case, since nothing depends on it.
 */
export function seen<T extends KubeObject>(
  informer: Informer<T>,
  changes: Changes<T>,
  { metadata }: KubeObject,
  clock: Clock,
): Promise<void> {
  const { name, namespace, resourceVersion = '' } = metadata;
  const isThere = (): boolean => informer.hasSeen({ name, namespace }, resourceVersion);
  if (isThere()) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = changes.listen(() => {
      if (isThere()) end();
    });
    const cancel = clock.setTimeout(longestMs, end);
    function end(): void {
      stop();
      cancel();
      resolve();
    }
  });
}
