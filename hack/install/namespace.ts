import type { ClusterHandle } from '../cluster/handle.ts';
import { run } from '../cluster/system/run.ts';

/**
 * Makes the namespace of an installation, in which the apiserver takes no pod that isn't confined as the Pod Security Standard
 * `restricted` asks: OSMO's own are.
 *
 * @throws Error when the apiserver refuses
 */
export async function restrictedNamespace(
  { kubectl, kubeconfig }: Pick<ClusterHandle, 'kubectl' | 'kubeconfig'>,
  name: string,
): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
  await run(kubectl, ['apply', '--server-side', '--field-manager', 'osmo-make', '--force-conflicts', '-f', '-'], {
    environment: { ...process.env, KUBECONFIG: kubeconfig },
    input: JSON.stringify(namespace),
    timeoutMs: 60_000,
  });
}
