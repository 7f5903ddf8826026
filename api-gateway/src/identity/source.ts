import { isIP } from 'node:net';
import type { Claims } from './identity.ts';

/**
 * The address that a request came from: the peer's, or where that is a trusted proxy the last one in `x-forwarded-for` that
 * isn't one. What anybody else writes into that header counts for nothing.
 */
export function sourceOf(
  { headers, remoteAddress }: Claims,
  trusted: (address: string) => boolean = () => false,
): string {
  let source = plain(remoteAddress ?? '');
  if (source === '' || !trusted(source)) return source;
  const header = headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).slice(-longestHeader).split(',');
  for (const hop of hops.toReversed()) {
    const address = plain(hop.trim());
    if (isIP(address) === 0) return source;
    source = address;
    if (!trusted(address)) return source;
  }
  return source;
}

const longestHeader = 2048;

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
