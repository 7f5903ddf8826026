import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import type { Configuration, Provider } from 'oidc-provider';

/** A real OpenID provider in this process, where anybody signs in with any password. */
export interface TestProvider extends AsyncDisposable {
  url: string;
  /** Groups by user; read at each login and refresh. */
  groups: Map<string, string[]>;
  /** Signs with another key from now on, publishes only that one, and has forgotten every login. */
  rotate(): Promise<void>;
}

/** Clients: `osmo` of browsers (secret `browser-secret`) and `osmo-cli` of command lines. */
export async function startOpenIdProvider(
  redirectUris: readonly string[],
  afterLogout: readonly string[],
): Promise<TestProvider> {
  const { Provider: Implementation } = await import('oidc-provider');
  const groups = new Map<string, string[]>();
  let handler: ReturnType<Provider['callback']> | undefined;
  const server = createServer((request, response) => void handler?.(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const rotate = async (): Promise<void> => {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = {
      ...(await exportJWK(privateKey)),
      kid: `key-${Math.random().toString(36).slice(2)}`,
      use: 'sig',
      alg: 'RS256',
    };
    const provider = new Implementation(url, configuration(groups, redirectUris, afterLogout, [jwk]));
    handler = provider.callback();
  };
  await rotate();
  return {
    url,
    groups,
    rotate,
    [Symbol.asyncDispose]: () => close(server),
  };
}

function configuration(
  groups: ReadonlyMap<string, string[]>,
  redirectUris: readonly string[],
  afterLogout: readonly string[],
  keys: object[],
): Configuration {
  return {
    jwks: { keys },
    cookies: { keys: ['test'] },
    clients: [
      {
        client_id: 'osmo',
        client_secret: 'browser-secret',
        redirect_uris: [...redirectUris],
        post_logout_redirect_uris: [...afterLogout],
        grant_types: ['authorization_code', 'refresh_token'],
      },
      {
        client_id: 'osmo-cli',
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
        grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      },
    ],
    claims: { openid: ['sub', 'preferred_username', 'name', 'groups', 'email', 'email_verified'] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: true }, deviceFlow: { enabled: true }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    ttl: {
      AccessToken: 60,
      IdToken: 60,
      RefreshToken: 3600,
      Session: 3600,
      Grant: 3600,
      Interaction: 600,
      DeviceCode: 600,
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: async () => ({
        sub: id,
        preferred_username: id,
        name: `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`,
        groups: groups.get(id) ?? [],
        email: `${id}@example.com`,
        email_verified: true,
      }),
    }),
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
