import { FieldManagers } from '@osmo/crds';
import { type Clock, type KubeClient, Lease, type Logger } from '@osmo/kube';
import { heartbeatLease, heartbeatSeconds } from './lease.ts';

export interface HeartbeatOptions {
  hub: KubeClient;
  backend: string;
  /** Namespace of the Lease on the hub. */
  namespace: string;
  /** Who beats: the replica's name. */
  identity: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Renews the backend's Lease on the hub at once and then every 10 s until the signal aborts. A beat that fails is logged
 * and made up for by the next one; a beat never waits for a slow one before it longer than its own interval.
 */
export async function beat(options: HeartbeatOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  while (!signal.aborted) {
    const started = clock.now().getTime();
    await renew(options, signal);
    await pause(clock, Math.max(0, heartbeatSeconds * 1000 - (clock.now().getTime() - started)), signal);
  }
}

async function renew(
  { hub, backend, namespace, identity, clock, logger }: HeartbeatOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    await hub.apply(Lease, heartbeatLease(backend, namespace, identity, clock.now()), {
      fieldManager: FieldManagers.backendOperator,
      force: true,
      timeoutMs: heartbeatSeconds * 1000,
      signal,
    });
  } catch (error) {
    if (!signal.aborted) logger.warn('heartbeat failed', { error });
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.setTimeout(ms, done);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
