import { randomBytes } from 'node:crypto';
import type { GatewayKeys } from '../keys/gateway-keys.ts';
import type { Identity } from '../identity.ts';
import { type CookieStyle, setLongCookie } from './cookies.ts';

/** Name of the cookie, without `__Host-`. */
export const sessionCookie = 'osmo-session';

/** What a browser's cookie holds, encrypted. Times are seconds since 1970. */
export interface Session {
  readonly id: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly email?: string;
  /** Whom the provider means; must stay the same. */
  readonly subject: string;
  /** The provider that it came from: `oidc`, or another way that sessions begin. */
  readonly via: string;
  /** Its issuer, or entity ID. */
  readonly provider?: string;
  /** The provider's own name for the session there, by which it may end it. */
  readonly sid?: string;
  /** When the provider lets it end at the latest. */
  readonly until?: number;
  readonly started: number;
  /** When it was last used, as far as the cookie was written since. */
  readonly seen: number;
  /** Until when the provider's word is believed. */
  readonly fresh: number;
  readonly refreshToken?: string;
  /** For the provider to know whom to sign out. */
  readonly idToken?: string;
}

export interface SessionLimits {
  /** Seconds from the login. */
  lifetimeSeconds: number;
  /** Seconds without a request. */
  idleSeconds: number;
}

/** Where the configuration says nothing. */
export const defaultLimits: SessionLimits = { lifetimeSeconds: 12 * 3600, idleSeconds: 2 * 3600 };

/** A new session of an identity. */
export function beginSession(
  { user, groups, email }: Identity,
  how: Omit<Session, 'id' | 'user' | 'groups' | 'email' | 'started' | 'seen'>,
  now: number,
): Session {
  const id = randomBytes(12).toString('base64url');
  return { id, user, groups, ...(email !== undefined && { email }), ...how, started: now, seen: now };
}

/** Who a session is of. */
export function identityOfSession({ user, groups, email }: Session): Identity {
  return { user, groups, method: 'session', ...(email !== undefined && { email }) };
}

/** Whether it is over by its age, or since nobody used it. */
export function isOver(
  { started, seen, until }: Session,
  { lifetimeSeconds, idleSeconds }: SessionLimits,
  now: number,
): boolean {
  return now >= started + lifetimeSeconds || now >= seen + idleSeconds || (until !== undefined && now >= until);
}

/**
 * The cookies of a session. What only signing out at the provider needs is left out where it doesn't fit.
 *
 * @throws RangeError when it doesn't fit even so
 */
export async function sessionCookies(
  session: Session,
  limits: SessionLimits,
  { keys, style, now }: { keys: GatewayKeys; style: CookieStyle; now: number },
): Promise<string[]> {
  const left = session.started + limits.lifetimeSeconds - now;
  const { idToken: _hint, ...without } = session;
  for (const content of [session, without]) {
    // The second is for when the first is too long.
    // oxlint-disable-next-line no-await-in-loop
    const text = await keys.encrypt('session', content, left);
    const cookies = setLongCookie(style, sessionCookie, text, left);
    if (cookies !== undefined) return cookies;
  }
  throw new RangeError('what the identity provider says of this user is too long for cookies: have fewer groups sent');
}

/** What was decrypted, if it is a session. */
export function asSession(content: unknown): Session | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const { id, user, groups, started, seen, fresh } = content as Record<string, unknown>;
  const good =
    [id, user].every((each) => typeof each === 'string') &&
    Array.isArray(groups) &&
    [started, seen, fresh].every((each) => typeof each === 'number');
  return good ? (content as Session) : undefined;
}
