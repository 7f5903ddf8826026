import { createHmac, randomBytes } from 'node:crypto';
import type { Clock, Logger } from '@osmo/kube';
import { RequestError } from '../../http/errors.ts';
import { ExpiringCache } from '../../system/expiring-cache.ts';
import type { GatewayKeys } from '../keys/gateway-keys.ts';
import type { Claims, SignIn } from '../identity.ts';
import type { Ledger } from './ledger.ts';
import { type CookieStyle, parseCookies, readLongCookie } from './cookies.ts';
import {
  asSession,
  identityOfSession,
  isOver,
  type Session,
  sessionCookie,
  sessionCookies,
  type SessionLimits,
} from './session.ts';

/** Sessions that are remembered decrypted, and how long. */
const rememberedSessions = 10_000;
const rememberedMs = 60_000;
/** How long what came of asking the provider is given to others with the same cookie: a page sends many requests at once. */
const renewedMs = 30_000;
/** Seconds that a session goes on while its provider can't be asked. */
const graceSeconds = 15 * 60;
/** Seconds between two cookies that say that a session is used, at most. */
const seenSeconds = 300;

/** What the provider says when a session is to be renewed: the session as it is now, or that it is over. */
export type Renew = (session: Session) => Promise<Session | 'over'>;

export interface SessionOptions {
  keys: GatewayKeys;
  clock: Clock;
  logger: Logger;
  style: CookieStyle;
  limits: SessionLimits;
  /** Which sessions were ended, by whomever. */
  ledger: Pick<Ledger, 'isEnded'>;
  /** Whether the provider that a session came from is still one of this installation. */
  vouched: (session: Session) => boolean;
  /** Asks the provider. @throws when it can't be asked */
  renew: Renew;
}

/** The session of a cookie: decrypted and of a right age; not renewed. */
export type ReadSession = (headers: Claims['headers']) => Promise<{ session: Session; digest: string } | undefined>;

/** Reads sessions out of cookies. Resolves to undefined where there is no cookie, or it holds no session, or that is over. */
export function sessionReader({
  keys,
  clock,
  style,
  limits,
  ledger,
  vouched,
}: Omit<SessionOptions, 'renew' | 'logger'>): ReadSession {
  const known = new ExpiringCache<Session>(clock, rememberedMs, rememberedSessions);
  const secret = randomBytes(32);
  return async ({ cookie }) => {
    const text = readLongCookie(style, sessionCookie, parseCookies(cookie));
    if (text === undefined) return undefined;
    const digest = createHmac('sha256', secret).update(text).digest('base64');
    const session = known.peek(digest) ?? asSession(await keys.decrypt('session', text));
    if (session === undefined || isOver(session, limits, secondsOf(clock))) return undefined;
    if (ledger.isEnded(session) || !vouched(session)) return undefined;
    known.get(digest, () => session);
    return { session, digest };
  };
}

/**
 * Signs in by a browser's session. When the provider's word is old, the provider is asked again, once for all requests that come with the
 * same cookie; who it no longer knows is signed out. While it can't be asked, sessions go on for a quarter of an hour.
 */
export function browserSessions(read: ReadSession, options: SessionOptions): SignIn {
  const { clock, style } = options;
  const renewing = new ExpiringCache<Promise<Renewed>>(clock, renewedMs, rememberedSessions);
  return async ({ headers }) => {
    const held = parseCookies(headers['cookie']).has(style.secure ? `__Host-${sessionCookie}` : sessionCookie);
    if (!held) return undefined;
    const found = await read(headers);
    if (found === undefined) throw over();
    const now = secondsOf(clock);
    const { session, digest } = found;
    const identity = identityOfSession(session);
    if (now < session.fresh || session.refreshToken === undefined) {
      const due = now - session.seen >= Math.min(seenSeconds, options.limits.idleSeconds / 4);
      return due ? { ...identity, cookies: await cookiesOf({ ...session, seen: now }, options) } : identity;
    }
    const renewed = await renewing.get(digest, () => renew(session, options));
    if (renewed === 'over') throw over();
    if (renewed !== 'unknown') return { ...identityOfSession(renewed.session), cookies: renewed.cookies };
    if (now < session.fresh + graceSeconds) return identity;
    const message = 'the identity provider can not be asked whether this session is still good; try again';
    throw new RequestError(503, 'SERVER', message, { headers: { 'retry-after': '10' } });
  };
}

type Renewed = { session: Session; cookies: string[] } | 'over' | 'unknown';

async function renew(session: Session, options: SessionOptions): Promise<Renewed> {
  try {
    const renewed = await options.renew(session);
    if (renewed === 'over') return renewed;
    const seen = { ...renewed, seen: secondsOf(options.clock) };
    return { session: seen, cookies: await cookiesOf(seen, options) };
  } catch (error) {
    options.logger.warn('a session could not be renewed', { user: session.user, error });
    return 'unknown';
  }
}

function cookiesOf(session: Session, { keys, clock, style, limits }: SessionOptions): Promise<string[]> {
  return sessionCookies(session, limits, { keys, style, now: secondsOf(clock) });
}

const over = (): RequestError => new RequestError(401, 'USER', 'the session is over; sign in again');

export const secondsOf = (clock: Clock): number => Math.floor(clock.now().getTime() / 1000);
