import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { layoutOf } from '../../hack/cluster/node/layout.ts';
import { cacheFolder } from '../../hack/cluster/system/cache.ts';
import { bringUp } from '../../hack/install/bring-up.ts';
import { startRecording } from '../secrets/recording.ts';
import { recorderVariable, type Site, siteOf, siteVariable } from './site.ts';

/** Name of the cluster that the tests have to themselves. */
export const clusterName = 'osmo-e2e';

/** Starts the cluster of a run with OSMO on it, unless the environment names one that is there already, and notes what happens there. */
export default async function setUp(): Promise<void> {
  process.env[siteVariable] ??= JSON.stringify(await startSite());
  process.env[recorderVariable] = String((await startRecording(siteOf(process.env))).pid);
}

async function startSite(): Promise<Site> {
  const root = join(import.meta.dirname, '../..');
  const say = (text: string): void => console.error(`==> ${text}`);
  const environment = { ...process.env, CLUSTER: 'local', CLUSTER_NAME: clusterName };
  const cluster = await bringUp({ root, cache: cacheFolder(process.env), say }, environment);
  const { auditLog, init } = layoutOf(root, clusterName);
  const initPid = Number.parseInt(readFileSync(init, 'utf8'), 10);
  return { kubeconfig: cluster.kubeconfig, auditLog, initPid, clusterName };
}
