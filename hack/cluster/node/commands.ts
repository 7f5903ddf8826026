import { join } from 'node:path';
import {
  apiserverArguments,
  controllerManagerArguments,
  etcdArguments,
  flagArguments,
  schedulerArguments,
} from '../config/arguments.ts';
import type { AddressPlan } from './addresses.ts';
import type { Layout } from './layout.ts';
import { type S3Keys, s3Port, s3Region } from './s3.ts';

/** Programs that run beside one another in a local node, in the order in which they are needed. */
export const nodeComponents = [
  'etcd',
  'containerd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'versitygw',
] as const;

export type NodeComponent = (typeof nodeComponents)[number];

/** Those that can do nothing before the apiserver answers, and only take its time until then. */
export const waitForApiserver: readonly NodeComponent[] = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
];

export interface CommandInput {
  layout: Layout;
  addresses: AddressPlan;
  nodeName: string;
  /** Paths of the programs by name. */
  programs: Record<string, string>;
  s3Keys: S3Keys;
}

/** Program and arguments of every component of a local node. */
export function nodeCommands({
  layout,
  addresses,
  nodeName,
  programs,
  s3Keys,
}: CommandInput): Record<NodeComponent, string[]> {
  const { pki } = layout;
  const etcd = { clientPort: 2379, peerPort: 2380 };
  const config = (file: string): string => join(layout.config, file);
  const command = (name: string, args: string[]): string[] => [programs[name] ?? name, ...args];
  return {
    etcd: command('etcd', etcdArguments({ ...etcd, pki, dataFolder: '/var/lib/etcd/data', unsafeNoFsync: false })),
    containerd: ['containerd', '--config', config('containerd.toml')],
    'kube-apiserver': command(
      'kube-apiserver',
      apiserverArguments({
        pki,
        etcdPort: etcd.clientPort,
        bindAddress: '0.0.0.0',
        advertiseAddress: addresses.nodeAddress,
        port: 6443,
        serviceCidr: addresses.serviceCidr,
        withServiceAccounts: true,
        audit: { policyFile: config('audit-policy.json'), logFile: layout.auditLog },
      }),
    ),
    'kube-controller-manager': command(
      'kube-controller-manager',
      controllerManagerArguments({
        pki,
        kubeconfig: config('kube-controller-manager.kubeconfig'),
        clusterName: layout.name,
        port: 10257,
        cidrs: { pods: addresses.podCidr, services: addresses.serviceCidr },
      }),
    ),
    'kube-scheduler': command(
      'kube-scheduler',
      schedulerArguments({ kubeconfig: config('kube-scheduler.kubeconfig'), port: 10259 }),
    ),
    kubelet: command(
      'kubelet',
      flagArguments({
        config: config('kubelet.json'),
        kubeconfig: config('kubelet.kubeconfig'),
        'hostname-override': nodeName,
        'node-ip': addresses.nodeAddress,
        'root-dir': '/var/lib/kubelet',
      }),
    ),
    'kube-proxy': command('kube-proxy', [`--config=${config('kube-proxy.json')}`]),
    versitygw: [
      // As variables: arguments are there for every user of the machine to read.
      ...['env', `ROOT_ACCESS_KEY=${s3Keys.accessKeyId}`, `ROOT_SECRET_KEY=${s3Keys.secretAccessKey}`],
      ...command('versitygw', [
        ...['--region', s3Region, '--port', `${addresses.nodeAddress}:${s3Port}`, '--health', '/health', '--quiet'],
        ...['posix', '--sidecar', join(layout.data, 's3', 'attributes'), join(layout.data, 's3', 'buckets')],
      ]),
    ],
  };
}

/** A shell script that becomes the program. */
export function startScript(command: readonly string[], waitFor?: string): string {
  const quoted = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const wait = waitFor === undefined ? '' : `until [ -e '${waitFor}' ]; do sleep 0.1; done\n`;
  return `#!/bin/sh\n${wait}exec ${quoted}\n`;
}
