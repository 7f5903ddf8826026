import type { LookupAddress } from 'node:dns';
import { parseAddress } from './address.ts';
import type { Destinations } from './destinations.ts';
import { OutgoingError, OutgoingReasons } from './errors.ts';
import { specialUse } from './special.ts';

/** Finds the addresses of a host; rejects when there are none. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Which hosts may be called. */
export interface Guard {
  readonly allowed: Destinations;
  readonly resolve: Resolve;
}

/**
 * The addresses at which a host may be called: those that it has now, all of them good. Whoever connects must use these
 * and not ask for the name again, since another answer may come then.
 *
 * Without `encrypted` (plain HTTP) only listed hosts and addresses are good.
 *
 * @throws OutgoingError `Refused` when one of its addresses is not to be called, `Unresolved` when it has none
 */
export async function addressesFor(host: string, encrypted: boolean, guard: Guard): Promise<readonly LookupAddress[]> {
  const literal = parseAddress(host);
  const addresses = literal === undefined ? await resolved(host, guard) : [asLookup(host)];
  if (guard.allowed.hasHost(host)) return addresses;
  for (const { address } of addresses) {
    const problem = problemOf(address, encrypted, guard.allowed);
    if (problem === undefined) continue;
    const subject = literal === undefined ? `${host} has the address ${address}, which is` : `${host} is`;
    throw new OutgoingError(OutgoingReasons.refused, `${subject} ${problem}`);
  }
  return addresses;
}

const ask = 'an administrator can add it to the destinations that may be called';

function problemOf(text: string, encrypted: boolean, allowed: Destinations): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return `no address that can be called`;
  if (allowed.hasAddress(address)) return undefined;
  const use = specialUse(address);
  if (use !== undefined) return `${use}: only public addresses are called; ${ask}`;
  return encrypted ? undefined : `not to be called over plain http; use https, or ${ask}`;
}

function asLookup(host: string): LookupAddress {
  const address = host.replace(/^\[|\]$/g, '');
  return { address, family: address.includes(':') ? 6 : 4 };
}

async function resolved(host: string, { resolve }: Guard): Promise<readonly LookupAddress[]> {
  try {
    const addresses = await resolve(host);
    if (addresses.length > 0) return addresses;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const detail = typeof code === 'string' ? ` (${code})` : '';
    throw new OutgoingError(OutgoingReasons.unresolved, `${host} could not be resolved${detail}`, { cause: error });
  }
  throw new OutgoingError(OutgoingReasons.unresolved, `${host} has no address`);
}
