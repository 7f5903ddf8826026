import { createHash } from 'node:crypto';
import type { AccessToken } from '@osmo/crds';
import type { Clock } from '@osmo/kube';
import { actingAs } from '../access-tokens/acting.ts';
import type { TokenFinder } from '../access-tokens/find.ts';
import type { LastUsed } from '../access-tokens/last-used.ts';
import { hashOf, isSecret } from '../access-tokens/secret.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';
import { unauthenticated } from './authenticator.ts';
import type { Identity, SignIn } from './identity.ts';
import { type GatewayKeys, ownIssuer } from './keys/gateway-keys.ts';
import { bearerToken } from './token-review.ts';

/** Life of the JWT that a token is exchanged for, seconds; upstream's. */
export const jwtSeconds = 300;
/** Signatures that are remembered as right. Whether the token still is good is asked at every request. */
const rememberedJwts = 10_000;

/** What the JWT of an access token says. */
export interface TokenClaims {
  /** Name and UID of the AccessToken object. */
  osmo_token_object: string;
  osmo_token_uid: string;
}

export interface AccessTokenSignIn {
  finder: TokenFinder;
  keys: Pick<GatewayKeys, 'verify'>;
  lastUsed: Pick<LastUsed, 'note'>;
  clock: Clock;
}

/**
 * Signs in by `Authorization: Bearer` with an access token, or with the JWT that it was exchanged for. The JWT is no more
 * than a reference: what the token may do, and whether it is there at all, is read at every request.
 */
export function accessTokens({ finder, keys, lastUsed, clock }: AccessTokenSignIn): SignIn {
  const verified = new ExpiringCache<Promise<TokenClaims | undefined>>(clock, jwtSeconds * 1000, rememberedJwts);
  const verify = async (jwt: string): Promise<TokenClaims | undefined> => {
    const claims = await keys.verify(jwt);
    return isTokenClaims(claims) ? claims : undefined;
  };
  const claimsOf = async (jwt: string): Promise<TokenClaims | undefined> => {
    const { exp } = payloadOf(jwt) ?? {};
    if (typeof exp !== 'number' || exp * 1000 <= clock.now().getTime()) return undefined;
    const digest = createHash('sha256').update(jwt).digest('base64');
    const claims = await verified.get(digest, () => verify(jwt));
    // What is wrong is not kept: it may be somebody who guesses.
    if (claims === undefined) verified.delete(digest);
    return claims;
  };
  return async (claims) => {
    const bearer = bearerToken(claims);
    if (bearer === undefined) return undefined;
    const from = claims.source ?? claims.remoteAddress;
    let token: AccessToken | undefined;
    if (isSecret(bearer)) {
      token = await finder.byHash(hashOf(bearer), from);
    } else if (payloadOf(bearer)?.['iss'] === ownIssuer) {
      const said = await claimsOf(bearer);
      if (said === undefined) throw unauthenticated('the token has ended, or is not one of this gateway');
      token = await finder.byName(said.osmo_token_object, said.osmo_token_uid, from);
    } else {
      return undefined;
    }
    return signedIn({ finder, lastUsed, clock }, token, from);
  };
}

/**
 * Who the bearer of an access token is.
 *
 * @throws RequestError 401 when there is no such token, or it isn't good any more
 */
export async function signedIn(
  { finder, lastUsed, clock }: Omit<AccessTokenSignIn, 'keys'>,
  token: AccessToken | undefined,
  from: string | undefined,
): Promise<Identity> {
  const acting = token && actingAs(token, await finder.userOf(token, from), clock.now());
  if (token === undefined || acting === undefined) {
    throw unauthenticated('the access token is not valid here, or was revoked; make a new one with "osmo token set"');
  }
  if ('refusal' in acting) throw unauthenticated(acting.refusal);
  lastUsed.note(token);
  return acting;
}

function isTokenClaims(
  claims: Readonly<Record<string, unknown>> | undefined,
): claims is Readonly<Record<string, unknown>> & TokenClaims {
  return typeof claims?.['osmo_token_object'] === 'string' && typeof claims['osmo_token_uid'] === 'string';
}

/** What a JWT says, whoever made it; undefined for what is none. */
function payloadOf(jwt: string): Record<string, unknown> | undefined {
  const parts = jwt.split('.');
  if (parts.length !== 3) return undefined;
  try {
    const payload: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
