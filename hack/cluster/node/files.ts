import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { auditPolicy } from '../config/audit-policy.ts';
import { cniConfiguration, containerdConfiguration } from '../config/containerd.ts';
import { environmentFile } from '../config/environment-file.ts';
import { kubeconfig } from '../config/kubeconfig.ts';
import { kubeletConfiguration, kubeProxyConfiguration, nodeResolvConf } from '../config/node.ts';
import { nodeCommands, startScript, type CommandInput } from './commands.ts';

/** What the host is like, as far as configurations depend on it. */
export interface HostFacts {
  cgroupVersion: 1 | 2;
  restrictOomScore: boolean;
  resolvConf: string;
  /** The host's own IP addresses. */
  addresses: string[];
  cniPluginFolder: string;
  sandboxImage: string;
}

/** Files of a node by absolute path: text and mode. The certificates must be there. */
export function nodeFiles(input: CommandInput, host: HostFacts): Record<string, { text: string; mode: number }> {
  const { layout, addresses, nodeName } = input;
  const config = (file: string): string => join(layout.config, file);
  const pem = (file: string): string => readFileSync(join(layout.pki, file), 'utf8');
  const server = `https://${addresses.nodeAddress}:6443`;
  const access = (user: string): { text: string; mode: number } => ({
    mode: 0o600,
    text: kubeconfig({
      cluster: layout.name,
      user: user === 'admin' ? `${layout.name}-admin` : user,
      server,
      ca: pem('ca.crt'),
      cert: pem(`${user}.crt`),
      key: pem(`${user}.key`),
    }),
  });
  const plain = (text: string): { text: string; mode: number } => ({ text, mode: 0o644 });
  const cni = config('cni');
  const proxyAccess = config('kube-proxy.kubeconfig');
  const resolvConf = config('resolv.conf');
  const commands = Object.entries(nodeCommands(input)).map(([name, command]) => {
    const waitFor = name === 'kubelet' ? '/run/containerd/containerd.sock' : undefined;
    // What is in it is for the owner alone: the S3 server's keys are.
    return [join(layout.commands, name), { text: startScript(command, waitFor), mode: 0o700 }];
  });
  return {
    [layout.kubeconfig]: access('admin'),
    [layout.environment]: plain(environmentFile(layout)),
    ...(layout.defaultEnvironment !== undefined && { [layout.defaultEnvironment]: plain(environmentFile(layout)) }),
    [config('kube-controller-manager.kubeconfig')]: access('kube-controller-manager'),
    [config('kube-scheduler.kubeconfig')]: access('kube-scheduler'),
    [config('kubelet.kubeconfig')]: access('kubelet'),
    [proxyAccess]: access('kube-proxy'),
    [config('audit-policy.json')]: plain(auditPolicy()),
    [config('containerd.toml')]: plain(
      containerdConfiguration({
        root: '/var/lib/containerd',
        cniConfigurationFolder: cni,
        cniPluginFolder: host.cniPluginFolder,
        sandboxImage: host.sandboxImage,
        restrictOomScore: host.restrictOomScore,
        systemdCgroup: false,
      }),
    ),
    [join(cni, '10-pods.conflist')]: plain(cniConfiguration(addresses.podCidr)),
    [config('kubelet.json')]: plain(
      kubeletConfiguration({
        addresses,
        pki: layout.pki,
        cgroupVersion: host.cgroupVersion,
        resolvConf,
      }),
    ),
    [config('kube-proxy.json')]: plain(kubeProxyConfiguration({ addresses, nodeName, kubeconfig: proxyAccess })),
    [resolvConf]: plain(nodeResolvConf(host.resolvConf, host.addresses)),
    ...Object.fromEntries(commands),
  };
}

/** Digest of all files: a node that was started with another one must be started anew. */
export function filesDigest(files: Record<string, { text: string; mode: number }>, more: readonly string[]): string {
  return createHash('sha256')
    .update(JSON.stringify([files, more]))
    .digest('hex');
}

/** Writes the files that differ, each as a whole, and the folders of the layout. */
export function writeFiles(files: Record<string, { text: string; mode: number }>): void {
  for (const [path, { text, mode }] of Object.entries(files)) {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.part`, text, { mode });
    chmodSync(`${path}.part`, mode);
    renameSync(`${path}.part`, path);
  }
}

/** Makes `folder/<name>` lead to the program, for a PATH of the cluster's own. */
export function linkPrograms(folder: string, programs: Record<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, path] of Object.entries(programs)) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(path, join(folder, name));
  }
}
