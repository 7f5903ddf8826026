import type { ProviderLogin } from '../config/config-file.ts';
import type { Host } from '../host.ts';
import { endpointOf, type LoginInfo, loginFrom, postForm, scope } from './provider.ts';

/** Signs in with a password, where the identity provider still takes one from programs. */
export async function passwordLogin(
  host: Host,
  info: LoginInfo,
  { username, password }: { username: string; password: string },
): Promise<ProviderLogin> {
  const endpoint = endpointOf(info.token_endpoint, 'password', info);
  const client = info.device_client_id || info.browser_client_id || '';
  const answer = await postForm(host, endpoint, {
    ...{ grant_type: 'password', client_id: client, username, password, scope },
  });
  return loginFrom(answer, { method: 'password', endpoint, client });
}
