import { createHash, timingSafeEqual } from 'node:crypto';

/** How long somebody may take to sign in at the provider. */
export const attemptSeconds = 600;

/** The cookie of a login, one for each that is under way: somebody may sign in in several windows at once. */
export const attemptCookie = (state: string): string =>
  `osmo-login-${createHash('sha256').update(state).digest('hex').slice(0, 12)}`;

export function sameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

/** What the log tells of a failure. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : 'unknown';
