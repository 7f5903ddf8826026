import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { obtainAll } from './components/obtain.ts';
import { kubernetesVersion } from './components/table.ts';
import { auditPolicy } from './config/audit-policy.ts';
import { environmentFile } from './config/environment-file.ts';
import type { ClusterHandle } from './handle.ts';
import { linkPrograms, writeFiles } from './node/files.ts';
import type { Layout } from './node/layout.ts';
import { run } from './system/run.ts';

type Say = (line: string) => void;

/** kind's configuration: one node that is control plane and worker, with an audit log at level Metadata. */
export function kindConfiguration(logFolder: string, policyFolder: string): object {
  const mount = (name: string, path: string, readOnly: boolean): object => ({
    name,
    hostPath: path,
    mountPath: path,
    readOnly,
    pathType: 'DirectoryOrCreate',
  });
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [
          { hostPath: logFolder, containerPath: '/var/log/kubernetes' },
          { hostPath: policyFolder, containerPath: '/etc/kubernetes/policies', readOnly: true },
        ],
        kubeadmConfigPatches: [
          JSON.stringify({
            apiVersion: 'kubeadm.k8s.io/v1beta4',
            kind: 'ClusterConfiguration',
            apiServer: {
              extraArgs: [
                { name: 'audit-log-path', value: '/var/log/kubernetes/audit.log' },
                { name: 'audit-policy-file', value: '/etc/kubernetes/policies/audit-policy.json' },
              ],
              extraVolumes: [
                mount('audit-log', '/var/log/kubernetes', false),
                mount('audit-policy', '/etc/kubernetes/policies', true),
              ],
            },
          }),
        ],
      },
    ],
  };
}

/** Brings a kind cluster up. Needs a Docker daemon that can pull the node image. */
export async function upKind(layout: Layout, say: Say): Promise<ClusterHandle> {
  const programs = await obtainAll(['kind', 'kubectl', 'helm'], say);
  const kind = programs['kind'] ?? 'kind';
  const policies = join(layout.config, 'policies');
  const configuration = join(layout.config, 'kind.json');
  mkdirSync(layout.logs, { recursive: true });
  writeFiles({
    [configuration]: { text: `${JSON.stringify(kindConfiguration(layout.logs, policies), null, 2)}\n`, mode: 0o644 },
    [join(policies, 'audit-policy.json')]: { text: auditPolicy(), mode: 0o644 },
    [layout.environment]: { text: environmentFile(layout), mode: 0o644 },
    ...(layout.defaultEnvironment !== undefined && {
      [layout.defaultEnvironment]: { text: environmentFile(layout), mode: 0o644 },
    }),
  });
  linkPrograms(layout.bin, { kubectl: programs['kubectl'] ?? '', helm: programs['helm'] ?? '', kind });
  const name = `osmo-${layout.name}`;
  const existing = (await run(kind, ['get', 'clusters'])).stdout.split('\n');
  if (existing.includes(name)) {
    await run(kind, ['export', 'kubeconfig', '--name', name, '--kubeconfig', layout.kubeconfig]);
  } else {
    const image = process.env['KIND_NODE_IMAGE'] ?? `kindest/node:${kubernetesVersion}`;
    say(`kind: creating cluster ${name} from ${image}`);
    await run(kind, [
      ...['create', 'cluster', '--name', name, '--config', configuration, '--image', image],
      ...['--kubeconfig', layout.kubeconfig, '--wait', '180s'],
    ]);
  }
  const kubectl = join(layout.bin, 'kubectl');
  await run(kubectl, [
    '--kubeconfig',
    layout.kubeconfig,
    'wait',
    '--for=condition=Ready',
    'node',
    '--all',
    '--timeout=120s',
  ]);
  await run(kubectl, [
    ...['--kubeconfig', layout.kubeconfig, '--namespace', 'kube-system', 'rollout', 'status', 'deployment/coredns'],
    '--timeout=120s',
  ]);
  return {
    kind: 'kind',
    name: layout.name,
    kubeconfig: layout.kubeconfig,
    kubectl,
    helm: join(layout.bin, 'helm'),
    stateDirectory: layout.state,
    environmentFile: layout.defaultEnvironment ?? layout.environment,
    hostAddress: undefined,
    auditLog: layout.auditLog,
    s3: undefined,
  };
}

/** Deletes the kind cluster and its folder. */
export async function downKind(layout: Layout, say: Say): Promise<void> {
  const programs = await obtainAll(['kind'], say);
  await run(programs['kind'] ?? 'kind', ['delete', 'cluster', '--name', `osmo-${layout.name}`]);
  rmSync(layout.state, { recursive: true, force: true });
  if (layout.defaultEnvironment !== undefined) rmSync(layout.defaultEnvironment, { force: true });
  say(`cluster ${layout.name} is gone`);
}

/** Loads a docker-archive into the kind node. */
export async function loadKind(layout: Layout, archive: string, say: Say): Promise<void> {
  const programs = await obtainAll(['kind'], say);
  await run(programs['kind'] ?? 'kind', ['load', 'image-archive', archive, '--name', `osmo-${layout.name}`]);
}
