import { describe, expect, test } from '@jest/globals';
import { kindConfiguration } from './kind.ts';

interface Patch {
  kind: string;
  apiVersion?: string;
  apiServer?: {
    extraArgs: Record<string, string>;
    extraVolumes: { hostPath: string; readOnly: boolean }[];
  };
  failCgroupV1?: boolean;
}

interface Configuration {
  nodes: {
    extraMounts: { hostPath: string; containerPath: string; readOnly?: boolean }[];
    kubeadmConfigPatches: string[];
  }[];
}

const node = (cgroupVersion: 1 | 2): Configuration['nodes'][number] => {
  const { nodes } = kindConfiguration({ logs: '/logs', policies: '/policies', cgroupVersion }) as Configuration;
  expect(nodes).toHaveLength(1);
  return nodes[0]!;
};
const patches = (cgroupVersion: 1 | 2): Patch[] =>
  node(cgroupVersion).kubeadmConfigPatches.map((patch) => JSON.parse(patch) as Patch);

describe('the configuration of kind', () => {
  test("leads the apiserver's audit log from its pod through the node to the host", () => {
    const { extraMounts } = node(2);
    const [{ apiServer } = { apiServer: undefined }] = patches(2);
    const hostPathOf = (argument: string): string | undefined => {
      const file = apiServer?.extraArgs[argument] ?? '';
      const folder = file.slice(0, file.lastIndexOf('/'));
      const volume = apiServer?.extraVolumes.find(({ hostPath }) => hostPath === folder);
      const mount = extraMounts.find(({ containerPath }) => containerPath === volume?.hostPath);
      return mount && `${mount.hostPath}${file.slice(folder.length)}`;
    };
    expect(hostPathOf('audit-log-path')).toBe('/logs/audit.log');
    expect(hostPathOf('audit-policy-file')).toBe('/policies/audit-policy.json');
  });

  // kind matches a patch that names a version with that one only, and takes a map of arguments for every version.
  test('patches every version of the configuration of kubeadm', () => {
    for (const patch of patches(1)) expect(patch).not.toHaveProperty('apiVersion');
    expect(patches(1)[0]?.apiServer?.extraArgs).toEqual(expect.not.arrayContaining([expect.anything()]));
  });

  test('lets the kubelet start on version 1 of cgroups, and says nothing of it on version 2', () => {
    expect(patches(1).find(({ kind }) => kind === 'KubeletConfiguration')?.failCgroupV1).toBe(false);
    expect(patches(2).map(({ kind }) => kind)).toEqual(['ClusterConfiguration']);
  });
});
