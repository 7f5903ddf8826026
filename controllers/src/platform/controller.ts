import type { Backend, Platform } from '@osmo/crds';
import { changed, type ControllerDefinition, defineController, generationChanged, watching } from '@osmo/kube';
import type { Caches } from '../caches.ts';
import { planPlatform, type PlatformWorld } from './plan.ts';

/** Keeps the status of every Platform true: on which backends there are such nodes. */
export function platformController({ platforms, backends }: Caches): ControllerDefinition<Platform, PlatformWorld> {
  return defineController({
    name: 'platform',
    for: { informer: platforms, predicate: generationChanged },
    watches: [
      watching<Backend>({
        informer: backends,
        predicate: changed((backend) => [backend.metadata.uid, backend.status?.shapes]),
        // There are few platforms, and any of them may match the new nodes.
        enqueue: () => platforms.list().map(({ metadata }) => ({ name: metadata.name })),
      }),
    ],
    observe({ name }, { now }) {
      const platform = platforms.get(undefined, name);
      return platform === undefined ? undefined : { now, platform, backends: backends.list() };
    },
    plan: planPlatform,
  });
}
