import { type Address, isWithin, type Network, parseAddress, parseNetwork } from './address.ts';

/** An entry of a list of destinations that can't be read; the message says what one looks like. */
export class DestinationError extends Error {
  override readonly name = 'DestinationError';
}

const hostName = /^(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** A list of hosts and networks, as administrators write it. */
export class Destinations {
  readonly #networks: Network[] = [];
  readonly #hosts = new Set<string>();
  readonly #suffixes: string[] = [];

  /**
   * Takes addresses (`10.1.2.3`), networks (`10.0.0.0/8`, `fd00::/8`), hosts (`hooks.example.com`) and all hosts below one
   * (`*.example.com`).
   *
   * @throws DestinationError naming the entry
   */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry);
  }

  /** Whether the list has the host by its name, or by the address that it is written as. */
  hasHost(host: string): boolean {
    const address = parseAddress(host);
    if (address !== undefined) return this.hasAddress(address);
    const name = bareName(host);
    return this.#hosts.has(name) || this.#suffixes.some((suffix) => name.endsWith(suffix) && name !== suffix);
  }

  hasAddress(address: Address): boolean {
    return this.#networks.some((network) => isWithin(address, network));
  }

  #add(entry: string): void {
    const network = parseNetwork(entry);
    if (network !== undefined) {
      this.#networks.push(network);
      return;
    }
    const name = bareName(entry);
    // What only looks like an address would never match anything.
    if (!hostName.test(name) || /^[\d.]+$/.test(name)) {
      const what = 'must be a network (10.0.0.0/8, without bits behind its prefix), an address, a host, or *.host';
      throw new DestinationError(`${JSON.stringify(entry)}: ${what}`);
    }
    if (name.startsWith('*.')) this.#suffixes.push(name.slice(1));
    else this.#hosts.add(name);
  }
}

/** A host as names are compared: lower case, without the root's dot. */
export function bareName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}
