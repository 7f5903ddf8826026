import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { run } from '../system/run.ts';
import { addressPlan } from './addresses.ts';
import { nodeCommands, nodeComponents, startScript } from './commands.ts';
import { layoutOf } from './layout.ts';

describe('the commands of a node', () => {
  const programs = Object.fromEntries(nodeComponents.map((name) => [name, `/cache/${name}`]));
  const commands = nodeCommands({
    layout: layoutOf('/repo', 'x'),
    addresses: addressPlan(2),
    nodeName: 'x-node',
    s3Keys: { accessKeyId: 'owner', secretAccessKey: 'only-for-the-owner' },
    programs,
  });

  test('exist for each component', () => {
    expect(Object.keys(commands).toSorted()).toEqual(nodeComponents.toSorted());
  });

  test('let nobody in without credentials and authorise everyone', () => {
    expect(commands['kube-apiserver']).toEqual(
      expect.arrayContaining([
        '--anonymous-auth=false',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
      ]),
    );
    expect(commands.etcd).toContain('--client-cert-auth=true');
    expect(JSON.stringify(commands)).not.toMatch(/AlwaysAllow|insecure/);
  });

  test('keep data safe from a power cut', () => {
    expect(commands.etcd.join(' ')).not.toContain('no-fsync');
  });

  test('write an audit log', () => {
    expect(commands['kube-apiserver']).toContain('--audit-log-path=/repo/.cluster/x/logs/audit.log');
  });

  test('use the addresses of this cluster and no other', () => {
    expect(commands['kube-apiserver']).toContain('--service-cluster-ip-range=10.112.128.0/18');
    expect(commands['kube-controller-manager']).toContain('--cluster-cidr=10.240.128.0/18');
    expect(commands.kubelet).toContain('--node-ip=10.201.2.2');
  });
});

describe('a start script', () => {
  test('becomes the program with exactly its arguments, whatever they hold', async () => {
    const words = fc.string({ unit: fc.constantFrom('a', ' ', "'", '"', '$', '`', '\\', '\n', '*', ';', 'é') });
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 4 }), async (args) => {
        const script = startScript(['printf', '%s\\0', '', ...args]);
        const { stdout } = await run('sh', ['-c', script]);
        expect(stdout.split('\0').slice(1, -1)).toEqual(args);
      }),
      { numRuns: 25 },
    );
  });

  test('waits for a file when told', () => {
    expect(startScript(['x'], '/run/s')).toBe("#!/bin/sh\nuntil [ -e '/run/s' ]; do sleep 0.1; done\nexec 'x'\n");
  });
});
