import { createHmac, randomBytes } from 'node:crypto';
import type { Clock, KubeClient } from '@osmo/kube';
import { RequestError } from '../http/errors.ts';
import { addressKey, rateLimit } from '../http/rate-limit.ts';
import { TokenReviews } from '../kinds.ts';
import { ExpiringCache } from '../system/expiring-cache.ts';
import { unauthenticated } from './authenticator.ts';
import type { Claims, Identity, SignIn } from './identity.ts';

/** How long the apiserver's word about a token is believed; a revoked one works for so much longer. */
const believedMs = 10_000;
/** Tokens that are remembered. */
const rememberedTokens = 10_000;
/** Tokens not known to be good that one address may bring: in the long run, and at once. */
const reviewsPerSecond = 10;
const reviewBurst = 100;
/** How long a token that was good isn't counted: behind one proxy, those who guess don't keep out those who work. */
const trustedMs = 3_600_000;
/** A token longer than this is none. */
const longestToken = 16_384;

/**
 * Signs in by `Authorization: Bearer`: the apiserver says whose the token is (TokenReview). Its word is remembered under a
 * keyed hash of the token, so that neither a token is kept nor a comparison of tokens can be timed.
 */
export function tokenReview(client: Pick<KubeClient, 'create'>, clock: Clock): SignIn {
  const reviews = rateLimit(clock, reviewsPerSecond, reviewBurst, 'new tokens');
  const goodBefore = new ExpiringCache<true>(clock, trustedMs, rememberedTokens);
  const key = randomBytes(32);
  const known = new ExpiringCache<Promise<Identity | undefined>>(clock, believedMs, rememberedTokens);
  const ask = async (token: string, digest: string, from: string): Promise<Identity | undefined> => {
    // Otherwise made-up tokens would keep the apiserver busy, before anybody is known whose requests could be counted.
    if (!goodBefore.has(digest)) reviews.take(from);
    const identity = await review(client, token);
    if (identity === undefined) goodBefore.delete(digest);
    else goodBefore.set(digest, true);
    return identity;
  };
  return async (claims) => {
    const token = bearerToken(claims);
    if (token === undefined) return undefined;
    const digest = createHmac('sha256', key).update(token).digest('base64');
    const identity = await known.get(digest, () => {
      const asked = ask(token, digest, addressKey(claims.source ?? claims.remoteAddress ?? ''));
      // A failure is nobody's word about the token.
      asked.catch(() => known.delete(digest));
      return asked;
    });
    if (identity === undefined) throw unauthenticated('the bearer token is not valid here, or not any more');
    return identity;
  };
}

/** The token of `Authorization: Bearer`. @throws RequestError 401 for an Authorization header that holds none */
export function bearerToken({ headers }: Claims): string | undefined {
  const { authorization } = headers;
  if (typeof authorization !== 'string') return undefined;
  const token = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization)?.[1];
  if (token === undefined || token.length > longestToken) {
    throw unauthenticated('the Authorization header must be "Bearer TOKEN"');
  }
  return token;
}

async function review(client: Pick<KubeClient, 'create'>, token: string): Promise<Identity | undefined> {
  const { status } = await client.create(TokenReviews, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    metadata: { name: '' },
    spec: { token },
  });
  const user = status?.user?.username;
  if (status?.authenticated !== true || !user) return undefined;
  const groups = status.user?.groups ?? [];
  if (groups.includes('system:masters')) {
    const message =
      'members of system:masters are beyond RBAC and can not act through the gateway; use another account';
    throw new RequestError(403, 'USER', message);
  }
  return { user, groups, method: 'token' };
}
