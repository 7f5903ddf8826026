/** Flags as `--name=value`, in the order given; a value of undefined leaves the flag out. */
export type Flags = Record<string, string | number | boolean | undefined>;

/** Renders flags as an argument list. */
export function flagArguments(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}=${value}`]));
}

/** Where etcd keeps its data and listens. */
export interface EtcdInput {
  dataFolder: string;
  pki: string;
  clientPort: number;
  peerPort: number;
  /** Skips fsync: faster, survives a killed process but not a power cut. For throw-away control planes. */
  unsafeNoFsync: boolean;
}

export function etcdArguments(input: EtcdInput): string[] {
  const client = `https://127.0.0.1:${input.clientPort}`;
  const peer = `http://127.0.0.1:${input.peerPort}`;
  return flagArguments({
    name: 'osmo',
    'data-dir': input.dataFolder,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `osmo=${peer}`,
    'cert-file': `${input.pki}/etcd-server.crt`,
    'key-file': `${input.pki}/etcd-server.key`,
    'trusted-ca-file': `${input.pki}/etcd-ca.crt`,
    'client-cert-auth': true,
    'unsafe-no-fsync': input.unsafeNoFsync || undefined,
    // 8 GiB, the largest that etcd recommends: scale tests write a lot between two compactions.
    'quota-backend-bytes': 8 * 1024 ** 3,
    'log-level': 'warn',
  });
}

/** What the apiserver needs to know. */
export interface ApiserverInput {
  pki: string;
  etcdPort: number;
  bindAddress: string;
  advertiseAddress: string;
  port: number;
  serviceCidr: string;
  /** Without a controller-manager nobody makes the `default` service accounts, and pods would be refused. */
  withServiceAccounts: boolean;
  audit?: { policyFile: string; logFile: string };
}

export function apiserverArguments(input: ApiserverInput): string[] {
  const { pki } = input;
  return flagArguments({
    'bind-address': input.bindAddress,
    'advertise-address': input.advertiseAddress,
    'secure-port': input.port,
    'etcd-servers': `https://127.0.0.1:${input.etcdPort}`,
    'etcd-cafile': `${pki}/etcd-ca.crt`,
    'etcd-certfile': `${pki}/etcd-client.crt`,
    'etcd-keyfile': `${pki}/etcd-client.key`,
    'tls-cert-file': `${pki}/apiserver.crt`,
    'tls-private-key-file': `${pki}/apiserver.key`,
    'client-ca-file': `${pki}/ca.crt`,
    'anonymous-auth': false,
    'allow-privileged': true,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'disable-admission-plugins': input.withServiceAccounts ? undefined : 'ServiceAccount',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': `${pki}/service-account.pub`,
    'service-account-signing-key-file': `${pki}/service-account.key`,
    'service-cluster-ip-range': input.serviceCidr,
    'kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
    'kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
    'kubelet-certificate-authority': `${pki}/ca.crt`,
    // The node's host name does not resolve on this host, or resolves to another machine.
    'kubelet-preferred-address-types': 'InternalIP',
    'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': `${pki}/front-proxy-client.crt`,
    'proxy-client-key-file': `${pki}/front-proxy-client.key`,
    // In a cluster of one there is no other endpoint to wait for.
    'shutdown-delay-duration': '0s',
    'audit-policy-file': input.audit?.policyFile,
    'audit-log-path': input.audit?.logFile,
    'audit-log-maxsize': input.audit && 512,
    'audit-log-maxbackup': input.audit && 2,
    profiling: false,
  });
}

/** What the controller-manager and the scheduler need to know. */
export interface ControllerManagerInput {
  pki: string;
  kubeconfig: string;
  clusterName: string;
  /** 0: no port at all. */
  port: number;
  /** Pod CIDR to hand out to nodes, and the services'. */
  cidrs?: { pods: string; services: string };
}

export function controllerManagerArguments(input: ControllerManagerInput): string[] {
  return flagArguments({
    kubeconfig: input.kubeconfig,
    'authentication-kubeconfig': input.port === 0 ? undefined : input.kubeconfig,
    'authorization-kubeconfig': input.port === 0 ? undefined : input.kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': input.port,
    'cluster-name': input.clusterName,
    'cluster-signing-cert-file': `${input.pki}/ca.crt`,
    'cluster-signing-key-file': `${input.pki}/ca.key`,
    'root-ca-file': `${input.pki}/ca.crt`,
    'service-account-private-key-file': `${input.pki}/service-account.key`,
    'use-service-account-credentials': true,
    'allocate-node-cidrs': input.cidrs ? true : undefined,
    'cluster-cidr': input.cidrs?.pods,
    'service-cluster-ip-range': input.cidrs?.services,
    'node-cidr-mask-size': input.cidrs?.pods.split('/')[1],
    // One instance: an election would only cost seconds after a restart.
    'leader-elect': false,
    profiling: false,
  });
}

export function schedulerArguments(input: { kubeconfig: string; port: number }): string[] {
  return flagArguments({
    kubeconfig: input.kubeconfig,
    'authentication-kubeconfig': input.port === 0 ? undefined : input.kubeconfig,
    'authorization-kubeconfig': input.port === 0 ? undefined : input.kubeconfig,
    'bind-address': '127.0.0.1',
    'secure-port': input.port,
    'leader-elect': false,
    profiling: false,
  });
}
