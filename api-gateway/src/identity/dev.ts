import { isIP } from 'node:net';
import { unauthenticated } from './authenticator.ts';
import type { SignIn } from './identity.ts';

/** Header in which upstream's client names its user after `osmo login --method dev`. */
export const userHeader = 'x-osmo-user';

/**
 * Believes the name in `x-osmo-user`: for the local cluster of one developer. Only for connections from the loopback
 * interface, whatever headers say about forwarding, and only when the request was meant for this machine: otherwise a page in
 * a browser could point a name of its own at 127.0.0.1 and act here.
 */
export function devMode(groups: readonly string[]): SignIn {
  return ({ headers, remoteAddress }) => {
    const name = headers[userHeader];
    if (name === undefined) return Promise.resolve(undefined);
    const problem = refusal(name, headers['host'], remoteAddress);
    if (problem !== undefined) return Promise.reject(unauthenticated(problem));
    return Promise.resolve({
      user: name as string,
      groups: [...groups, 'system:authenticated'],
      method: 'dev' as const,
    });
  };
}

function refusal(
  name: string | string[],
  host: string | string[] | undefined,
  address: string | undefined,
): string | undefined {
  if (!isLoopback(address)) return `${userHeader} is believed on the loopback interface only; send a token`;
  if (!isLocalHost(host)) return `${userHeader} is believed for requests to localhost only; send a token`;
  if (typeof name !== 'string' || !/^[a-zA-Z0-9][a-zA-Z0-9@._+:-]{0,127}$/.test(name) || name.startsWith('system:')) {
    return `${userHeader}: must be one name of letters, digits and '@._+:-' that does not begin with 'system:'`;
  }
  return undefined;
}

function isLoopback(address: string | undefined): boolean {
  const plain = address?.replace(/^::ffff:/i, '');
  if (plain === undefined) return false;
  return plain === '::1' || (isIP(plain) === 4 && plain.startsWith('127.'));
}

function isLocalHost(host: string | string[] | undefined): boolean {
  if (typeof host !== 'string') return false;
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i.test(host);
}
