import type { Clock } from '@osmo/kube';
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { IssuerConfig } from '../config/auth-config.ts';
import type { Provider, ProviderKeys } from './provider.ts';

/** A token that isn't good; the message says why, and nothing of what is in it. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Algorithms where an issuer's configuration names none: what providers use by default. */
const usualAlgorithms = ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519'];
const usualSkewSeconds = 60;

/** A token that is good, and until when. */
export interface Verified {
  claims: JWTPayload;
  /** When it isn't any more, ms since 1970, the skew included. */
  until: number;
  keys: ProviderKeys;
}

/**
 * Whether a JWT is good: signed by a key of the issuer, with one of its algorithms, by this issuer, for one of the audiences, with an end
 * in the future, not before its time. A key that isn't known is asked for once.
 *
 * @param requiredClaims what must be there; an end that is there must not be past in any case
 * @throws TokenError; ProviderError when the keys can't be had
 */
export async function verifyToken(
  token: string,
  provider: Provider,
  { issuer, algorithms = usualAlgorithms, clockSkewSeconds = usualSkewSeconds }: IssuerConfig,
  clock: Clock,
  requiredClaims: readonly string[] = ['exp'],
): Promise<Verified> {
  const options = {
    issuer: issuer.url,
    audience: [...issuer.audiences],
    algorithms: [...algorithms],
    clockTolerance: clockSkewSeconds,
    currentDate: clock.now(),
    requiredClaims: [...requiredClaims],
  };
  const keys = await provider.keys();
  try {
    let used = keys;
    const verified = await jwtVerify(token, keys.resolve, options).catch(async (error: unknown) => {
      const newer = error instanceof errors.JWKSNoMatchingKey ? await provider.newerKeys(keys) : undefined;
      if (newer === undefined) throw error;
      used = newer;
      return jwtVerify(token, newer.resolve, options);
    });
    const { payload } = verified;
    const now = clock.now().getTime();
    if (payload.iat !== undefined && payload.iat * 1000 > now + clockSkewSeconds * 1000)
      throw new TokenError('it was issued in the future; are the clocks right?');
    return { claims: payload, until: ((payload.exp ?? 0) + clockSkewSeconds) * 1000, keys: used };
  } catch (error) {
    throw tokenErrorOf(error);
  }
}

/** Who issued a text that looks like a JWT, by its own word; undefined for any other text. */
export function issuerOf(token: string): string | undefined {
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
  try {
    const { iss } = decodeJwt(token);
    return typeof iss === 'string' ? iss : undefined;
  } catch {
    return undefined;
  }
}

function tokenErrorOf(error: unknown): Error {
  if (error instanceof TokenError) return error;
  if (error instanceof errors.JWTExpired) return new TokenError('it has ended; sign in again');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim, reason } = error;
    if (claim === 'aud') return new TokenError('it is for somebody else (aud)');
    if (claim === 'nbf') return new TokenError('it is not valid yet (nbf); are the clocks right?');
    return new TokenError(
      `its claim ${JSON.stringify(claim)} is ${reason === 'missing' ? 'missing' : 'not as it must be'}`,
    );
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenError('its algorithm is not taken from this issuer');
  if (error instanceof errors.JWKSNoMatchingKey) return new TokenError('its issuer has no such key');
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return new TokenError('it does not say by which of its issuer’s keys it is signed');
  return new TokenError('it is malformed, or its signature is wrong');
}
