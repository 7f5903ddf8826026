import type { ControlPlane } from '../cluster/control-plane/options.ts';

/** jest's global tear-down of the integration tier: ends the control plane that the set-up started. */
export default async function tearDown(): Promise<void> {
  await (globalThis as { osmoControlPlane?: ControlPlane }).osmoControlPlane?.stop();
}
