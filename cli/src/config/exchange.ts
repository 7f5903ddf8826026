import { ExitCodes } from '../exit-codes.ts';
import { Failure, usageFailure } from '../failure.ts';
import type { GatewayClient } from '../http/client.ts';

/**
 * The bearer token that the gateway gives for an access token.
 *
 * @throws Failure 2 when the gateway exchanges no tokens or doesn't know this one
 */
export async function exchangeToken(client: GatewayClient, secret: string): Promise<string> {
  try {
    const request = { method: 'POST', path: '/api/auth/jwt/access_token', body: { token: secret } } as const;
    const { token } = await client.json<{ token?: unknown }>(request);
    if (typeof token === 'string' && token !== '') return token;
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 404) throw error;
    const use = "use a token of the cluster instead, as 'kubectl create token NAME' gives it";
    throw usageFailure(`the gateway at ${client.url} doesn't exchange access tokens; ${use}`);
  }
  throw new Failure(ExitCodes.server, `the gateway at ${client.url} gave no token for the access token`);
}
