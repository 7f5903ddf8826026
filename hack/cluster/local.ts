import { Resolver } from 'node:dns/promises';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { coreDnsImage, standInArchive, standInKey, systemArchive } from '../images/node-images.ts';
import { realArchives } from '../images/registry.ts';
import { standIns } from '../images/stand-ins.ts';
import { apiFromKubeconfig, applyObject, ask, getObject, type Api } from './api.ts';
import { obtainAll } from './components/obtain.ts';
import { systemManifests } from './config/manifests.ts';
import type { ClusterHandle } from './handle.ts';
import type { AddressPlan } from './node/addresses.ts';
import { cgroupSubtrees, removeCgroups } from './node/cgroups.ts';
import { type CommandInput, nodeComponents, waitForApiserver } from './node/commands.ts';
import { componentPid, isPaused, resumeComponent } from './node/control.ts';
import { filesDigest, linkPrograms, nodeFiles, writeFiles } from './node/files.ts';
import { hostFacts } from './node/host.ts';
import { containerdReady, importOnce } from './node/images.ts';
import type { Layout } from './node/layout.ts';
import { initPid, killNamespaces, startNamespaces } from './node/namespace.ts';
import { ensureLink, linkExists, removeLink } from './node/network.ts';
import { ensureS3, s3Bucket, s3Environment, s3Port, s3Region } from './node/s3.ts';
import { claimAddresses, claimedAddresses, releaseAddresses } from './node/register.ts';
import { issueCertificates } from './pki/issue.ts';
import { ensurePackages } from './system/packages.ts';
import { poll } from './system/poll.ts';

type Say = (line: string) => void;

/** Name of the one node. */
export function nodeNameOf(clusterName: string): string {
  return `${clusterName}-node`;
}

/**
 * Brings the local node up, or mends what of it is missing, and waits until the node is Ready and DNS answers. Does only
 * what is not done yet; may be interrupted at any point and run again.
 *
 * @throws Error naming what failed and the log to read.
 */
export async function upLocal(layout: Layout, say: Say): Promise<ClusterHandle> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    throw new Error(
      'CLUSTER=local needs Linux and root (network, mount and PID namespaces); elsewhere use CLUSTER=kind',
    );
  }
  await ensurePackages(say);
  const programs = await obtainAll([...nodePrograms], say);
  mkdirSync(layout.state, { recursive: true, mode: 0o755 });
  const addresses = await claimAddresses(layout);
  const nodeName = nodeNameOf(layout.name);
  await issueCertificates(layout.pki, {
    apiserverAddresses: [addresses.apiserverService, addresses.nodeAddress],
    node: { name: nodeName, addresses: [addresses.nodeAddress, '127.0.0.1'] },
  });
  const s3Keys = ensureS3(layout);
  const s3 = {
    endpoint: `http://${addresses.nodeAddress}:${s3Port}`,
    region: s3Region,
    bucket: s3Bucket,
    keys: s3Keys,
  };
  const startedAt = await ensureNode({ layout, addresses, programs, s3Keys }, say);
  linkPrograms(layout.bin, { kubectl: programs['kubectl'] ?? '', helm: programs['helm'] ?? '' });
  const api = apiFromKubeconfig(layout.kubeconfig);
  // Images are imported while the control plane starts.
  await Promise.all([apiserverReady(layout, api), importImages(layout, programs['coredns'] ?? '', say)]);
  const resolvers = [...readFileSync(join(layout.config, 'resolv.conf'), 'utf8').matchAll(/^nameserver (\S+)/gm)];
  for (const manifest of systemManifests(
    addresses,
    coreDnsImage,
    resolvers.map(([, address = '']) => address),
  )) {
    await applyObject(api, manifest);
  }
  await nodeReady(api, nodeName, startedAt);
  await dnsReady(addresses);
  await s3Ready(s3.endpoint, layout);
  writeFiles({ [join(layout.state, 'env.d', 's3')]: { text: s3Environment(s3), mode: 0o600 } });
  return {
    kind: 'local',
    name: layout.name,
    kubeconfig: layout.kubeconfig,
    kubectl: join(layout.bin, 'kubectl'),
    helm: join(layout.bin, 'helm'),
    stateDirectory: layout.state,
    environmentFile: layout.defaultEnvironment ?? layout.environment,
    hostAddress: addresses.hostAddress,
    auditLog: layout.auditLog,
    s3,
  };
}

const nodePrograms = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'coredns',
  'helm',
  'versitygw',
] as const;

/** Tells when the node was started, if it was. */
async function ensureNode(
  { layout, addresses, programs, s3Keys }: Omit<CommandInput, 'nodeName'>,
  say: Say,
): Promise<Date | undefined> {
  const nodeName = nodeNameOf(layout.name);
  const files = nodeFiles({ layout, addresses, nodeName, programs, s3Keys }, hostFacts());
  const digest = filesDigest(files, [readFileSync(join(import.meta.dirname, 'node', 'init.sh'), 'utf8')]);
  const digestFile = join(layout.state, 'started-with');
  const running = initPid(layout) !== undefined;
  if (running && existsSync(digestFile) && readFileSync(digestFile, 'utf8') === digest) {
    await ensureLink(addresses, initPid(layout) ?? 0);
    for (const component of nodeComponents) {
      if (isPaused(layout, component)) say(`${component}: was paused, resumes`);
      resumeComponent(layout, component);
    }
    return undefined;
  }
  say(
    running
      ? 'the configuration changed: starting the node anew'
      : `starting node ${nodeName} (${addresses.nodeAddress})`,
  );
  await cleanUp(layout, addresses);
  writeFiles(files);
  mkdirSync(layout.paused, { recursive: true });
  for (const component of waitForApiserver) writeFileSync(join(layout.paused, component), '');
  const startedAt = new Date();
  const pid = await startNamespaces(layout, addresses, nodeName);
  await ensureLink(addresses, pid);
  writeFileSync(`${digestFile}.part`, digest);
  renameSync(`${digestFile}.part`, digestFile);
  return startedAt;
}

async function apiserverReady(layout: Layout, api: Api): Promise<void> {
  const probe = async (): Promise<true> => {
    const answer = await ask(api, '/readyz', { timeoutMs: 3000 });
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 300)}`);
    return true;
  };
  await poll(`kube-apiserver ready (log: ${layout.logs}/kube-apiserver.log)`, probe, {
    timeoutMs: 120_000,
    giveUp: () => failIfGone(layout),
  });
  for (const component of waitForApiserver) resumeComponent(layout, component);
  await poll(
    'all components running',
    async () => {
      const down = nodeComponents.filter((component) => componentPid(layout, component) === undefined);
      if (down.length > 0) throw new Error(`down: ${down.join(', ')} (logs: ${layout.logs})`);
      return true as const;
    },
    { timeoutMs: 30_000, giveUp: () => failIfGone(layout) },
  );
}

function failIfGone(layout: Layout): void {
  if (initPid(layout) === undefined) throw new Error(`the node ended; see ${layout.logs}/init.log`);
}

async function importImages(layout: Layout, coreDnsProgram: string, say: Say): Promise<void> {
  await containerdReady(layout);
  await importOnce(layout, `system-${coreDnsImage.replaceAll(/[:/]/g, '-')}`, async () => [
    await systemArchive(coreDnsProgram),
  ]);
  const imported = await importOnce(
    layout,
    standInKey(),
    async () => (await realArchives(standIns, say)) ?? [await standInArchive(say)],
  );
  if (imported) say(`images: ${imported.join(' ')}`);
}

/**
 * @param since a Ready from before this moment is an old one: the kubelet must have renewed its lease after it
 */
async function nodeReady(api: Api, nodeName: string, since: Date | undefined): Promise<void> {
  interface Node {
    status: { conditions?: { type: string; status: string; message?: string }[] };
  }
  await poll(
    `node ${nodeName} Ready`,
    async () => {
      if (since !== undefined) {
        const path = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${nodeName}`;
        const lease = await getObject<{ spec: { renewTime: string } }>(api, path);
        if (!lease || new Date(lease.spec.renewTime) < since)
          throw new Error('the kubelet has not reported since the start');
      }
      const node = await getObject<Node>(api, `/api/v1/nodes/${nodeName}`);
      const ready = node?.status.conditions?.find((condition) => condition.type === 'Ready');
      if (ready?.status === 'True') return true as const;
      throw new Error(ready?.message ?? 'the kubelet has not registered it');
    },
    { timeoutMs: 120_000 },
  );
}

/** Asks the cluster's DNS server for a name, by its Service: that needs CoreDNS, kube-proxy and the pod network. */
async function dnsReady(addresses: AddressPlan): Promise<void> {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([addresses.dnsService]);
  await poll(
    'DNS of the cluster (kubectl -n kube-system describe pods)',
    async () => {
      const found = await resolver.resolve4('kubernetes.default.svc.cluster.local');
      return found.includes(addresses.apiserverService) ? (true as const) : undefined;
    },
    { timeoutMs: 120_000 },
  );
}

async function s3Ready(endpoint: string, layout: Layout): Promise<void> {
  await poll(
    `the S3 server (log: ${layout.logs}/versitygw.log)`,
    async () => {
      const answer = await fetch(`${endpoint}/health`, { signal: AbortSignal.timeout(5000) });
      await answer.body?.cancel();
      return answer.ok ? (true as const) : undefined;
    },
    { timeoutMs: 120_000, giveUp: () => failIfGone(layout) },
  );
}

/** Removes whatever a node (dead or alive) left outside its folder. */
async function cleanUp(layout: Layout, addresses: AddressPlan): Promise<void> {
  await killNamespaces(layout);
  await removeLink(addresses);
  await removeCgroups(addresses.hostInterface);
}

/**
 * Ends the node and removes every trace of it: processes, namespaces, interface, routes, cgroups, folder, number. Idempotent.
 */
export async function downLocal(layout: Layout, say: Say): Promise<void> {
  const addresses = claimedAddresses(layout);
  if (!addresses && !existsSync(layout.state)) {
    say(`cluster ${layout.name} does not exist`);
    return;
  }
  if (addresses) await cleanUp(layout, addresses);
  else await killNamespaces(layout);
  rmSync(layout.state, { recursive: true, force: true });
  if (layout.defaultEnvironment !== undefined) rmSync(layout.defaultEnvironment, { force: true });
  await releaseAddresses(layout);
  say(`cluster ${layout.name} is gone`);
}

/** What of a local cluster is there. */
export interface LocalStatus {
  running: boolean;
  components: { name: string; state: 'running' | 'paused' | 'down'; pid: number | undefined }[];
  apiserver: string;
  link: boolean;
  cgroups: number;
}

export async function statusLocal(layout: Layout): Promise<LocalStatus> {
  const running = initPid(layout) !== undefined;
  const addresses = claimedAddresses(layout);
  const components = nodeComponents.map((name) => {
    const pid = running ? componentPid(layout, name) : undefined;
    const state =
      pid !== undefined ? ('running' as const) : isPaused(layout, name) ? ('paused' as const) : ('down' as const);
    return { name, state, pid };
  });
  const apiserver = running
    ? await ask(apiFromKubeconfig(layout.kubeconfig), '/readyz').then(
        (answer) => (answer.status === 200 ? 'ready' : `not ready (${answer.status})`),
        (error: Error) => `unreachable (${error.message})`,
      )
    : 'not running';
  return {
    running,
    components,
    apiserver,
    link: addresses !== undefined && linkExists(addresses),
    cgroups: addresses ? cgroupSubtrees(addresses.hostInterface).length : 0,
  };
}
