/** What is known about a failed attempt. */
export interface Failure {
  /** Attempts made so far, 1 or more. */
  attempts: number;
  /** HTTP status, 0 when no answer came. */
  status: number;
  /** From the Retry-After header or the Status body. */
  retryAfterSeconds?: number | undefined;
  /** Nothing of the request can have reached the server (no connection was made). */
  notSent: boolean;
  /** Sending the request twice has the same effect as once. */
  idempotent: boolean;
}

/** How long and how often to try. Milliseconds. */
export interface RetryPolicy {
  /** Attempts in all when the server asks to come back (Retry-After). */
  maxAskedAttempts: number;
  /** Attempts in all after other failures. */
  maxAttempts: number;
  baseDelayMs: number;
  maxDelayMs: number;
  /** A longer Retry-After is an error for the caller, who has better things to do than to wait here. */
  maxRetryAfterMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  maxAskedAttempts: 10,
  maxAttempts: 4,
  baseDelayMs: 100,
  maxDelayMs: 3_000,
  maxRetryAfterMs: 30_000,
};

/**
 * How long to wait before the next attempt, in ms, or undefined when another attempt is unsafe or useless.
 *
 * Safe for every request: the server said that it did nothing (429 or 503 with Retry-After), or was never reached. Safe
 * only for idempotent ones: 429 and 5xx without a word, and connections that broke half way.
 *
 * @param random a number in [0, 1): jitter, so that clients which failed together do not come back together.
 */
export function retryDelay(failure: Failure, policy: RetryPolicy, random: number): number | undefined {
  const { status, attempts, retryAfterSeconds } = failure;
  const backoff = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (attempts - 1)) * (0.5 + random / 2);
  if (retryAfterSeconds !== undefined && (status === 429 || status === 503)) {
    const asked = retryAfterSeconds * 1000;
    if (attempts >= policy.maxAskedAttempts || asked > policy.maxRetryAfterMs) return undefined;
    return Math.max(backoff, asked * (1 + random / 10));
  }
  if (attempts >= policy.maxAttempts) return undefined;
  if (failure.notSent) return backoff;
  if (!failure.idempotent) return undefined;
  const worthIt = status === 0 || status === 429 || (status >= 500 && status !== 501);
  return worthIt ? backoff : undefined;
}

/** Seconds of a Retry-After header (delta-seconds or HTTP date), undefined when absent or malformed. */
export function parseRetryAfter(header: string | string[] | undefined, now: Date): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, (at - now.getTime()) / 1000);
}
