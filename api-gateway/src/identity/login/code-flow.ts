import { readFile } from 'node:fs/promises';
import type { Clock, Logger } from '@osmo/kube';
import {
  allowInsecureRequests,
  authorizationCodeGrantRequest,
  type Client,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  calculatePKCECodeChallenge,
  customFetch,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  None,
  processAuthorizationCodeResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  ResponseBodyError,
  revocationRequest,
  type TokenEndpointResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import type { LoginConfig } from '../config/auth-config.ts';
import type { Identity } from '../identity.ts';
import { identityOf } from '../oidc/claims.ts';
import type { Issuer } from '../oidc/sign-in.ts';
import { verifyToken } from '../oidc/verify.ts';
import { beginSession, type Session } from '../session/session.ts';

/** Seconds for which a provider's word is believed: what it says itself, within these. */
const shortestWord = 60;
const longestWord = 3600;
/** A longer name of a session isn't kept: it has to fit in a cookie. */
const longestSid = 256;

/** What must be the same at the end of a login as at its beginning. */
export interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
}

export interface CodeFlowOptions {
  issuer: Issuer;
  browser: NonNullable<LoginConfig['browser']>;
  /** Of this gateway, as it is registered at the provider. */
  redirectUri: string;
  /** Where a browser goes when the provider has signed it out. */
  afterLogout: string;
  clock: Clock;
  logger: Logger;
}

/** Signs people in at an OpenID provider by authorization code, PKCE, state and nonce, and keeps asking it about them. */
export class CodeFlow {
  readonly #options: CodeFlowOptions;
  readonly #client: Client;

  constructor(options: CodeFlowOptions) {
    this.#options = options;
    const tolerance = options.issuer.config.clockSkewSeconds ?? 60;
    this.#client = { client_id: options.browser.clientId, [clockTolerance]: tolerance };
  }

  /** Where to send a browser, and what to keep until it comes back. @throws ProviderError */
  async begin(returnTo: string): Promise<{ location: string; attempt: Attempt }> {
    const { issuer, browser, redirectUri } = this.#options;
    const { authorization_endpoint: endpoint } = await issuer.provider.metadata();
    if (endpoint === undefined) throw new Error('the provider names no authorization_endpoint');
    const [state, nonce, verifier] = [generateRandomState(), generateRandomNonce(), generateRandomCodeVerifier()];
    const location = new URL(endpoint);
    const parameters = {
      ...browser.parameters,
      client_id: browser.clientId,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: (browser.scopes ?? ['openid', 'profile', 'email']).join(' '),
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(parameters)) location.searchParams.set(name, value);
    return { location: location.href, attempt: { state, nonce, verifier, returnTo } };
  }

  /**
   * The session that comes of what a browser brings back.
   *
   * @throws AuthorizationResponseError, ResponseBodyError and others of oauth4webapi; TokenError, ClaimError, ProviderError
   */
  async finish(query: URLSearchParams, attempt: Attempt): Promise<Session> {
    const { issuer, redirectUri } = this.#options;
    const metadata = await issuer.provider.metadata();
    const parameters = validateAuthResponse(metadata, this.#client, query, attempt.state);
    const response = await authorizationCodeGrantRequest(
      metadata,
      this.#client,
      await this.#authentication(),
      parameters,
      redirectUri,
      attempt.verifier,
      this.#calls(),
    );
    const tokens = await processAuthorizationCodeResponse(metadata, this.#client, response, {
      expectedNonce: attempt.nonce,
      requireIdToken: true,
    });
    const { identity, subject, sid } = await this.#identity(tokens.id_token ?? '');
    const now = this.#now();
    const how = { subject, via: 'oidc', provider: issuer.config.issuer.url, ...(sid !== undefined && { sid }) };
    return beginSession(identity, { ...how, fresh: now + wordSeconds(tokens), ...kept(tokens) }, now);
  }

  /** What the provider says of a session now. @throws when it can't be asked */
  async renew(session: Session): Promise<Session | 'over'> {
    const { issuer } = this.#options;
    const metadata = await issuer.provider.metadata();
    const authentication = await this.#authentication();
    const { refreshToken = '' } = session;
    const response = await refreshTokenGrantRequest(
      metadata,
      this.#client,
      authentication,
      refreshToken,
      this.#calls(),
    );
    let tokens: TokenEndpointResponse;
    try {
      tokens = await processRefreshTokenResponse(metadata, this.#client, response);
    } catch (error) {
      // Signed out, disabled or forgotten there; every other failure is not about this session.
      if (error instanceof ResponseBodyError && error.error === 'invalid_grant') return 'over';
      throw error;
    }
    const fresh = this.#now() + wordSeconds(tokens);
    if (tokens.id_token === undefined) return { ...session, fresh, ...kept(tokens) };
    const { identity, subject } = await this.#identity(tokens.id_token);
    if (subject !== session.subject) return 'over';
    const { user, groups, email } = identity;
    const { email: _former, ...rest } = session;
    return { ...rest, user, groups, ...(email !== undefined && { email }), fresh, ...kept(tokens) };
  }

  /** Takes the session away at the provider, and says where a browser is to go for the same; undefined: nowhere. */
  async end(session: Session | undefined): Promise<string | undefined> {
    const { issuer, browser, afterLogout, logger } = this.#options;
    const metadata = await issuer.provider.metadata();
    if (session?.refreshToken !== undefined && metadata.revocation_endpoint !== undefined) {
      const authentication = await this.#authentication();
      try {
        await revocationRequest(metadata, this.#client, authentication, session.refreshToken, this.#calls());
      } catch (error) {
        logger.warn('a session could not be revoked at its provider', { user: session.user, error });
      }
    }
    if (metadata.end_session_endpoint === undefined) return undefined;
    const location = new URL(metadata.end_session_endpoint);
    location.searchParams.set('client_id', browser.clientId);
    location.searchParams.set('post_logout_redirect_uri', afterLogout);
    if (session?.idToken !== undefined) location.searchParams.set('id_token_hint', session.idToken);
    return location.href;
  }

  /** Who an ID token is about. Its signature is checked although it came straight from the provider. */
  async #identity(idToken: string): Promise<{ identity: Identity; subject: string; sid: string | undefined }> {
    const { issuer, browser, clock } = this.#options;
    const { config, provider } = issuer;
    const own = { ...config, issuer: { ...config.issuer, audiences: [browser.clientId] } };
    const { claims } = await verifyToken(idToken, provider, own, clock);
    const { sid } = claims;
    const known = typeof sid === 'string' && sid.length <= longestSid ? sid : undefined;
    return { identity: identityOf(claims, config), subject: claims.sub ?? '', sid: known };
  }

  /** The secret is read each time: it may have been changed. */
  async #authentication(): Promise<ClientAuth> {
    const { browser, issuer } = this.#options;
    if (browser.clientSecretFile === undefined) return None();
    const secret = (await readFile(browser.clientSecretFile, 'utf8')).trim();
    const { token_endpoint_auth_methods_supported: methods } = await issuer.provider.metadata();
    const basic = methods === undefined || methods.includes('client_secret_basic');
    return basic ? ClientSecretBasic(secret) : ClientSecretPost(secret);
  }

  #calls(): { [customFetch]: (url: string, init: object) => Promise<Response>; [allowInsecureRequests]: boolean } {
    const { provider } = this.#options.issuer;
    return { [customFetch]: (url, init) => provider.fetch(url, init), [allowInsecureRequests]: provider.allowHttp };
  }

  #now(): number {
    return Math.floor(this.#options.clock.now().getTime() / 1000);
  }
}

function wordSeconds({ expires_in: seconds = longestWord }: TokenEndpointResponse): number {
  return Math.min(Math.max(seconds, shortestWord), longestWord);
}

function kept({ refresh_token: refreshToken, id_token: idToken }: TokenEndpointResponse): Partial<Session> {
  return { ...(refreshToken !== undefined && { refreshToken }), ...(idToken !== undefined && { idToken }) };
}
