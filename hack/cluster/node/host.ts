import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { systemImages } from '../../images/stand-ins.ts';
import type { HostFacts } from './files.ts';

const sysResource = 24n;

/** True when a process with this `/proc/self/status` has CAP_SYS_RESOURCE, which lowering oom_score_adj needs. */
export function mayLowerOomScore(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> sysResource) & 1n) === 1n;
}

/**
 * Looks at this host.
 *
 * @throws Error when it has no CNI plug-ins.
 */
export function hostFacts(): HostFacts {
  const folders = ['/usr/lib/cni', '/opt/cni/bin'];
  const cniPluginFolder = folders.find((folder) => existsSync(`${folder}/bridge`));
  if (cniPluginFolder === undefined) throw new Error(`no CNI plug-ins in ${folders.join(' or ')}`);
  return {
    cgroupVersion: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 2 : 1,
    restrictOomScore: !mayLowerOomScore(readFileSync('/proc/self/status', 'utf8')),
    resolvConf: existsSync('/etc/resolv.conf') ? readFileSync('/etc/resolv.conf', 'utf8') : '',
    addresses: hostAddresses(),
    cniPluginFolder,
    sandboxImage: systemImages.pause,
  };
}

/** Without those of clusters, which come and go: a node must not be started anew for them. */
function hostAddresses(): string[] {
  const foreign = Object.entries(networkInterfaces()).filter(([name]) => !name.startsWith('osmo-'));
  return foreign.flatMap(([, list]) => (list ?? []).map(({ address }) => address));
}
