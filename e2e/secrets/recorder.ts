/**
 * Runs beside the suites and keeps what they leave no trace of: every version of objects that come and go, the values of all
 * Secrets, the tokens of pods, and the logs of our containers, which the kubelet removes with their pods.
 *
 *     node e2e/secrets/recorder.ts SITE    (its JSON; ends with the process that started it)
 */
import { appendFileSync, existsSync, linkSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Labels } from '@osmo/crds';
import {
  createClient,
  type KubeClient,
  type KubeObject,
  loadAccess,
  newInformer,
  silentLogger,
  systemClock,
} from '@osmo/kube';
import { layoutOf } from '../../hack/cluster/node/layout.ts';
import type { Site } from '../harness/site.ts';
import { isSecret, isShortLived, listableKinds } from './kinds.ts';
import { type SeenFiles, seenFiles, writePlanted } from './planted.ts';
import { type Planted, valuesIn, valuesOfSecret } from './values.ts';

const sweepMs = 1_000;

/** Containers whose logs are ours to answer for: those of our pods, and ours beside the commands of users. */
const isOurs = (pod: string, container: string): boolean =>
  pod.startsWith('osmo-system_') || container.startsWith('osmo-');

const entries = (folder: string): string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
};

/** Gives each log of our containers a second name, once; what goes away meanwhile is left out. */
function keepLogs(pods: string, { logs }: SeenFiles): void {
  for (const pod of entries(pods)) {
    for (const container of entries(join(pods, pod)).filter((each) => isOurs(pod, each))) {
      for (const file of entries(join(pods, pod, container))) {
        const from = join(pods, pod, container, file);
        const inode = statSync(from, { throwIfNoEntry: false })?.ino;
        const to = join(logs, `${pod}~${container}~${inode}`);
        if (inode !== undefined && !existsSync(to)) linkSync(from, to);
      }
    }
  }
}

/** The tokens that the pods of a node act with, as they are now. */
function* tokensOfPods(initPid: number): Generator<[where: string, token: string]> {
  const pods = `/proc/${initPid}/root/var/lib/kubelet/pods`;
  for (const pod of entries(pods)) {
    const volumes = join(pods, pod, 'volumes/kubernetes.io~projected');
    for (const volume of entries(volumes)) {
      const file = join(volumes, volume, 'token');
      if (existsSync(file)) yield [`token of pod ${pod}`, readFileSync(file, 'utf8')];
    }
  }
}

/** Does it again and again; what goes away meanwhile is nobody's fault. */
async function sweep(what: () => void, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      what();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') console.error(String(error));
    }
    await delay(sweepMs, undefined, { signal }).catch(() => undefined);
  }
}

/** Notes what this machine keeps of the cluster: its keys. */
function keysOfCluster(root: string, { clusterName }: Site, files: SeenFiles): void {
  if (clusterName === undefined) return;
  const { pki, kubeconfig } = layoutOf(root, clusterName);
  const secret = entries(pki).filter((name) => name.endsWith('.key') || name === 's3.json');
  const all = [...secret.map((name) => join(pki, name)), kubeconfig];
  for (const file of all) writePlanted(files, valuesIn(readFileSync(file, 'utf8'), file.slice(root.length + 1)));
}

async function follow(client: KubeClient, files: SeenFiles, signal: AbortSignal): Promise<void> {
  const kinds = (await listableKinds(client)).filter((type) => isSecret(type) || isShortLived(type));
  const informers = kinds.map((type) => {
    const informer = newInformer<KubeObject>({ client, type, clock: systemClock, logger: silentLogger });
    informer.onChange(({ new: object }) => {
      if (object === undefined) return;
      if (isSecret(type)) writePlanted(files, valuesOf(object));
      else appendFileSync(files.objects, `${JSON.stringify({ ...object, kind: type.kind })}\n`, { mode: 0o600 });
    });
    informer.start(signal);
    return informer;
  });
  await Promise.all(informers.map(({ synced }) => synced));
}

/**
 * The values of a Secret. What Helm keeps of a release is its manifest, which is in the cluster anyway; what the operator makes for
 * a task is what its spec says for all to read, and copies of keys from other Secrets.
 */
function valuesOf(secret: KubeObject & { type?: string; data?: Record<string, string> }): Planted[] {
  const { namespace, name, labels } = secret.metadata;
  if (secret.type === 'helm.sh/release.v1' || labels?.[Labels.taskUid] !== undefined) return [];
  return valuesOfSecret(secret.data ?? {}, `Secret ${namespace}/${name}`);
}

async function main(): Promise<void> {
  const site = JSON.parse(process.argv[2] ?? '{}') as Site;
  const root = join(import.meta.dirname, '../..');
  const files = seenFiles(site.kubeconfig);
  keysOfCluster(root, site, files);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const access = await loadAccess({ kubeconfig: site.kubeconfig, clock: systemClock, env: {} });
  const client = createClient({ access, userAgent: 'osmo-e2e-recorder' });
  await follow(client, files, stop.signal);
  console.error('ready');
  const known = new Set<string>();
  await sweep(() => {
    keepLogs(join(site.auditLog, '../pods'), files);
    const fresh = [...tokensOfPods(site.initPid)].filter(([, token]) => !known.has(token));
    for (const [where, token] of fresh) {
      known.add(token);
      writePlanted(files, valuesIn(token, where));
    }
  }, stop.signal);
  await client.close();
}

await main();
