import type { Authentication } from '../authentication.ts';

/** Upstream's names; empty where there is none. */
const endpoints = [
  'device_endpoint',
  'device_client_id',
  'browser_endpoint',
  'browser_client_id',
  'token_endpoint',
  'logout_endpoint',
] as const;

/** Ways to sign in that a client can choose from. */
const methods = ['token', 'dev', 'pkce', 'code', 'password', 'browser'] as const;

type LoginInfo = Record<(typeof endpoints)[number], string> & { methods: (typeof methods)[number][]; issuer: string };

/** The shape of the answer. */
export const loginInfoSchema = {
  type: 'object',
  properties: {
    ...Object.fromEntries(endpoints.map((name) => [name, { type: 'string' }])),
    methods: { type: 'array', items: { type: 'string', enum: methods } },
    issuer: { type: 'string' },
  },
  required: [...endpoints, 'methods', 'issuer'],
};

/** How to sign in: the provider's endpoints for command lines, as it names them itself. @throws ProviderError */
export async function loginInfo({ login, saml }: Authentication, dev: boolean): Promise<LoginInfo> {
  const always: LoginInfo['methods'] = ['token', ...(dev ? ['dev' as const] : [])];
  const none = Object.fromEntries(endpoints.map((name) => [name, ''])) as Record<(typeof endpoints)[number], string>;
  const bySaml = saml.length === 0 ? [] : ['browser' as const];
  if (login === undefined) return { ...none, methods: [...always, ...bySaml], issuer: saml[0]?.config.entityID ?? '' };
  const { cli, issuer: url } = login.config;
  const browser = login.browser === undefined ? bySaml : ['browser' as const];
  if (cli === undefined) return { ...none, methods: [...always, ...browser], issuer: url };
  const metadata = await login.issuer.provider.metadata();
  const grants = metadata.grant_types_supported;
  const device = metadata.device_authorization_endpoint ?? '';
  return {
    device_endpoint: device,
    device_client_id: device === '' ? '' : cli.clientId,
    browser_endpoint: metadata.authorization_endpoint ?? '',
    browser_client_id: cli.clientId,
    token_endpoint: metadata.token_endpoint ?? '',
    logout_endpoint: metadata.end_session_endpoint ?? '',
    methods: [
      ...always,
      'pkce',
      ...(device === '' ? [] : ['code' as const]),
      ...(grants?.includes('password') === true ? ['password' as const] : []),
      ...browser,
    ],
    issuer: url,
  };
}
