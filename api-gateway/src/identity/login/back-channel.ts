import { RequestError } from '../../http/errors.ts';
import { type Answer, type Call, type Operation, operation } from '../../http/operation.ts';
import { addressKey, type RateLimit } from '../../http/rate-limit.ts';
import { refusalOf } from '../oidc/sign-in.ts';
import { TokenError, verifyToken } from '../oidc/verify.ts';
import { ledgerKey } from '../session/ledger-content.ts';
import { secondsOf } from '../session/sign-in.ts';
import type { Login } from '../authentication.ts';
import { nameOf } from './attempts.ts';
import type { LoginDependencies } from './operations.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const longestToken = 16_384;
/** How old a logout may be when it arrives: one that is older could be somebody's copy. */
const oldestSeconds = 300;

/** OpenID Connect Back-Channel Logout 1.0: the provider says itself who was signed out there. */
export function backChannelOperation(dependencies: LoginDependencies, logouts: RateLimit): Operation {
  return operation({
    id: 'backChannelLogout',
    action: 'auth:Login',
    method: 'post',
    path: '/api/auth/browser/backchannel-logout',
    tag: 'System',
    summary: 'Ends the sessions of browsers that the identity provider has ended',
    description:
      'Is called by the identity provider (OpenID Connect Back-Channel Logout 1.0). The sessions are over at the next request, at every replica.',
    open: true,
    body: {
      form: { maxBytes: 2 * longestToken },
      schema: {
        type: 'object',
        properties: { logout_token: { type: 'string', maxLength: longestToken } },
        required: ['logout_token'],
      },
    },
    answer: { description: 'They are over.', schema: { type: 'object' } },
    handle: (call) => logout(call, dependencies, logouts),
  });
}

async function logout(
  { body, caller }: Pick<Call, 'body' | 'caller'>,
  { authentication, ledger, clock, logger }: LoginDependencies,
  logouts: RateLimit,
): Promise<Answer> {
  const { login, limits } = authentication;
  if (login?.browser === undefined)
    throw new RequestError(404, 'NOTFOUND', 'signing in by browser at an OpenID Connect provider is not set up here');
  logouts.take(addressKey(caller.request?.source ?? ''));
  const now = secondsOf(clock);
  let said: Logout;
  try {
    said = await verified((body as { logout_token: string }).logout_token, login, now, clock);
  } catch (error) {
    logger.warn('a logout by the identity provider was refused', {
      error: nameOf(error),
      requestId: caller.request?.id,
    });
    if (error instanceof TokenError)
      throw new RequestError(400, 'USER', `the logout token is not valid: ${error.message}`);
    throw refusalOf(error);
  }
  const url = login.config.issuer;
  const until = now + limits.lifetimeSeconds;
  // A session that is named is over for good; of a person, those that there are.
  const end =
    said.sid === undefined
      ? { keys: [ledgerKey('subject', url, said.subject ?? '')], at: now, until }
      : { keys: [ledgerKey('sid', url, said.sid)], at: until, until };
  const skew = login.issuer.config.clockSkewSeconds ?? 60;
  // One that comes again changes nothing: what began since then goes on.
  const use = { key: ledgerKey('logout', url, said.id), until: said.issued + oldestSeconds + 2 * skew + 1 };
  await ledger.change({ use, end });
  return { json: {} };
}

interface Logout {
  id: string;
  issued: number;
  sid: string | undefined;
  subject: string | undefined;
}

/** What a logout token says (2.4 and 2.6 of the specification). @throws TokenError, ProviderError */
async function verified(
  token: string,
  { issuer: { config, provider }, config: { browser } }: Login,
  now: number,
  clock: LoginDependencies['clock'],
): Promise<Logout> {
  const own = { ...config, issuer: { ...config.issuer, audiences: [browser?.clientId ?? ''] } };
  const { claims } = await verifyToken(token, provider, own, clock, ['iat', 'jti']);
  const { iat = 0, jti = '', sub, sid, events, nonce } = claims;
  const skew = config.clockSkewSeconds ?? 60;
  if (nonce !== undefined) throw new TokenError('it has a nonce, which only tokens of logins have');
  const happened =
    typeof events === 'object' && events !== null ? (events as Record<string, unknown>)[logoutEvent] : undefined;
  if (typeof happened !== 'object' || happened === null) throw new TokenError('it tells of no logout (events)');
  if (iat < now - oldestSeconds - skew) throw new TokenError('it is too old (iat)');
  const [sessionId, subject] = [sid, sub].map((each) => (typeof each === 'string' && each !== '' ? each : undefined));
  if (sessionId === undefined && subject === undefined)
    throw new TokenError('it names neither a session (sid) nor a user (sub)');
  return { id: jti, issued: iat, sid: sessionId, subject };
}
