import type { Answer, Call } from '../../http/operation.ts';
import { cookieName, parseCookies, setCookie } from '../session/cookies.ts';
import { type Session, sessionCookies } from '../session/session.ts';
import { secondsOf } from '../session/sign-in.ts';
import { attemptCookie, nameOf } from './attempts.ts';
import type { LoginDependencies } from './operations.ts';
import { problemPage } from './page.ts';

/** How a browser comes back from an identity provider. */
export interface Return<Attempt> {
  /** What its cookie was encrypted for; that of SAML must come with a POST from the provider's page. */
  kind: 'login' | 'saml';
  /** What the provider sent back to tell logins apart. */
  state: string;
  /** The attempt in what the cookie holds, if it is the one of this return. */
  attemptIn: (content: unknown) => Attempt | undefined;
  /** Where to begin anew. */
  again: string;
  /** The session that comes of it. @throws whatever `refusal` knows */
  sessionOf: (attempt: Attempt) => Promise<Session>;
  /** What a person is told: nothing of what others sent. */
  refusal: (error: unknown) => { text: string; status: number };
  /** What the log says of it beside the failure. */
  told?: Readonly<Record<string, string>>;
}

/** Ends the login that was begun in this browser: with a session, or with a page that says why there is none. Its cookie goes either way. */
export async function endLogin<Attempt extends { returnTo: string }>(
  { headers, caller }: Pick<Call, 'headers' | 'caller'>,
  { keys, clock, style, logger, authentication }: LoginDependencies,
  { kind, state, attemptIn, again, sessionOf, refusal, told }: Return<Attempt>,
): Promise<Answer> {
  const name = attemptCookie(state);
  const held = parseCookies(headers['cookie']).get(cookieName(style, name));
  const attempt = held === undefined ? undefined : attemptIn(await keys.decrypt(kind, held));
  // What nobody asked for here has no attempt either: an identity provider can't begin a login by itself.
  if (attempt === undefined)
    return problemPage('This login was not begun in this browser, or it took longer than ten minutes.', again, 400);
  const gone = setCookie(style, name, '', 0, kind === 'saml' ? 'cross-site' : 'same-site');
  try {
    const session = await sessionOf(attempt);
    const cookies = await sessionCookies(session, authentication.limits, { keys, style, now: secondsOf(clock) });
    return { redirect: attempt.returnTo, headers: { 'set-cookie': [gone, ...cookies] } };
  } catch (error) {
    const requestId = caller.request?.id;
    logger.warn('a login at the identity provider failed', { ...told, error: nameOf(error), requestId });
    const { text, status } = refusal(error);
    const page = problemPage(text, again, status);
    return { ...page, headers: { ...page.headers, 'set-cookie': [gone] } };
  }
}

/** An object whose fields of these names are texts; undefined for anything else. */
export function textsIn<T>(content: unknown, names: readonly (keyof T & string)[]): T | undefined {
  if (typeof content !== 'object' || content === null) return undefined;
  const fields = content as Record<string, unknown>;
  return names.every((name) => typeof fields[name] === 'string') ? (content as T) : undefined;
}
