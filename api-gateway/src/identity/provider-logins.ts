import type { Clock, Logger } from '@osmo/kube';
import type { Operation } from '../http/operation.ts';
import { type Authentication, cookieStyle } from './authentication.ts';
import type { SignIn } from './identity.ts';
import type { GatewayKeys } from './keys/gateway-keys.ts';
import { loginOperations } from './login/operations.ts';
import { oidcTokens } from './oidc/sign-in.ts';
import type { Ledger } from './session/ledger.ts';
import { browserSessions, type SessionOptions, sessionReader } from './session/sign-in.ts';

interface ProviderLoginsOptions {
  authentication: Authentication;
  keys: GatewayKeys;
  clock: Clock;
  logger: Logger;
  publicUrl?: string | undefined;
  dev: boolean;
  /** Which logins were used and which sessions ended. */
  ledger: Ledger;
}

/** The ways in by identity providers: their tokens, sessions of browsers, and the operations by which those begin and end. */
export function providerLogins(options: ProviderLoginsOptions): {
  tokens: SignIn;
  sessions: SignIn;
  operations: Operation[];
} {
  const { authentication, keys, clock, logger, publicUrl, ledger } = options;
  const { login, saml, limits } = authentication;
  const style = cookieStyle(publicUrl);
  const sessions: SessionOptions = {
    ...{ keys, clock, logger, style, limits, ledger },
    vouched: ({ via, provider }) => via !== 'saml' || saml.some(({ config }) => config.entityID === provider),
    // A session of a provider that isn't configured any more has nobody to vouch for it.
    renew: async (session) => login?.browser?.renew(session) ?? 'over',
  };
  const read = sessionReader(sessions);
  return {
    tokens: oidcTokens(authentication.issuers, clock),
    sessions: browserSessions(read, sessions),
    operations: loginOperations({ ...options, style, read }),
  };
}
