import { readFile } from 'node:fs/promises';
import { type Clock, type Logger, UsageError } from '@osmo/kube';
import { Outgoing, proxyFromEnvironment } from '@osmo/kube/outgoing';
import { AuthConfigError, type AuthConfig, type LoginConfig, readAuthConfig } from './config/auth-config.ts';
import { CodeFlow } from './login/code-flow.ts';
import { Provider } from './oidc/provider.ts';
import type { Issuer } from './oidc/sign-in.ts';
import type { TrustedProxies } from './proxy.ts';
import type { CookieStyle } from './session/cookies.ts';
import { defaultLimits, type SessionLimits } from './session/session.ts';

/** The identity providers of this installation. */
export interface Authentication {
  issuers: readonly Issuer[];
  /** Where people sign in; undefined: they bring tokens. */
  login?: Login;
  /** Proxies that say who is calling; undefined: nobody's word counts. */
  proxies?: TrustedProxies;
  close(): Promise<void>;
}

export interface Login {
  config: LoginConfig;
  issuer: Issuer;
  /** For browsers; undefined: none signs in. */
  browser?: CodeFlow;
  limits: SessionLimits;
}

interface AuthenticationOptions {
  /** File of `--auth-config`; absent: there are no identity providers. */
  file?: string | undefined;
  publicUrl?: string | undefined;
  /** Destinations that may be called although they are not public. Hosts of issuers are. */
  allow: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  clock: Clock;
  logger: Logger;
}

export const callbackPath = '/api/auth/browser/callback';

/**
 * Reads the configuration of identity providers. Nobody is asked yet: a provider that is down keeps nothing from starting.
 *
 * @throws UsageError when the file can't be used; the message has each problem's path
 */
export async function openAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { file, publicUrl, clock, logger, env } = options;
  if (file === undefined) return { issuers: [], close: async () => undefined };
  const config = await configOf(file);
  const calls: Outgoing[] = [];
  const issuers = await Promise.all(
    (config.jwt ?? []).map(async (each): Promise<Issuer> => {
      const { url, discoveryURL, certificateAuthorityFile, allowHttp } = each.issuer;
      const hosts = [url, ...(discoveryURL === undefined ? [] : [discoveryURL])].map((one) => new URL(one).hostname);
      const ca = certificateAuthorityFile === undefined ? undefined : await fileOf(file, certificateAuthorityFile);
      const outgoing = new Outgoing({
        allow: [...hosts, ...options.allow],
        ca,
        clock,
        proxy: proxyFromEnvironment(env),
      });
      calls.push(outgoing);
      if (allowHttp === true) logger.warn('an identity provider may be called without TLS', { issuer: url });
      const provider = new Provider({ url, discoveryURL, allowHttp, fetch: outgoing.fetch, clock });
      return { config: each, provider };
    }),
  );
  const login = loginOf(config, issuers, { publicUrl, clock, logger, file });
  return {
    issuers,
    ...(login && { login }),
    ...(config.trustedProxies && { proxies: config.trustedProxies }),
    close: async () => void (await Promise.all(calls.map((each) => each.close()))),
  };
}

/** Cookies of a gateway at this URL. Without TLS only this machine's own browser reaches it, for which cookies can't be `Secure`. */
export function cookieStyle(publicUrl: string | undefined): CookieStyle {
  return { secure: publicUrl?.startsWith('https:') ?? true };
}

function loginOf(
  { login: config }: AuthConfig,
  issuers: readonly Issuer[],
  { publicUrl, clock, logger, file }: Omit<AuthenticationOptions, 'env' | 'allow'>,
): Login | undefined {
  const issuer = issuers.find((each) => each.config.issuer.url === config?.issuer);
  if (config === undefined || issuer === undefined) return undefined;
  const limits = { ...defaultLimits, ...config.session };
  if (config.browser === undefined) return { config, issuer, limits };
  if (publicUrl === undefined)
    throw new UsageError(`--auth-config ${file}: login.browser: needs --public-url, where browsers come back to`);
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'http:' && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname))
    throw new UsageError(
      `--auth-config ${file}: login.browser: --public-url must begin with https://, but for localhost`,
    );
  const browser = new CodeFlow({
    issuer,
    browser: config.browser,
    redirectUri: `${publicUrl}${callbackPath}`,
    afterLogout: `${publicUrl}/`,
    clock,
    logger,
  });
  return { config, issuer, limits, browser };
}

async function configOf(file: string): Promise<AuthConfig> {
  const text = await fileOf('--auth-config', file);
  try {
    return await readAuthConfig(text);
  } catch (error) {
    if (error instanceof AuthConfigError) throw new UsageError(`--auth-config ${file}:\n${error.message}`);
    throw error;
  }
}

async function fileOf(from: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${from}: ${file} can't be read: ${(error as Error).message}`);
  }
}
