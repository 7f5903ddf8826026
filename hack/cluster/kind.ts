import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kindNodeArchive, ownKindNodeImage } from '../images/kind-node.ts';
import { type ImageArchive, standInArchive } from '../images/node-images.ts';
import { registryAnswers } from '../images/registry.ts';
import { standIns } from '../images/stand-ins.ts';
import { obtainAll } from './components/obtain.ts';
import { kindNodeImage } from './components/table.ts';
import { auditPolicy } from './config/audit-policy.ts';
import { environmentFile } from './config/environment-file.ts';
import { kindConfiguration } from './config/kind.ts';
import type { ClusterHandle } from './handle.ts';
import { linkPrograms, writeFiles } from './node/files.ts';
import type { Layout } from './node/layout.ts';
import { containerState, dockerFacts, type DockerFacts, hasImage } from './system/docker.ts';
import { poll } from './system/poll.ts';
import { run } from './system/run.ts';

type Say = (line: string) => void;

/** What kind calls our cluster. */
const clusterName = (layout: Layout): string => `osmo-${layout.name}`;

/** Name of the node, and of the container that it is. */
export const nodeNameOfKind = (layout: Layout): string => `${clusterName(layout)}-control-plane`;

/**
 * Brings a kind cluster up, or mends it: a node that was stopped is started, one whose creation was interrupted is made anew.
 * Needs a Docker daemon; where no registry answers also root, to make the node's images here.
 *
 * @throws Error when no Docker daemon answers; RunError with kind's words.
 */
export async function upKind(layout: Layout, say: Say): Promise<ClusterHandle> {
  const docker = await dockerFacts();
  if (docker === undefined) {
    throw new Error(
      'CLUSTER=kind: no Docker daemon answers ("docker info"); start one, or take CLUSTER=local on Linux as root',
    );
  }
  const programs = await obtainAll(['kind', 'kubectl', 'helm'], say);
  const kind = programs['kind'] ?? 'kind';
  linkPrograms(layout.bin, { kubectl: programs['kubectl'] ?? '', helm: programs['helm'] ?? '', kind });
  const since = await ensureNode(layout, docker, kind, say);
  await ready(layout, since);
  await loadBaseImages(layout, say);
  return {
    kind: 'kind',
    name: layout.name,
    kubeconfig: layout.kubeconfig,
    kubectl: join(layout.bin, 'kubectl'),
    helm: join(layout.bin, 'helm'),
    stateDirectory: layout.state,
    environmentFile: layout.defaultEnvironment ?? layout.environment,
    hostAddress: undefined,
    auditLog: layout.auditLog,
    s3: undefined,
  };
}

/** Tells when the node was started; undefined when it ran. */
async function ensureNode(layout: Layout, docker: DockerFacts, kind: string, say: Say): Promise<Date | undefined> {
  const name = clusterName(layout);
  const state = await containerState(nodeNameOfKind(layout));
  // kind writes the kubeconfig last: a cluster without one is not whole.
  if (state !== undefined && existsSync(layout.kubeconfig)) {
    if (state === 'running') return undefined;
    say(`kind: node ${nodeNameOfKind(layout)} is ${state}: starting it`);
    const since = new Date();
    await run('docker', ['start', nodeNameOfKind(layout)]);
    await run(kind, ['export', 'kubeconfig', '--name', name, '--kubeconfig', layout.kubeconfig]);
    return since;
  }
  if (state !== undefined) {
    say(`kind: cluster ${name} is not whole: removing it`);
    await run(kind, ['delete', 'cluster', '--name', name, '--kubeconfig', layout.kubeconfig]);
  }
  rmSync(layout.kubeconfig, { force: true });
  const configuration = writeConfiguration(layout, docker);
  const image = process.env['KIND_NODE_IMAGE'] || (await nodeImage(say));
  say(`kind: creating cluster ${name} from ${image}`);
  if (docker.cgroupVersion === 1 && image !== ownKindNodeImage) {
    say("kind: Docker uses cgroup version 1, on which kind's own images for Kubernetes 1.35 and newer don't start");
  }
  const since = new Date();
  try {
    await run(
      kind,
      [
        ...['create', 'cluster', '--name', name, '--config', configuration, '--image', image],
        ...['--kubeconfig', layout.kubeconfig, '--wait', '180s', '--retain'],
      ],
      { onErrorLine: (line) => line.startsWith(' ✓') && say(`kind:${line.trimEnd()}`) },
    );
  } catch (error) {
    rmSync(layout.kubeconfig, { force: true });
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\nkind: "docker logs ${nodeNameOfKind(layout)}" and "docker exec ${nodeNameOfKind(layout)} journalctl" may say more`,
      { cause: error },
    );
  }
  return since;
}

/** kind's own node image where Docker has it or may get it, else one that is made here. */
async function nodeImage(say: Say): Promise<string> {
  if (await hasImage(kindNodeImage)) return kindNodeImage;
  if (process.env['OSMO_BASE_IMAGES'] !== 'stand-ins' && (await registryAnswers())) return kindNodeImage;
  if (await hasImage(ownKindNodeImage)) return ownKindNodeImage;
  say('kind: no registry answers: the node image is made here');
  await run('docker', ['load', '--quiet', '--input', (await kindNodeArchive(say)).file]);
  return ownKindNodeImage;
}

function writeConfiguration(layout: Layout, docker: DockerFacts): string {
  const policies = join(layout.config, 'policies');
  const configuration = join(layout.config, 'kind.json');
  const input = { logs: layout.logs, policies, cgroupVersion: docker.cgroupVersion };
  mkdirSync(layout.logs, { recursive: true });
  writeFiles({
    [configuration]: { text: `${JSON.stringify(kindConfiguration(input), null, 2)}\n`, mode: 0o644 },
    [join(policies, 'audit-policy.json')]: { text: auditPolicy(), mode: 0o644 },
    [layout.environment]: { text: environmentFile(layout), mode: 0o644 },
    ...(layout.defaultEnvironment !== undefined && {
      [layout.defaultEnvironment]: { text: environmentFile(layout), mode: 0o644 },
    }),
  });
  return configuration;
}

/**
 * Resolves when the node is Ready and its DNS servers are.
 *
 * @param since what the node said of itself before this moment counts for nothing
 */
async function ready(layout: Layout, since: Date | undefined): Promise<void> {
  const kubectl = (...args: string[]): Promise<{ stdout: string }> =>
    run(join(layout.bin, 'kubectl'), ['--kubeconfig', layout.kubeconfig, ...args], { timeoutMs: 150_000 });
  await poll('kube-apiserver ready', () => kubectl('get', '--raw', '/readyz'), { timeoutMs: 120_000 });
  await poll(
    `a word of node ${nodeNameOfKind(layout)} since its start`,
    async () => {
      if (since === undefined) return true;
      const lease = ['--namespace', 'kube-node-lease', 'get', 'lease', nodeNameOfKind(layout)];
      const { stdout } = await kubectl(...lease, '--output', 'jsonpath={.spec.renewTime}');
      return new Date(stdout) >= since ? true : undefined;
    },
    { timeoutMs: 120_000, intervalMs: 500 },
  );
  await kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=120s');
  await kubectl('--namespace', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s');
}

/** Where no registry answers, the node gets the stand-ins for common base images. */
async function loadBaseImages(layout: Layout, say: Say): Promise<void> {
  if (process.env['OSMO_BASE_IMAGES'] !== 'stand-ins' && (await registryAnswers())) return;
  const known = new Set(await kindImageNames(layout));
  if (standIns.every(({ names }) => names.every((name) => known.has(name)))) return;
  let archive: ImageArchive;
  try {
    archive = await standInArchive(say);
  } catch (error) {
    // A node may well reach a registry that this process doesn't.
    say(`images: no stand-ins (${error instanceof Error ? error.message : String(error)}); pods pull theirs`);
    return;
  }
  await loadKind(layout, archive.file, say);
  say(`images: ${archive.names.join(' ')}`);
}

/** Names of the images that the node has. */
export async function kindImageNames(layout: Layout): Promise<string[]> {
  const list = ['ctr', '--namespace', 'k8s.io', 'images', 'list', '--quiet'];
  return (await run('docker', ['exec', nodeNameOfKind(layout), ...list])).stdout.trim().split('\n');
}

/** What of the cluster's node is there, in Docker's words. */
export async function statusKind(layout: Layout): Promise<string> {
  return (await containerState(nodeNameOfKind(layout))) ?? 'absent';
}

/** Deletes the kind cluster and its folder. Idempotent. */
export async function downKind(layout: Layout, say: Say): Promise<void> {
  const programs = await obtainAll(['kind'], say);
  const kubeconfig = ['--kubeconfig', layout.kubeconfig];
  await run(programs['kind'] ?? 'kind', ['delete', 'cluster', '--name', clusterName(layout), ...kubeconfig]);
  rmSync(layout.state, { recursive: true, force: true });
  if (layout.defaultEnvironment !== undefined) rmSync(layout.defaultEnvironment, { force: true });
  say(`cluster ${layout.name} is gone`);
}

/**
 * Loads a docker-archive into the kind node.
 *
 * @throws RunError with kind's words.
 */
export async function loadKind(layout: Layout, archive: string, say: Say): Promise<void> {
  const programs = await obtainAll(['kind'], say);
  await run(programs['kind'] ?? 'kind', ['load', 'image-archive', archive, '--name', clusterName(layout)]);
}
