import { existsSync } from 'node:fs';
import { run } from './run.ts';

/** A Debian package and a file whose presence proves it. */
const needed: Record<string, readonly string[]> = {
  containerd: ['/usr/bin/containerd'],
  runc: ['/usr/sbin/runc', '/usr/bin/runc'],
  'containernetworking-plugins': ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge'],
  iptables: ['/usr/sbin/iptables', '/sbin/iptables'],
  conntrack: ['/usr/sbin/conntrack'],
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  ethtool: ['/usr/sbin/ethtool', '/sbin/ethtool'],
  socat: ['/usr/bin/socat'],
  openssl: ['/usr/bin/openssl'],
  buildah: ['/usr/bin/buildah'],
  debootstrap: ['/usr/sbin/debootstrap'],
  'util-linux': ['/usr/bin/unshare'],
};

/** Names of packages none of whose files is there. */
export function missingPackages(exists: (path: string) => boolean): string[] {
  return Object.entries(needed)
    .filter(([, files]) => !files.some(exists))
    .map(([name]) => name);
}

/**
 * Installs the system programs that a local node needs and this host lacks.
 *
 * @throws Error with the command to run when that is not possible here.
 */
export async function ensurePackages(say: (line: string) => void): Promise<void> {
  const missing = missingPackages(existsSync);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`the local node needs these Debian packages: ${missing.join(' ')}; as root: ${command}`);
  }
  say(`installing Debian packages: ${missing.join(' ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await run('apt-get', ['update', '--quiet'], { environment, allowFailure: true });
  await run('apt-get', ['install', '--yes', '--quiet', '--no-install-recommends', ...missing], { environment });
}
