import { type Clock, TokenBucket } from '@osmo/kube';
import { isIPv6 } from 'node:net';
import { RequestError } from './errors.ts';

/** Keeps one caller from taking the gateway from all others. */
export interface RateLimit {
  /** @throws RequestError 429 with Retry-After when the caller has asked too often */
  take(caller: string): void;
}

/**
 * What a limit by address counts under: of IPv6 the network of 64 bits, of which one customer has all addresses.
 *
 * @param address as `sourceOf` says it
 */
export function addressKey(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return `address ${isIPv6(plain) ? networkOf(plain) : plain}`;
}

function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const [before = '', after] = plain.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  // The last two groups may be written as an address of IPv4.
  const length = head.length + tail.length + ([...head, ...tail].at(-1)?.includes('.') === true ? 1 : 0);
  const zeros = after === undefined ? 0 : Math.max(0, 8 - length);
  const all = [...head, ...Array.from({ length: zeros }, () => '0'), ...tail];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Callers that are told apart; beyond, those who came first start with a full bucket again. */
const mostCallers = 10_000;

/** A token bucket for each caller. `what` is counted, in the words of a refusal. */
export function rateLimit(clock: Clock, perSecond: number, burst: number, what = 'requests'): RateLimit {
  const buckets = new Map<string, TokenBucket>();
  return {
    take(caller) {
      const bucket = buckets.get(caller) ?? new TokenBucket(clock, perSecond, burst);
      // Most recent last, so that the first is the one to forget.
      buckets.delete(caller);
      buckets.set(caller, bucket);
      if (buckets.size > mostCallers) {
        const oldest = buckets.keys().next();
        if (!oldest.done) buckets.delete(oldest.value);
      }
      if (bucket.take()) return;
      const message = `more than ${perSecond} ${what} a second; slow down and try again`;
      throw new RequestError(429, 'USER', message, { headers: { 'retry-after': '1' } });
    },
  };
}
