import { createClient } from '../../client/client.ts';
import { loadAccess } from '../../client/kubeconfig.ts';
import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../clock.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';

/**
 * Makes a client of the cluster that a kubeconfig names, or of that of `loadAccess`; to be closed by who asked.
 *
 * @param cluster its name in metrics, e.g. 'hub'.
 * @throws KubeError naming the file and what is missing or wrong in it.
 */
export type ClientFactory = (cluster: string, kubeconfig: string | undefined) => Promise<KubeClient>;

/** The clients of a process: with one name, clock and registry of metrics. */
export function clientFactory({
  userAgent,
  metrics,
  clock,
  env,
}: {
  userAgent: string;
  metrics: RuntimeMetrics;
  clock: Clock;
  env: Readonly<Record<string, string | undefined>>;
}): ClientFactory {
  return async (cluster, kubeconfig) => {
    const access = await loadAccess({ kubeconfig, clock, env });
    return createClient({ access, userAgent, metrics: metrics.clients.of(cluster), clock });
  };
}
