import type { Clock } from '@osmo/kube';
import { type Call, type Operation, operation } from '../http/operation.ts';
import { jwtSeconds, signedIn, type TokenClaims } from '../identity/access-token.ts';
import { unauthenticated } from '../identity/authenticator.ts';
import type { GatewayKeys } from '../identity/keys/gateway-keys.ts';
import { plainTime } from '../workflows/times.ts';
import type { TokenFinder } from './find.ts';
import type { LastUsed } from './last-used.ts';
import { hashOf, isSecret } from './secret.ts';

export interface ExchangeDependencies {
  finder: TokenFinder;
  keys: Pick<GatewayKeys, 'sign'>;
  lastUsed: Pick<LastUsed, 'note'>;
  clock: Clock;
}

/** Exchanges an access token for a JWT of a few minutes, as upstream's client wants it. GET is upstream's former way. */
export function exchangeOperations({ finder, keys, lastUsed, clock }: ExchangeDependencies): Operation[] {
  const exchange = async ({ body, caller }: Pick<Call, 'body' | 'caller'>) => {
    const from = caller.request?.source;
    const { token: secret } = body as { token: string };
    if (!isSecret(secret)) throw unauthenticated('token: must be an access token, as "osmo token set" prints it');
    const token = await finder.byHash(hashOf(secret), from);
    const { user, accessToken } = await signedIn({ finder, lastUsed, clock }, token, from);
    const reference: TokenClaims = {
      osmo_token_object: token?.metadata.name ?? '',
      osmo_token_uid: token?.metadata.uid ?? '',
    };
    const jwt = await keys.sign(
      {
        ...reference,
        sub: user,
        // What clients show; nothing is decided by it.
        name: user,
        unique_name: user,
        osmo_token_name: accessToken?.name,
        roles: accessToken?.roles ?? [],
      },
      jwtSeconds,
    );
    const until = new Date(clock.now().getTime() + jwtSeconds * 1000).toISOString().slice(0, 19);
    return { json: { token: jwt, expires_at: plainTime(until), error: null } };
  };
  return (['post', 'get'] as const).map((method) =>
    operation({
      id: method === 'post' ? 'exchangeAccessToken' : 'exchangeAccessTokenByGet',
      action: 'auth:Refresh',
      method,
      path: '/api/auth/jwt/access_token',
      tag: 'Users',
      summary: `Exchanges an access token for a JWT of ${jwtSeconds} seconds${method === 'get' ? ', as clients of old ask for it' : ''}`,
      open: true,
      body: {
        schema: {
          type: 'object',
          properties: { token: { type: 'string', minLength: 1, maxLength: 1024, description: 'The access token.' } },
          required: ['token'],
        },
        required: true,
      },
      answer: {
        description: 'The JWT, for Authorization: Bearer.',
        schema: {
          type: 'object',
          properties: {
            token: { type: 'string' },
            expires_at: { type: 'string' },
            error: { type: ['string', 'null'] },
          },
          required: ['token', 'expires_at'],
        },
      },
      handle: exchange,
    }),
  );
}
