import { type Clock, TokenBucket } from '@osmo/kube';
import { RequestError } from './errors.ts';

/** Keeps one caller from taking the gateway from all others. */
export interface RateLimit {
  /** @throws RequestError 429 with Retry-After when the caller has asked too often */
  take(caller: string): void;
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
