import type { ProviderLogin } from '../config/config-file.ts';
import { usageFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { endpointOf, loginFrom, postForm } from './provider.ts';

/**
 * The login with an ID token of now.
 *
 * @throws Failure 2 when it can't be had: somebody must sign in again
 */
export async function refreshed(host: Host, login: ProviderLogin, url: string): Promise<ProviderLogin> {
  const again = `your login at ${url} has ended; sign in again with 'osmo login ${url}'`;
  const { endpoint, client, refresh, method } = login;
  if (refresh === undefined) throw usageFailure(again);
  const form = { grant_type: 'refresh_token', refresh_token: refresh, client_id: client };
  const answer = await postForm(host, endpointOf(endpoint, method, {}), form);
  if (answer.body['error'] === 'invalid_grant') throw usageFailure(again);
  return loginFrom(answer, { method, endpoint, client }, refresh);
}
