import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Clock, type Logger, UsageError } from '@osmo/kube';
import { Outgoing, proxyFromEnvironment } from '@osmo/kube/outgoing';
import { AuthConfigError, type AuthConfig, type LoginConfig, readAuthConfig } from './config/auth-config.ts';
import { certificateProblem, type SamlConfig } from './config/saml-config.ts';
import { CodeFlow } from './login/code-flow.ts';
import { Provider } from './oidc/provider.ts';
import type { Issuer } from './oidc/sign-in.ts';
import type { TrustedProxies } from './proxy.ts';
import type { ServiceProvider } from './saml/service-provider.ts';
import type { CookieStyle } from './session/cookies.ts';
import { defaultLimits, type SessionLimits } from './session/session.ts';

/** The identity providers of this installation. */
export interface Authentication {
  issuers: readonly Issuer[];
  /** Where people sign in; undefined: they bring tokens. */
  login?: Login;
  /** SAML identity providers at which browsers sign in. */
  saml: readonly ServiceProvider[];
  /** How long sessions of browsers last. */
  limits: SessionLimits;
  /** Proxies that say who is calling; undefined: nobody's word counts. */
  proxies?: TrustedProxies;
  close(): Promise<void>;
}

export interface Login {
  config: LoginConfig & { issuer: string };
  issuer: Issuer;
  /** For browsers; undefined: none signs in. */
  browser?: CodeFlow;
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
  if (file === undefined) return { issuers: [], saml: [], limits: defaultLimits, close: async () => undefined };
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
  const saml = await samlOf(config.saml ?? [], { publicUrl, clock, logger, file });
  return {
    issuers,
    ...(login && { login }),
    saml,
    limits: { ...defaultLimits, ...config.login?.session },
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
  const named = { ...config, issuer: issuer.config.issuer.url };
  if (config.browser === undefined) return { config: named, issuer };
  const home = homeOf(publicUrl, `--auth-config ${file}: login.browser`);
  const browser = new CodeFlow({
    issuer,
    browser: config.browser,
    redirectUri: `${home}${callbackPath}`,
    afterLogout: `${home}/`,
    clock,
    logger,
  });
  return { config: named, issuer, browser };
}

/** Where browsers come back to. @throws UsageError */
function homeOf(publicUrl: string | undefined, path: string): string {
  if (publicUrl === undefined) throw new UsageError(`${path}: needs --public-url, where browsers come back to`);
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === 'http:' && !/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname))
    throw new UsageError(`${path}: --public-url must begin with https://, but for localhost`);
  return publicUrl;
}

/** What reads XML is loaded only where there is a provider that sends it. */
async function samlOf(
  saml: readonly SamlConfig[],
  { publicUrl, clock, logger, file }: Omit<AuthenticationOptions, 'env' | 'allow'>,
): Promise<ServiceProvider[]> {
  if (saml.length === 0) return [];
  const home = homeOf(publicUrl, `--auth-config ${file}: saml`);
  const { ServiceProvider: Provided } = await import('./saml/service-provider.ts');
  return Promise.all(
    saml.map(async (config, at) => {
      if (config.allowHttp === true)
        logger.warn('an identity provider may be called without TLS', { entityID: config.entityID });
      const keyPair = await keyPairOf(config, `--auth-config ${file}: saml[${at}].keyPair`);
      return new Provided({ config, publicUrl: home, keyPair, clock });
    }),
  );
}

async function keyPairOf(
  { keyPair }: SamlConfig,
  path: string,
): Promise<{ privateKey: string; certificate: string } | undefined> {
  if (keyPair === undefined) return undefined;
  const [privateKey, certificate] = await Promise.all(
    [keyPair.privateKeyFile, keyPair.certificateFile].map((name) => fileOf(path, name)),
  );
  if (privateKey === undefined || certificate === undefined) return undefined;
  const problem = certificateProblem(certificate);
  if (problem !== undefined) throw new UsageError(`${path}.certificateFile: ${keyPair.certificateFile}: ${problem}`);
  try {
    if (new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey)))
      return { privateKey, certificate };
  } catch {
    throw new UsageError(`${path}.privateKeyFile: ${keyPair.privateKeyFile}: must be a private key as PEM`);
  }
  throw new UsageError(`${path}.privateKeyFile: ${keyPair.privateKeyFile}: is not the key of the certificate`);
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
