import {
  type ClusterAccess,
  createClient,
  isNotFound,
  type KubeClient,
  loadAccess,
  Namespace,
  systemClock,
} from '@osmo/kube';
import { startControlPlane } from '../../hack/cluster/control-plane/start.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import type { BenchContext } from '../bench.ts';

/** An apiserver to measure against, and a namespace on it that is the bench's own. */
export interface Apiserver {
  kubeconfig: string;
  access: ClusterAccess;
  client: KubeClient;
  namespace: string;
}

/**
 * The cluster of the context's kubeconfig, else a new etcd and kube-apiserver that end with the bench. The namespace is
 * made anew; on a cluster that stays it is removed at the end.
 */
export async function openApiserver(context: BenchContext, namespace: string): Promise<Apiserver> {
  const kubeconfig = context.kubeconfig ?? (await startAlone(context));
  const { access, client } = await connect(kubeconfig, context);
  if (context.kubeconfig !== undefined) {
    await removeNamespace(client, namespace, context);
    context.cleanup.defer(async () => void (await client.delete(Namespace, { name: namespace })));
  }
  await client.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return { kubeconfig, access, client, namespace };
}

/** A client for the bench's own calls; closed at the end. */
export async function connect(
  kubeconfig: string,
  { cleanup }: BenchContext,
): Promise<{ access: ClusterAccess; client: KubeClient }> {
  const access = await loadAccess({ kubeconfig, clock: systemClock, env: process.env });
  const client = createClient({ access, userAgent: 'osmo-bench' });
  cleanup.defer(() => client.close());
  return { access, client };
}

async function startAlone({ say, cleanup }: BenchContext): Promise<string> {
  say('starting etcd and kube-apiserver');
  const plane = await startControlPlane({ controllerManager: false, say });
  cleanup.defer(() => plane.stop());
  return plane.kubeconfigPath;
}

/** Removes what a bench that was killed may have left. */
export async function removeNamespace(client: KubeClient, name: string, { say, signal }: BenchContext): Promise<void> {
  const gone = async (): Promise<true | undefined> => {
    try {
      await client.delete(Namespace, { name });
      return undefined;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  };
  if ((await gone()) === true) return;
  say(`removing the namespace ${name} of an earlier run`);
  const giveUp = (): void => signal.throwIfAborted();
  await poll(`namespace ${name} to be gone`, gone, { timeoutMs: 120_000, intervalMs: 500, giveUp });
}
