import { notFound, RequestError } from '../../http/errors.ts';
import { type Answer, type Call, type Operation, operation } from '../../http/operation.ts';
import { addressKey, type RateLimit } from '../../http/rate-limit.ts';
import { attemptCookie, attemptSeconds, sameText } from '../login/attempts.ts';
import { endLogin, textsIn } from '../login/end-login.ts';
import type { LoginDependencies } from '../login/operations.ts';
import { returnPath } from '../login/return-path.ts';
import { ClaimError } from '../oidc/claims.ts';
import { setCookie } from '../session/cookies.ts';
import { ledgerKey } from '../session/ledger-content.ts';
import { secondsOf } from '../session/sign-in.ts';
import { SamlError } from './saml-error.ts';
import type { SamlAttempt, ServiceProvider } from './service-provider.ts';

/** Letters of a response, and bytes of the form that holds it: each of its letters may take three there. */
const longestResponse = 256 << 10;
const longestForm = 3 * longestResponse + (8 << 10);

/** The way of browsers to SAML identity providers and back. */
export function samlOperations(dependencies: LoginDependencies, logins: RateLimit): Operation[] {
  return [
    operation({
      id: 'samlMetadata',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/saml/{name}/metadata',
      tag: 'System',
      summary: 'Says what a SAML identity provider has to know of this gateway',
      open: true,
      answer: { description: 'SAML 2.0 metadata of a service provider.', type: 'application/samlmetadata+xml' },
      handle: ({ params }) => ({
        text: providerOf(params['name'], dependencies).metadata(),
        type: 'application/samlmetadata+xml',
      }),
    }),
    operation({
      id: 'samlLogin',
      action: 'auth:Login',
      method: 'get',
      path: '/api/auth/saml/{name}/login',
      tag: 'System',
      summary: 'Sends a browser to sign in at a SAML identity provider',
      open: true,
      parameters: { return: { type: 'text', description: 'Path of the gateway to go on at.', maxLength: 1024 } },
      answer: { description: 'An address to go on at (303).' },
      handle: (call) => begin(call, call.query.return, dependencies, logins),
    }),
    operation({
      id: 'samlResponse',
      action: 'auth:Login',
      method: 'post',
      path: '/api/auth/saml/{name}/acs',
      tag: 'System',
      summary: 'Takes a browser back from a SAML identity provider',
      description:
        'The assertion consumer service, with the POST binding. Only what answers a login that was begun in this browser is taken.',
      open: true,
      body: {
        form: { maxBytes: longestForm },
        schema: {
          type: 'object',
          properties: {
            SAMLResponse: { type: 'string', maxLength: longestResponse },
            RelayState: { type: 'string', maxLength: 256 },
          },
          required: ['SAMLResponse'],
        },
      },
      answer: { description: 'The page to go on at (303), or one that says what is wrong.', type: 'text/html' },
      handle: (call) => finish(call, dependencies, logins),
    }),
  ];
}

type Request = Pick<Call, 'headers' | 'caller' | 'params'>;

function providerOf(name: string | undefined, { authentication }: LoginDependencies): ServiceProvider {
  const found = authentication.saml.find(({ config }) => config.name === name);
  if (found !== undefined) return found;
  throw notFound(
    'there is no such SAML identity provider; an administrator can set one up in saml of the auth configuration',
  );
}

async function begin(
  call: Request,
  wanted: string | undefined,
  dependencies: LoginDependencies,
  logins: RateLimit,
): Promise<Answer> {
  const provider = providerOf(call.params['name'], dependencies);
  logins.take(addressKey(call.caller.request?.source ?? ''));
  const { keys, style, publicUrl = '' } = dependencies;
  const { location, attempt } = await provider.begin(returnPath(wanted, publicUrl));
  const sealed = await keys.encrypt('saml', attempt, attemptSeconds);
  // It must come back with a POST from the provider's page.
  const cookie = setCookie(style, attemptCookie(attempt.relayState), sealed, attemptSeconds, 'cross-site');
  return { redirect: location, headers: { 'set-cookie': cookie } };
}

async function finish(
  call: Request & { body: unknown },
  dependencies: LoginDependencies,
  logins: RateLimit,
): Promise<Answer> {
  const provider = providerOf(call.params['name'], dependencies);
  logins.take(addressKey(call.caller.request?.source ?? ''));
  const { clock, ledger, publicUrl = '' } = dependencies;
  const { name } = provider.config;
  const { SAMLResponse: response, RelayState: state = '' } = call.body as { SAMLResponse: string; RelayState?: string };
  return endLogin<SamlAttempt>(call, dependencies, {
    kind: 'saml',
    state,
    attemptIn(content) {
      const attempt = textsIn<SamlAttempt>(content, ['provider', 'requestId', 'relayState', 'returnTo']);
      return attempt !== undefined && sameText(attempt.relayState, state) && attempt.provider === name
        ? attempt
        : undefined;
    },
    again: `${publicUrl}/api/auth/saml/${name}/login`,
    async sessionOf(attempt) {
      const session = await provider.finish(response, attempt);
      // For as long as the attempt's cookie could be worth something; after that nothing of it is.
      const use = { key: ledgerKey('saml', attempt.requestId), until: secondsOf(clock) + attemptSeconds };
      if ((await ledger.change({ use })) === 'used') throw new SamlError('it was used before; sign in again');
      return session;
    },
    refusal: (error) => ({ text: textOf(error), status: error instanceof RequestError ? error.status : 403 }),
    told: { provider: name },
  });
}

/** What a person is told: nothing of what others sent. */
function textOf(error: unknown): string {
  if (error instanceof SamlError) return `What the identity provider sent is not taken: ${error.message}.`;
  if (error instanceof ClaimError || error instanceof RangeError) return `${error.message}.`;
  if (error instanceof RequestError) return error.message;
  return 'What the identity provider sent could not be verified.';
}
