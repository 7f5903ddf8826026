import { existsSync } from 'node:fs';
import { downCluster } from '../../hack/cluster/index.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import { clusterName } from './setup.ts';
import { recorderVariable, type Site, siteVariable } from './site.ts';

/** Removes the cluster of a run. With OSMO_E2E_KEEP set it stays, for looking into a failure. */
export default async function tearDown(): Promise<void> {
  await endRecorder(process.env[recorderVariable]);
  const site = JSON.parse(process.env[siteVariable] ?? '{}') as Partial<Site>;
  if (site.clusterName !== clusterName || process.env['OSMO_E2E_KEEP'] !== undefined) return;
  await downCluster({ name: clusterName, say: (text: string) => console.error(`==> ${text}`) });
}

/** What it still writes would be in the way of those who remove the cluster's folder. */
async function endRecorder(pid: string | undefined): Promise<void> {
  if (pid === undefined) return;
  const isThere = (): boolean => existsSync(`/proc/${pid}`);
  if (isThere()) process.kill(Number(pid), 'SIGKILL');
  await poll('the end of the recorder', async () => (isThere() ? undefined : true), { timeoutMs: 60_000 });
}
