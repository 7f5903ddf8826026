import { existsSync } from 'node:fs';
import { run } from '../system/run.ts';
import type { AddressPlan } from './addresses.ts';

/**
 * Makes the link between host and node, and the host's routes to pods and Services; what is there already stays.
 *
 * @param pid host PID of the node's first process
 */
export async function ensureLink(addresses: AddressPlan, pid: number): Promise<void> {
  const name = addresses.hostInterface;
  if (!linkExists(addresses)) {
    const peer = ['peer', 'name', addresses.nodeInterface, 'netns', String(pid)];
    await run('ip', ['link', 'add', name, 'type', 'veth', ...peer]);
  }
  await run('ip', ['address', 'replace', `${addresses.hostAddress}/${addresses.linkPrefix}`, 'dev', name]);
  await run('ip', ['link', 'set', name, 'up']);
  for (const cidr of [addresses.podCidr, addresses.serviceCidr]) {
    await run('ip', ['route', 'replace', cidr, 'via', addresses.nodeAddress, 'dev', name]);
  }
}

/** Whether the host's end of the link exists. */
export function linkExists(addresses: AddressPlan): boolean {
  return existsSync(`/sys/class/net/${addresses.hostInterface}`);
}

/** Removes the link, and with it its address and routes. Idempotent: the kernel removes it too when the node dies. */
export async function removeLink(addresses: AddressPlan): Promise<void> {
  if (!linkExists(addresses)) return;
  await run('ip', ['link', 'delete', addresses.hostInterface], { allowFailure: true });
  if (linkExists(addresses)) throw new Error(`interface ${addresses.hostInterface} could not be removed`);
}
