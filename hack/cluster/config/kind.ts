/** What kind's configuration depends on. */
export interface KindInput {
  /** Folder of the host for the apiserver's audit log. */
  logs: string;
  /** Folder of the host with `audit-policy.json`. */
  policies: string;
  /** Docker's. */
  cgroupVersion: 1 | 2;
}

const logFolder = '/var/log/kubernetes';
const policyFolder = '/etc/kubernetes/policies';

/**
 * kind's configuration: one node that is control plane and worker, with an audit log at level Metadata.
 *
 * The patches name no apiVersion and give arguments as a map: kind then merges them into whichever version of kubeadm's
 * configuration the node image needs (v1beta4 from Kubernetes 1.36, v1beta3 before), and drops without a word those for another.
 */
export function kindConfiguration({ logs, policies, cgroupVersion }: KindInput): object {
  const volume = (name: string, path: string, readOnly: boolean): object => ({
    name,
    hostPath: path,
    mountPath: path,
    readOnly,
    pathType: 'DirectoryOrCreate',
  });
  const patches = [
    {
      kind: 'ClusterConfiguration',
      apiServer: {
        extraArgs: {
          'audit-log-path': `${logFolder}/audit.log`,
          'audit-policy-file': `${policyFolder}/audit-policy.json`,
        },
        extraVolumes: [volume('audit-log', logFolder, false), volume('audit-policy', policyFolder, true)],
      },
    },
    // Newer kubelets refuse version 1 unless told.
    ...(cgroupVersion === 1 ? [{ kind: 'KubeletConfiguration', failCgroupV1: false }] : []),
  ];
  return {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    nodes: [
      {
        role: 'control-plane',
        extraMounts: [
          { hostPath: logs, containerPath: logFolder },
          { hostPath: policies, containerPath: policyFolder, readOnly: true },
        ],
        kubeadmConfigPatches: patches.map((patch) => JSON.stringify(patch)),
      },
    ],
  };
}
