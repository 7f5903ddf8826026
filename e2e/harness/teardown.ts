import { downCluster } from '../../hack/cluster/index.ts';
import { clusterName } from './setup.ts';
import { type Site, siteVariable } from './site.ts';

/** Removes the cluster of a run. With OSMO_E2E_KEEP set it stays, for looking into a failure. */
export default async function tearDown(): Promise<void> {
  const site = JSON.parse(process.env[siteVariable] ?? '{}') as Partial<Site>;
  if (site.clusterName !== clusterName || process.env['OSMO_E2E_KEEP'] !== undefined) return;
  await downCluster({ name: clusterName, say: (text: string) => console.error(`==> ${text}`) });
}
