/** What containerd's configuration depends on. */
export interface ContainerdInput {
  /** Where images and containers live. */
  root: string;
  cniConfigurationFolder: string;
  cniPluginFolder: string;
  sandboxImage: string;
  /** True where processes may not lower their oom_score_adj (no CAP_SYS_RESOURCE): runc fails otherwise, without
   * saying why. */
  restrictOomScore: boolean;
  systemdCgroup: boolean;
}

/** containerd's configuration (version 2, as containerd 1.6 and 1.7 read it). */
export function containerdConfiguration(input: ContainerdInput): string {
  const quote = (text: string): string => JSON.stringify(text);
  return `version = 2
root = ${quote(input.root)}
state = "/run/containerd"
oom_score = 0

[grpc]
  address = "/run/containerd/containerd.sock"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quote(input.sandboxImage)}
  restrict_oom_score_adj = ${input.restrictOomScore}
  # Lets ping work in pods, and servers bind port 80 as another user than root, as on common nodes.
  enable_unprivileged_ports = true
  enable_unprivileged_icmp = true

  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = ${quote(input.cniPluginFolder)}
    conf_dir = ${quote(input.cniConfigurationFolder)}

  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"

    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"

      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = ${input.systemdCgroup}
`;
}

/** CNI: one bridge; pods reach each other, Services and, masqueraded, what the node reaches. */
export function cniConfiguration(podCidr: string): string {
  const plugins = [
    {
      type: 'bridge',
      bridge: 'pods0',
      isDefaultGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: 'host-local', dataDir: '/run/cni/addresses', ranges: [[{ subnet: podCidr }]] },
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return `${JSON.stringify({ cniVersion: '0.4.0', name: 'pods', plugins }, null, 2)}\n`;
}
