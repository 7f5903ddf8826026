import { type Address, isWithin, type Network, parseNetwork, translated } from './address.ts';

/**
 * Networks that are no part of the public internet, by the registries of special-purpose addresses (RFC 6890 and its
 * successors), and addresses at which clouds answer any machine. The first that fits names it.
 */
const special4 = networks([
  ['0.0.0.0/8', 'an address of "this network"'],
  ['127.0.0.0/8', 'a loopback address'],
  ['169.254.0.0/16', 'a link-local address, such as that of a cloud’s metadata service'],
  ['168.63.129.16/32', 'the address of a cloud’s own services'],
  ['10.0.0.0/8', 'a private address'],
  ['172.16.0.0/12', 'a private address'],
  ['192.168.0.0/16', 'a private address'],
  ['100.64.0.0/10', 'a private address (shared address space)'],
  ['192.0.0.0/24', 'a reserved address'],
  ['192.0.2.0/24', 'an address for documentation'],
  ['192.88.99.0/24', 'a reserved address'],
  ['198.18.0.0/15', 'an address for benchmarks'],
  ['198.51.100.0/24', 'an address for documentation'],
  ['203.0.113.0/24', 'an address for documentation'],
  ['224.0.0.0/4', 'a multicast address'],
  ['240.0.0.0/4', 'a reserved address'],
]);

const special6 = networks([
  ['::/128', 'the unspecified address'],
  ['::1/128', 'a loopback address'],
  ['fe80::/10', 'a link-local address'],
  ['fc00::/7', 'a private address'],
  ['ff00::/8', 'a multicast address'],
  ['2001::/23', 'a reserved address (Teredo and others)'],
  ['2001:db8::/32', 'an address for documentation'],
  ['2002::/16', 'a 6to4 address, which stands for one of IPv4'],
  ['3fff::/20', 'an address for documentation'],
]);

const [globalUnicast] = networks([['2000::/3', '']]);

/** What an address is if it is no part of the public internet, with its article: "a private address"; else undefined. */
export function specialUse(address: Address): string | undefined {
  if (address.version === 4) return nameOf(address, special4);
  const behind = translated(address);
  if (behind !== undefined) return specialUse(behind);
  const name = nameOf(address, special6);
  if (name !== undefined) return name;
  // Everything else was never given to anybody, or is of a translator of somebody's own.
  return globalUnicast !== undefined && isWithin(address, globalUnicast.network) ? undefined : 'a reserved address';
}

interface Named {
  readonly network: Network;
  readonly name: string;
}

function nameOf(address: Address, list: readonly Named[]): string | undefined {
  return list.find(({ network }) => isWithin(address, network))?.name;
}

function networks(list: readonly (readonly [string, string])[]): Named[] {
  return list.map(([text, name]) => {
    const network = parseNetwork(text);
    if (network === undefined) throw new RangeError(`${text} is no network`);
    return { network, name };
  });
}
