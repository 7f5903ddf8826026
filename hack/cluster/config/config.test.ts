import { describe, expect, test } from '@jest/globals';
import { addressPlan } from '../node/addresses.ts';
import { run } from '../system/run.ts';
import { flagArguments } from './arguments.ts';
import { auditPolicy } from './audit-policy.ts';
import { cniConfiguration, containerdConfiguration } from './containerd.ts';
import { environmentFile } from './environment-file.ts';
import { kubeconfig } from './kubeconfig.ts';
import { corefile, systemManifests } from './manifests.ts';
import { kubeletConfiguration, kubeProxyConfiguration, nodeResolvConf } from './node.ts';

const addresses = addressPlan(1);

test('flags are rendered in order, and left out when undefined', () => {
  expect(flagArguments({ a: 1, b: undefined, c: false, d: '' })).toEqual(['--a=1', '--c=false', '--d=']);
});

test('a kubeconfig holds everything inline and nothing else', () => {
  const text = kubeconfig({ cluster: 'c', user: 'u', server: 'https://s', ca: 'CA', cert: 'CERT', key: 'KEY' });
  expect(JSON.parse(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: 'https://s', 'certificate-authority-data': 'Q0E=' } }],
    users: [{ name: 'u', user: { 'client-certificate-data': 'Q0VSVA==', 'client-key-data': 'S0VZ' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  });
});

test('the audit policy records every write, and no body', () => {
  const { rules } = JSON.parse(auditPolicy()) as {
    rules: { level: string; verbs?: string[]; nonResourceURLs?: string[] }[];
  };
  expect(rules.at(-1)).toEqual({ level: 'Metadata' });
  const dropped = rules.filter((rule) => rule.level === 'None');
  for (const { verbs, nonResourceURLs } of dropped) {
    if (nonResourceURLs === undefined) expect(verbs).toEqual(['get', 'watch', 'list']);
  }
});

describe('the kubelet', () => {
  const base = { addresses, pki: '/pki', resolvConf: '/r' };

  test('asks the apiserver who may do what', () => {
    expect(JSON.parse(kubeletConfiguration({ ...base, cgroupVersion: 2 }))).toMatchObject({
      authentication: { anonymous: { enabled: false }, webhook: { enabled: true } },
      authorization: { mode: 'Webhook' },
      clusterDNS: [addresses.dnsService],
    });
  });

  test.each([
    [1 as const, false],
    [2 as const, undefined],
  ])('on cgroup version %s has failCgroupV1 %s', (cgroupVersion, want) => {
    const config = JSON.parse(kubeletConfiguration({ ...base, cgroupVersion })) as { failCgroupV1?: boolean };
    expect(config.failCgroupV1).toBe(want);
  });
});

test('kube-proxy leaves the host’s conntrack limits alone', () => {
  const text = kubeProxyConfiguration({ addresses, nodeName: 'n', kubeconfig: '/k' });
  expect(JSON.parse(text)).toMatchObject({
    mode: 'iptables',
    conntrack: { maxPerCore: 0, min: 0 },
    clusterCIDR: addresses.podCidr,
  });
});

test('containerd is told about oom scores and where things are', () => {
  const input = {
    root: '/r',
    cniConfigurationFolder: '/c',
    cniPluginFolder: '/p',
    sandboxImage: 'pause:1',
    systemdCgroup: false,
  };
  expect(containerdConfiguration({ ...input, restrictOomScore: true })).toMatch(/^ {2}restrict_oom_score_adj = true$/m);
  expect(containerdConfiguration({ ...input, restrictOomScore: false })).toContain('sandbox_image = "pause:1"');
});

test('CNI hands out addresses of the pod network', () => {
  const { plugins } = JSON.parse(cniConfiguration('10.240.64.0/18')) as { plugins: { ipam?: unknown }[] };
  expect(plugins[0]?.ipam).toMatchObject({ ranges: [[{ subnet: '10.240.64.0/18' }]] });
});

describe('name servers of the host', () => {
  const own = ['127.0.0.1', '::1', '192.0.2.2'];
  test.each([
    ['one on the host', 'nameserver 192.0.2.2\n', 'nameserver 192.0.2.2\n'],
    ['one beyond, where no route leads', 'nameserver 192.0.2.53\n', ''],
    ['a loopback resolver, which the node can not reach', 'nameserver 127.0.0.1\nnameserver ::1\noptions edns0\n', ''],
    ['several', '# x\nsearch a\n nameserver 10.0.0.1\nnameserver 192.0.2.2\n', 'nameserver 192.0.2.2\n'],
    ['none', '', ''],
  ])('with %s', (_, text, want) => {
    expect(nodeResolvConf(text, own)).toBe(want);
  });
});

describe('CoreDNS', () => {
  test('forwards only where there is someone to forward to', () => {
    expect(corefile([])).not.toContain('forward');
    expect(corefile([])).toContain('rcode NXDOMAIN');
    expect(corefile(['10.0.0.1', '10.0.0.2'])).toContain('forward . 10.0.0.1 10.0.0.2 {');
  });

  test('listens at the address that kubelets tell pods', () => {
    const service = systemManifests(addresses, 'image', []).find(
      (object) => (object as { kind: string }).kind === 'Service',
    );
    expect(service).toMatchObject({ metadata: { name: 'kube-dns' }, spec: { clusterIP: addresses.dnsService } });
  });
});

test('the variables of a cluster can be sourced twice, with any path, and take in what others add', async () => {
  const file = environmentFile({ name: 'n', state: "/nowhere/it's", bin: "/nowhere/it's/bin", kubeconfig: '/k' });
  const { stdout } = await run('sh', ['-eu', '-c', `${file}\n${file}\nprintf '%s\\n' "$KUBECONFIG" "$PATH"`], {
    environment: { PATH: '/usr/bin:/bin' },
  });
  expect(stdout).toBe("/k\n/nowhere/it's/bin:/usr/bin:/bin\n");
});
