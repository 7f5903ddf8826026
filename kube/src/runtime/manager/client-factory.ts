import { createClient, createImpersonator, type Impersonator } from '../../client/client.ts';
import { loadAccess } from '../../client/kubeconfig.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../clock.ts';
import type { TimeSaid } from '../server-clock.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';

/** The clients of a process: with one name, clock and registry of metrics. Whoever asks for one closes it. */
export interface ClientFactory {
  /**
   * A client of the cluster that a kubeconfig names, or of that of `loadAccess`.
   *
   * @param cluster its name in metrics, e.g. 'hub'.
   * @throws KubeError naming the file and what is missing or wrong in it.
   */
  readonly connect: (cluster: string, kubeconfig: string | undefined) => Promise<KubeClient>;
  /** The same, with clients that act in the names of others. */
  readonly connectImpersonator: (cluster: string, kubeconfig: string | undefined) => Promise<Impersonator>;
}

/** @param env where `loadAccess` looks for what kubeconfigs leave out. */
export function clientFactory({
  userAgent,
  metrics,
  clock,
  env,
  heard,
}: {
  userAgent: string;
  metrics: RuntimeMetrics;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
  /** Told what a cluster says of its time. */
  heard?: ((cluster: string, time: TimeSaid) => void) | undefined;
}): ClientFactory {
  const settings = async (cluster: string, kubeconfig: string | undefined) => ({
    access: await loadAccess({ kubeconfig, clock, env }),
    userAgent,
    metrics: metrics.clients.of(cluster),
    clock,
    ...(heard && { heard: (time: TimeSaid) => heard(cluster, time) }),
  });
  return {
    connect: async (cluster, kubeconfig) => createClient(await settings(cluster, kubeconfig)),
    connectImpersonator: async (cluster, kubeconfig) => createImpersonator(await settings(cluster, kubeconfig)),
  };
}
