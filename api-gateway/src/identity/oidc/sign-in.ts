import { hash, randomBytes } from 'node:crypto';
import type { Clock } from '@osmo/kube';
import { RequestError } from '../../http/errors.ts';
import { addressKey, rateLimit } from '../../http/rate-limit.ts';
import { ExpiringCache } from '../../system/expiring-cache.ts';
import { unauthenticated } from '../authenticator.ts';
import type { IssuerConfig } from '../config/auth-config.ts';
import type { Identity, SignIn } from '../identity.ts';
import { ClaimError, identityOf } from './claims.ts';
import { type Provider, ProviderError, type ProviderKeys } from './provider.ts';
import { issuerOf, TokenError, verifyToken } from './verify.ts';

/** How long a token that was good is not looked at again, as long as the issuer's keys stay the same; and how many are remembered. */
const believedMs = 5 * 60_000;
const rememberedTokens = 10_000;
/** Tokens to be verified that one address may bring: in the long run, and at once. Verifying takes a tenth of a millisecond. */
const verificationsPerSecond = 100;
const verificationBurst = 1_000;
const longestToken = 16_384;

/** An issuer with its provider. */
export interface Issuer {
  config: IssuerConfig;
  provider: Provider;
}

interface Known {
  identity: Identity;
  until: number;
  keys: ProviderKeys;
  provider: Provider;
}

/**
 * Signs in by `Authorization: Bearer` with a JWT of one of the issuers; every other token is somebody else's business. What was verified
 * is remembered under a salted hash of the token, until it ends or its issuer's keys change.
 */
export function oidcTokens(issuers: readonly Issuer[], clock: Clock): SignIn {
  const byUrl = new Map(issuers.map((issuer) => [issuer.config.issuer.url, issuer]));
  const known = new ExpiringCache<Known>(clock, believedMs, rememberedTokens);
  const tried = rateLimit(clock, verificationsPerSecond, verificationBurst, 'new tokens');
  // What it is for is that nobody can tell which tokens share a place; a hash in one call takes a tenth of an HMAC.
  const salt = randomBytes(32).toString('base64');
  return async ({ headers, remoteAddress, source }) => {
    const token = bearerOf(headers['authorization']);
    if (token === undefined) return undefined;
    const digest = hash('sha256', `${salt}${token}`, 'base64');
    const remembered = known.peek(digest);
    if (remembered !== undefined) {
      const { provider, keys, until, identity } = remembered;
      const same = provider.current(keys) || (await provider.keys()).version === keys.version;
      if (same && clock.now().getTime() < until) return identity;
      known.delete(digest);
    }
    const issuer = byUrl.get(issuerOf(token) ?? '');
    if (issuer === undefined) return undefined;
    tried.take(addressKey(source ?? remoteAddress ?? ''));
    const found = await verified(token, issuer, clock);
    known.set(digest, found);
    return found.identity;
  };
}

async function verified(token: string, { config, provider }: Issuer, clock: Clock): Promise<Known> {
  try {
    const { claims, until, keys } = await verifyToken(token, provider, config, clock);
    return { identity: identityOf(claims, config), until, keys, provider };
  } catch (error) {
    throw refusalOf(error);
  }
}

/** What a caller is told when a token of an identity provider isn't taken. */
export function refusalOf(error: unknown): unknown {
  if (error instanceof TokenError) return unauthenticated(`the bearer token is not valid: ${error.message}`);
  if (error instanceof ClaimError) return unauthenticated(`the bearer token can not be used here: ${error.message}`);
  if (error instanceof ProviderError)
    return new RequestError(503, 'SERVER', `${error.message}; try again, or tell an administrator`, {
      headers: { 'retry-after': '10' },
    });
  return error;
}

function bearerOf(authorization: string | string[] | undefined): string | undefined {
  if (typeof authorization !== 'string' || authorization.length > longestToken) return undefined;
  return /^bearer +([\w.-]+) *$/i.exec(authorization)?.[1];
}
