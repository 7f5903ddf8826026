import { BlockList, isIP } from 'node:net';
import { unauthenticated } from './authenticator.ts';
import { userHeader } from './dev.ts';
import type { SignIn } from './identity.ts';

/** Headers of upstream's proxy: roles with commas between them, and the access token that the caller came with. */
export const rolesHeader = 'x-osmo-roles';
export const tokenNameHeader = 'x-osmo-token-name';

/** As many as a person can be in, elsewhere too. */
const mostRoles = 256;

/** Whose word about callers counts, and what becomes of it. */
export interface TrustedProxies {
  /** Networks that they call from, as `10.0.0.0/24` or an address. */
  networks: readonly string[];
  /** Comes before the name of a user; default none. */
  usernamePrefix?: string;
  /** Comes before each role, and so makes it a group; default `proxy:`. */
  groupPrefix?: string;
}

/** A network as BlockList takes it; undefined for what is none, or is everybody. */
export function networkOf(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  const prefix = bits === undefined ? longest : Number(bits);
  if (prefix < 1 || prefix > longest) return undefined;
  return { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/**
 * Whether an address is one of a trusted proxy.
 *
 * @throws RangeError for a network that is none
 */
export function proxyNetworks(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const text of networks) {
    const network = networkOf(text);
    if (network === undefined) throw new RangeError(`${JSON.stringify(text)} is no network`);
    list.addSubnet(network.address, network.prefix, network.family);
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    const version = isIP(plain);
    return version !== 0 && list.check(plain, version === 4 ? 'ipv4' : 'ipv6');
  };
}

/**
 * Believes upstream's headers `x-osmo-user`, `x-osmo-roles` and `x-osmo-token-name` from connections of trusted proxies, which must
 * take these headers off what they are sent. From everybody else the headers say nothing. The peer of the connection counts,
 * not what any header says about forwarding.
 */
export function trustedProxies(
  isTrusted: (address: string) => boolean,
  { usernamePrefix = '', groupPrefix = 'proxy:' }: Omit<TrustedProxies, 'networks'>,
): SignIn {
  return ({ headers, remoteAddress }) => {
    const name = headers[userHeader];
    if (name === undefined || remoteAddress === undefined || !isTrusted(remoteAddress))
      return Promise.resolve(undefined);
    const user = `${usernamePrefix}${one(name)}`;
    const roles = one(headers[rolesHeader] ?? '')
      .split(',')
      .map((role) => role.trim())
      .filter((role) => role !== '');
    const token = one(headers[tokenNameHeader] ?? '');
    const problem = refusal(user, one(name), roles, groupPrefix);
    if (problem !== undefined) return Promise.reject(unauthenticated(problem));
    const groups = [...new Set(roles.map((role) => `${groupPrefix}${role}`))];
    return Promise.resolve({
      user,
      groups: [...groups, 'system:authenticated'],
      method: 'proxy' as const,
      ...(token !== '' && { accessToken: { name: token.slice(0, 64) } }),
    });
  };
}

function refusal(user: string, name: string, roles: readonly string[], groupPrefix: string): string | undefined {
  // oxlint-disable-next-line no-control-regex
  const isWord = (text: string, most: number): boolean => text.length <= most && !/[\u0000-\u001f\u007f]/.test(text);
  if (name === '' || name !== name.trim() || !isWord(user, 256)) {
    return `${userHeader}: must be one name of at most 256 characters without control characters`;
  }
  if (user.startsWith('system:')) return `${userHeader}: must not begin with 'system:', which is the cluster's own`;
  if (roles.length > mostRoles) return `${rolesHeader}: must hold at most ${mostRoles} roles`;
  const wrong = roles.find((role) => !isWord(role, 200) || `${groupPrefix}${role}`.startsWith('system:'));
  return wrong === undefined ? undefined : `${rolesHeader}: ${JSON.stringify(wrong.slice(0, 64))} can be no role`;
}

/** A header that came twice is somebody's who slipped one in: Node joins those with a comma and a blank. */
const one = (header: string | readonly string[]): string => (typeof header === 'string' ? header : header.join(', '));
