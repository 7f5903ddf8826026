import type { Backend } from '@osmo/crds';
import {
  type Clock,
  type ControllerDefinition,
  defineController,
  generationChanged,
  type Lease,
  watching,
} from '@osmo/kube';
import type { Caches } from '../caches.ts';
import { backendOfLease, Heartbeats, leaseNameOf } from './heartbeats.ts';
import { planBackend, type BackendWorld } from './plan.ts';

/** Keeps the condition Connected of every Backend true. */
export function backendController(
  { backends, leases }: Caches,
  { clock }: { clock: Clock },
): ControllerDefinition<Backend, BackendWorld> {
  const heartbeats = new Heartbeats();
  leases.onChange(({ old, new: now }) => {
    if (now !== undefined) heartbeats.observe(now, clock.now(), !leases.hasSynced());
    else if (old !== undefined) heartbeats.forget(old.metadata.name);
  });
  return defineController({
    name: 'backend',
    for: { informer: backends, predicate: generationChanged },
    watches: [
      watching<Lease>({
        informer: leases,
        enqueue: ({ old, new: now }) => {
          const name = backendOfLease((now ?? old)?.metadata.name ?? '');
          return name === undefined ? [] : [{ name }];
        },
      }),
    ],
    observe({ name }, { now }) {
      const backend = backends.get(undefined, name);
      if (backend === undefined) return undefined;
      const lease = leaseNameOf(name);
      return { now, backend, lease, heartbeat: heartbeats.of(lease) };
    },
    plan: planBackend,
  });
}
