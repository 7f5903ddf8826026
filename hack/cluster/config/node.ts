import type { AddressPlan } from '../node/addresses.ts';

/** What the kubelet's configuration depends on. */
export interface KubeletInput {
  addresses: AddressPlan;
  pki: string;
  cgroupVersion: 1 | 2;
  resolvConf: string;
}

/** KubeletConfiguration, as JSON. */
export function kubeletConfiguration(input: KubeletInput): string {
  const { addresses, pki } = input;
  return document({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pki}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${pki}/kubelet-server.crt`,
    tlsPrivateKeyFile: `${pki}/kubelet-server.key`,
    address: '0.0.0.0',
    clusterDNS: [addresses.dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: input.resolvConf,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    podLogsDir: '/var/log/pods',
    cgroupDriver: 'cgroupfs',
    // Newer kubelets refuse version 1 unless told; the tree of QoS cgroups needs more than such a host gives.
    ...(input.cgroupVersion === 1 && { failCgroupV1: false }),
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // Absolute values: with percentages a big shared disk that is well used would evict everything.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '500Mi', 'imagefs.available': '500Mi' },
    // What is imported must stay, as nothing can be pulled again.
    imageGCHighThresholdPercent: 100,
    maxPods: 250,
    registerWithTaints: [],
    serializeImagePulls: false,
    // A killed node shows as NotReady in time for a test.
    nodeStatusUpdateFrequency: '5s',
    nodeLeaseDurationSeconds: 20,
    syncFrequency: '10s',
    shutdownGracePeriod: '0s',
  });
}

/** KubeProxyConfiguration, as JSON. */
export function kubeProxyConfiguration(input: {
  addresses: AddressPlan;
  nodeName: string;
  kubeconfig: string;
}): string {
  return document({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: input.addresses.podCidr,
    hostnameOverride: input.nodeName,
    clientConnection: { kubeconfig: input.kubeconfig },
    bindAddress: '0.0.0.0',
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
    // The conntrack limits belong to the host and can't be raised from here.
    conntrack: { maxPerCore: 0, min: 0 },
  });
}

/**
 * resolv.conf for CoreDNS: those of the host's name servers that the node can reach, which are the host itself. (Its
 * loopback addresses mean another machine in the node, and beyond the host there is no route.)
 *
 * @param hostAddresses the host's own addresses
 */
export function nodeResolvConf(hostResolvConf: string, hostAddresses: readonly string[]): string {
  const servers = [...hostResolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map(([, address = '']) => address);
  const loopback = /^(127\.|::1$)/;
  const reachable = servers.filter((address) => hostAddresses.includes(address) && !loopback.test(address));
  return reachable.map((address) => `nameserver ${address}\n`).join('');
}

function document(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
