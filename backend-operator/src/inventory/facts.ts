import { type Clock, isTransient, type KubeClient, type Logger } from '@osmo/kube';
import type { ClusterFacts } from './plan.ts';
import { register } from './register.ts';

const retryMs = 2_000;

export interface FactsOptions {
  hub: KubeClient;
  cluster: KubeClient;
  clock: Clock;
  logger: Logger;
  version: string;
  options: { backend: string; register: boolean };
}

/**
 * Registers the cluster on the hub and reads what it is. Goes on trying while either apiserver can't be reached.
 *
 * @throws RegistrationError when the backend is another cluster's, or may not be made; the signal's reason when it aborts;
 *   any other refusal of an apiserver
 */
export async function readFacts(dependencies: FactsOptions, signal: AbortSignal): Promise<ClusterFacts> {
  const { hub, cluster, clock, logger, version, options } = dependencies;
  for (;;) {
    signal.throwIfAborted();
    try {
      // oxlint-disable-next-line no-await-in-loop -- one attempt after the other
      const clusterUID = await register({ hub, cluster, logger, ...options });
      // oxlint-disable-next-line no-await-in-loop
      return { version, kubernetesVersion: await kubernetesVersion(cluster), clusterUID };
    } catch (error) {
      if (!isTransient(error)) throw error;
      logger.warn('cannot register yet, trying again', { error });
      // oxlint-disable-next-line no-await-in-loop
      await pause(clock, retryMs, signal);
    }
  }
}

async function kubernetesVersion(cluster: KubeClient): Promise<string> {
  const { body } = await cluster.request('GET', '/version');
  return (JSON.parse(body.toString('utf8')) as { gitVersion: string }).gitVersion;
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.setTimeout(ms, resolve);
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });
}
