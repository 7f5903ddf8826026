/** An IP address as a number; addresses of IPv4 that are written within IPv6 (`::ffff:127.0.0.1`) are of IPv4. */
export interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** All addresses with the same first bits. */
export interface Network extends Address {
  readonly prefix: number;
}

const bitsOf = (version: 4 | 6): number => (version === 4 ? 32 : 128);

/**
 * Reads an address: four decimal numbers, or IPv6 (with or without brackets). Undefined for anything else: other ways of
 * writing an address (`0x7f.1`, `2130706433`) are the business of whoever reads the URL, and zones (`fe80::1%eth0`) are
 * nowhere that a call may go.
 */
export function parseAddress(text: string): Address | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (!bare.includes(':')) {
    const value = parse4(bare);
    return value === undefined ? undefined : { version: 4, value };
  }
  const value = parse6(bare);
  return value === undefined ? undefined : (embedded(value, 0xffffn, 32n) ?? { version: 6, value });
}

/** Reads `10.0.0.0/8`, `fd00::/8` or a single address; undefined for anything else, bits behind the prefix included. */
export function parseNetwork(text: string): Network | undefined {
  const [host = '', length, ...rest] = text.split('/');
  const address = parseAddress(host);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = bitsOf(address.version);
  if (length === undefined) return { ...address, prefix: bits };
  if (!/^\d{1,3}$/.test(length)) return undefined;
  // `::ffff:10.0.0.0/104` is 10.0.0.0/8.
  const prefix = Number(length) - (address.version === 4 && host.includes(':') ? 96 : 0);
  if (prefix < 0 || prefix > bits) return undefined;
  const network = { ...address, prefix };
  return (address.value & hostBits(network)) === 0n ? network : undefined;
}

/** Whether the address is of the network. */
export function isWithin(address: Address, network: Network): boolean {
  if (address.version !== network.version) return false;
  const shift = BigInt(bitsOf(network.version) - network.prefix);
  return address.value >> shift === network.value >> shift;
}

/** The address of IPv4 behind a translator's (NAT64, `64:ff9b::/96`), which is where a call would end. */
export function translated(address: Address): Address | undefined {
  return address.version === 6 ? embedded(address.value, 0x0064ff9b0000000000000000n, 32n) : undefined;
}

function hostBits({ version, prefix }: Network): bigint {
  return (1n << BigInt(bitsOf(version) - prefix)) - 1n;
}

function embedded(value: bigint, head: bigint, bits: bigint): Address | undefined {
  return value >> bits === head ? { version: 4, value: value & ((1n << bits) - 1n) } : undefined;
}

function parse4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    // A leading zero is octal to some and decimal to others.
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parse6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map(groupsOf);
  if (halves.length === 1) return head?.length === 8 ? joined(head) : undefined;
  if (head === undefined || tail === undefined || head.length + tail.length > 7) return undefined;
  return joined([...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail]);
}

/** The groups of 16 bits of one side of `::`; undefined when one can't be read. */
function groupsOf(side: string): number[] | undefined {
  if (side === '') return [];
  const parts = side.split(':');
  const last = parts.at(-1) ?? '';
  const groups: number[] = [];
  for (const part of last.includes('.') ? parts.slice(0, -1) : parts) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
    groups.push(Number.parseInt(part, 16));
  }
  if (!last.includes('.')) return groups;
  const value = parse4(last);
  return value === undefined ? undefined : [...groups, Number(value >> 16n), Number(value & 0xffffn)];
}

function joined(groups: readonly number[]): bigint {
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n);
}
