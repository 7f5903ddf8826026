import { obtain } from '../cluster/components/obtain.ts';
import { components } from '../cluster/components/table.ts';
import { startControlPlane } from '../cluster/control-plane/start.ts';

/**
 * jest's global set-up of the integration tier: one real etcd, kube-apiserver and kube-controller-manager for the whole
 * run, whose kubeconfig is in OSMO_TEST_KUBECONFIG. When that is already set, the tests use that cluster instead.
 */
export default async function setUp(): Promise<void> {
  // Here, where nothing counts the minutes that building them may take; one after the other, since each takes all processors.
  for (const name of ['versitygw', 'fake-gcs-server', 'kubectl'] as const)
    await obtain(components[name], (line) => process.stderr.write(`${line}\n`));
  if (process.env['OSMO_TEST_KUBECONFIG']) return;
  const plane = await startControlPlane();
  process.env['OSMO_TEST_KUBECONFIG'] = plane.kubeconfigPath;
  (globalThis as { osmoControlPlane?: typeof plane }).osmoControlPlane = plane;
}
