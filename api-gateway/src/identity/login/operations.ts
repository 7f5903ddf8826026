import type { Clock, Logger } from '@osmo/kube';
import { AuthorizationResponseError } from 'oauth4webapi';
import { notFound, RequestError } from '../../http/errors.ts';
import { type Answer, type Call, type Operation, operation } from '../../http/operation.ts';
import { addressKey, type RateLimit, rateLimit } from '../../http/rate-limit.ts';
import type { Authentication } from '../authentication.ts';
import type { GatewayKeys } from '../keys/gateway-keys.ts';
import { ClaimError } from '../oidc/claims.ts';
import { ProviderError } from '../oidc/provider.ts';
import { refusalOf } from '../oidc/sign-in.ts';
import { clearLongCookie, type CookieStyle, parseCookies, setCookie } from '../session/cookies.ts';
import { demandSameOrigin } from '../session/same-origin.ts';
import { samlOperations } from '../saml/operations.ts';
import type { Ledger } from '../session/ledger.ts';
import { ledgerKey } from '../session/ledger-content.ts';
import { sessionCookie } from '../session/session.ts';
import { type ReadSession, secondsOf } from '../session/sign-in.ts';
import { attemptCookie, attemptSeconds, nameOf, sameText } from './attempts.ts';
import { backChannelOperation } from './back-channel.ts';
import type { Attempt, CodeFlow } from './code-flow.ts';
import { endLogin, textsIn } from './end-login.ts';
import { loginInfo, loginInfoSchema } from './login-info.ts';
import { returnPath } from './return-path.ts';

/** Logins that may begin or end at one address: in the long run, and at once. */
const loginsPerSecond = 5;
const loginBurst = 50;

export interface LoginDependencies {
  authentication: Authentication;
  keys: GatewayKeys;
  clock: Clock;
  logger: Logger;
  publicUrl?: string | undefined;
  style: CookieStyle;
  dev: boolean;
  /** Reads the session of a request. */
  read: ReadSession;
  /** Which logins were used and which sessions ended. */
  ledger: Pick<Ledger, 'change'>;
}

/** How people sign in: what clients are told, and the way of browsers there and back. */
export function loginOperations(dependencies: LoginDependencies): Operation[] {
  const { authentication, keys, clock, dev } = dependencies;
  const logins = rateLimit(clock, loginsPerSecond, loginBurst, 'logins');
  return [
    operation({
      id: 'getLogin',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/login',
      tag: 'System',
      summary: 'Says how to sign in',
      description:
        'Endpoints of the identity provider for command lines, empty where there are none. `methods` says what is possible: `token`, a bearer ' +
        'token in Authorization; `dev`, a name in x-osmo-user from this machine; `pkce`, `code` and `password` at the identity provider; ' +
        '`browser`, at /api/auth/browser/login.',
      open: true,
      answer: { description: 'Ways to sign in.', schema: loginInfoSchema },
      async handle() {
        try {
          return { json: await loginInfo(authentication, dev) };
        } catch (error) {
          throw refusalOf(error);
        }
      },
    }),
    operation({
      id: 'getKeys',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/keys',
      tag: 'System',
      summary: 'Reads the public keys of the tokens that the gateway issues',
      open: true,
      answer: { description: 'A JWKS (RFC 7517).', schema: { type: 'object', required: ['keys'] } },
      handle: () => ({ json: keys.jwks() }),
    }),
    operation({
      id: 'browserLogin',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/browser/login',
      tag: 'System',
      summary: 'Sends a browser to sign in at the identity provider',
      open: true,
      parameters: { return: { type: 'text', description: 'Path of the gateway to go on at.', maxLength: 1024 } },
      answer: { description: 'An address to go on at (303).' },
      handle: (call) => begin(call, call.query.return, dependencies, logins),
    }),
    operation({
      id: 'browserCallback',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/browser/callback',
      tag: 'System',
      summary: 'Takes a browser back from the identity provider',
      open: true,
      parameters: Object.fromEntries(
        ['code', 'state', 'iss', 'session_state', 'error', 'error_description', 'error_uri'].map((name) => [
          name,
          { type: 'text', description: 'As OpenID Connect has it.', maxLength: 8192 } as const,
        ]),
      ),
      answer: { description: 'The page to go on at (303), or one that says what is wrong.', type: 'text/html' },
      handle: (call) => finish(call, dependencies, logins),
    }),
    operation({
      id: 'browserLogout',
      action: 'auth:Login',
      method: 'post',
      path: '/api/auth/browser/logout',
      tag: 'System',
      summary: 'Ends a browser’s session, here and at the identity provider',
      description: 'Answers with the address to go on at: as a redirect, or as `url` for those who accept JSON alone.',
      open: true,
      answer: { description: 'An address to go on at (303).', schema: { type: 'object' } },
      handle: (call) => end(call, dependencies),
    }),
    backChannelOperation(dependencies, logins),
    ...samlOperations(dependencies, logins),
  ];
}

type Request = Pick<Call, 'headers' | 'caller'>;

function flowOf({ authentication }: LoginDependencies): CodeFlow {
  const flow = authentication.login?.browser;
  if (flow !== undefined) return flow;
  throw notFound(
    'signing in by browser is not set up here; an administrator can do so with login.browser of the auth configuration',
  );
}

function throttle(logins: RateLimit, { caller }: Request): void {
  logins.take(addressKey(caller.request?.source ?? ''));
}

async function begin(
  call: Request,
  wanted: string | undefined,
  dependencies: LoginDependencies,
  logins: RateLimit,
): Promise<Answer> {
  const { keys, style, publicUrl = '', authentication } = dependencies;
  const [only, ...others] = authentication.saml;
  if (authentication.login?.browser === undefined && only !== undefined && others.length === 0) {
    const on = new URLSearchParams({ return: returnPath(wanted, publicUrl) });
    return { redirect: `${publicUrl}/api/auth/saml/${only.config.name}/login?${on.toString()}` };
  }
  const flow = flowOf(dependencies);
  throttle(logins, call);
  try {
    const { location, attempt } = await flow.begin(returnPath(wanted, publicUrl));
    const sealed = await keys.encrypt('login', attempt, attemptSeconds);
    const cookie = setCookie(style, attemptCookie(attempt.state), sealed, attemptSeconds);
    return { redirect: location, headers: { 'set-cookie': cookie } };
  } catch (error) {
    throw refusalOf(error);
  }
}

async function finish(
  call: Request & { query: Readonly<Record<string, unknown>> },
  dependencies: LoginDependencies,
  logins: RateLimit,
): Promise<Answer> {
  const flow = flowOf(dependencies);
  throttle(logins, call);
  const query = new URLSearchParams(
    Object.entries(call.query).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
  const state = query.get('state') ?? '';
  return endLogin<Attempt>(call, dependencies, {
    kind: 'login',
    state,
    attemptIn(content) {
      const attempt = textsIn<Attempt>(content, ['state', 'nonce', 'verifier', 'returnTo']);
      return attempt !== undefined && sameText(attempt.state, state) ? attempt : undefined;
    },
    again: `${dependencies.publicUrl ?? ''}/api/auth/browser/login`,
    sessionOf: (attempt) => flow.finish(query, attempt),
    refusal: (error) => ({ text: textOf(error), status: error instanceof ProviderError ? 503 : 403 }),
  });
}

async function end({ headers }: Request, dependencies: LoginDependencies): Promise<Answer> {
  const { style, publicUrl = '', read, logger, authentication, ledger, clock } = dependencies;
  const flow = authentication.saml.length > 0 ? authentication.login?.browser : flowOf(dependencies);
  demandSameOrigin(headers, publicUrl);
  const session = (await read(headers))?.session;
  let url = `${publicUrl}/`;
  try {
    if (session !== undefined) {
      const until = secondsOf(clock) + authentication.limits.lifetimeSeconds;
      // So that no copy of the cookie is worth anything.
      await ledger.change({ end: { keys: [ledgerKey('session', session.id)], at: until, until } });
    }
  } catch (error) {
    logger.warn('a logout was not written down: copies of its cookie go on', { error: nameOf(error) });
  }
  try {
    if (session?.via !== 'saml') url = (await flow?.end(session)) ?? url;
  } catch (error) {
    // Here it ends whatever the provider says.
    logger.warn('the identity provider was not told of a logout', { error: nameOf(error) });
  }
  const cookies = clearLongCookie(style, sessionCookie, parseCookies(headers['cookie']));
  const cleared = { 'set-cookie': cookies };
  const wantsJson = headers['accept'] === 'application/json';
  return wantsJson ? { json: { url }, headers: cleared } : { redirect: url, headers: cleared };
}

/** What a person is told: nothing of what others sent but the code of a refusal, which is a word. */
function textOf(error: unknown): string {
  if (error instanceof AuthorizationResponseError) {
    const code = /^[\w.-]{1,64}$/.test(error.error) ? error.error : 'an error';
    return code === 'access_denied' ? 'The login was given up or refused.' : `The identity provider answered ${code}.`;
  }
  if (error instanceof ProviderError || error instanceof ClaimError || error instanceof RangeError)
    return `${error.message}.`;
  if (error instanceof RequestError) return error.message;
  return 'What the identity provider sent could not be verified.';
}
