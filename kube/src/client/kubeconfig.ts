import { existsSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import type { User } from '@kubernetes/client-node';
import type { Clock } from '../runtime/clock.ts';
import { type ClusterAccess, type Credentials, inClusterAccess, readCredential, refreshing } from './access.ts';
import { KubeError, TransportReason } from './errors.ts';
import { redact } from './redact.ts';

interface RawUser {
  token?: string;
  tokenFile?: string;
  username?: string;
  password?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
  as?: string;
  'as-uid'?: string;
  'as-groups'?: string[];
  'as-user-extra'?: Record<string, string[]>;
  exec?: { apiVersion?: string; command?: string; args?: string[]; env?: { name: string; value: string }[] };
  'auth-provider'?: { name: string; config?: Record<string, unknown> };
}

interface RawCluster {
  server: string;
  'certificate-authority'?: string;
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
  'proxy-url'?: string;
}

interface RawConfig {
  'current-context'?: string;
  contexts?: { name: string; context: { cluster: string; user: string; namespace?: string } }[];
  clusters?: { name: string; cluster: RawCluster }[];
  users?: { name: string; user: RawUser }[];
}

export interface AccessOptions {
  /** Kubeconfig file. Absent: `KUBECONFIG` (may list several), `~/.kube/config`, else in cluster. */
  kubeconfig?: string | undefined;
  /** Context to use instead of the current one. */
  context?: string | undefined;
  clock: Clock;
  env: Record<string, string | undefined>;
}

/**
 * Finds out how to reach the apiserver, in kubectl's order. Tokens, token files (read again every minute), client
 * certificates, basic auth, impersonation, exec plugins and OIDC, CA, `tls-server-name` and `proxy-url` are honoured.
 * What parses YAML is loaded only when there is a kubeconfig, and client-node, which takes tens of megabytes, only when one
 * asks for an exec plugin or OIDC; inside a pod neither is.
 *
 * @throws KubeError (`CredentialsError`) naming the file and the entry that is missing or wrong.
 */
export async function loadAccess(options: AccessOptions): Promise<ClusterAccess> {
  const files = kubeconfigFiles(options);
  if (files.length === 0) return inClusterAccess(options);
  const config = mergeConfigs(await Promise.all(files.map(readConfig)));
  return accessFromConfig(config, files.join(delimiter), options);
}

function kubeconfigFiles({ kubeconfig, env }: AccessOptions): string[] {
  if (kubeconfig) return [kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  // As kubectl does: files of the list that don't exist are passed over, unless none does.
  if (listed.length > 0) return listed.some((file) => existsSync(file)) ? listed.filter((f) => existsSync(f)) : listed;
  const home = env['HOME'] ?? env['USERPROFILE'];
  const standard = home ? join(home, '.kube', 'config') : undefined;
  return standard && existsSync(standard) ? [standard] : [];
}

async function readConfig(file: string): Promise<RawConfig> {
  const text = (await readCredential(file)).toString('utf8');
  // The default: a bundle gives a CommonJS package no other names.
  const { default: yaml } = await import('yaml');
  let config: RawConfig | undefined | null;
  try {
    config = yaml.parse(text, { logLevel: 'error' }) as RawConfig | undefined | null;
  } catch {
    // The parser's message quotes the text around the error, which may be a key.
    throw credentialsError(`${file}: not YAML`);
  }
  if (config === null || typeof config !== 'object') throw credentialsError(`${file}: not a kubeconfig`);
  const folder = dirname(file);
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined || path === '' || isAbsolute(path) ? path : join(folder, path);
  for (const { cluster } of config.clusters ?? []) resolveKeys(cluster, ['certificate-authority'], absolute);
  for (const { user } of config.users ?? []) {
    if (user) resolveKeys(user, ['client-certificate', 'client-key', 'tokenFile'], absolute);
  }
  return config;
}

function resolveKeys<T extends object>(
  object: T,
  keys: (keyof T)[],
  absolute: (path: string | undefined) => string | undefined,
): void {
  for (const key of keys) {
    const value = absolute(object[key] as string | undefined);
    if (value) object[key] = value as T[keyof T];
  }
}

/** The first file to name an entry wins, as with kubectl. */
function mergeConfigs(configs: RawConfig[]): RawConfig {
  const firstByName = <T extends { name: string }>(lists: (T[] | undefined)[]): T[] => {
    const byName = new Map<string, T>();
    for (const entry of lists.flatMap((l) => l ?? [])) if (!byName.has(entry.name)) byName.set(entry.name, entry);
    return [...byName.values()];
  };
  const current = configs.map((c) => c['current-context']).find((name) => name);
  return {
    ...(current && { 'current-context': current }),
    contexts: firstByName(configs.map((c) => c.contexts)),
    clusters: firstByName(configs.map((c) => c.clusters)),
    users: firstByName(configs.map((c) => c.users)),
  };
}

function accessFromConfig(config: RawConfig, source: string, options: AccessOptions): ClusterAccess {
  const contextName = options.context ?? config['current-context'];
  if (!contextName) throw credentialsError(`${source}: current-context is not set and no context was named`);
  const context = named(config.contexts, contextName, source, 'context').context;
  const { cluster } = named(config.clusters, context.cluster, source, 'cluster');
  const user = context.user ? (named(config.users, context.user, source, 'user').user ?? {}) : {};
  if (!/^https?:\/\//.test(cluster.server ?? '')) {
    throw credentialsError(`${source}: cluster ${context.cluster}: server must be an http:// or https:// URL`);
  }
  const dynamic = dynamicAuth(context.user, user);
  const read = async (): Promise<Credentials> => {
    const credentials = await staticCredentials(cluster, user);
    return dynamic ? mergeCredentials(credentials, await dynamic.obtain()) : credentials;
  };
  // Exec and OIDC tokens know their own expiry, so they are asked often (which is cheap while they are valid).
  const cached = refreshing(read, options.clock, dynamic ? 5_000 : 60_000);
  return {
    server: cluster.server.replace(/\/+$/, ''),
    proxyUrl: cluster['proxy-url'],
    namespace: context.namespace,
    credentials: () => cached.credentials(),
    renew() {
      dynamic?.forget();
      cached.renew();
    },
  };
}

function named<T extends { name: string }>(entries: T[] | undefined, name: string, source: string, what: string): T {
  const found = entries?.find((entry) => entry.name === name);
  if (found) return found;
  const known = (entries ?? []).map((entry) => entry.name).join(', ') || 'none';
  throw credentialsError(`${source}: no ${what} named ${JSON.stringify(name)} (there are: ${known})`);
}

async function staticCredentials(cluster: RawCluster, user: RawUser): Promise<Credentials> {
  const [ca, cert, key, token] = await Promise.all([
    pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    pem(user['client-certificate-data'], user['client-certificate']),
    pem(user['client-key-data'], user['client-key']),
    user.tokenFile ? readCredential(user.tokenFile).then((b) => b.toString().trim()) : user.token,
  ]);
  return {
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(!token && user.username && { authorization: basic(user.username, user.password ?? '') }),
      ...impersonation(user),
    },
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      ...(cluster['tls-server-name'] && { servername: cluster['tls-server-name'] }),
      ...(cluster['insecure-skip-tls-verify'] && { rejectUnauthorized: false }),
    },
  };
}

async function pem(data: string | undefined, file: string | undefined): Promise<Buffer | undefined> {
  if (data) return Buffer.from(data, 'base64');
  return file ? readCredential(file) : undefined;
}

const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function impersonation(user: RawUser): Credentials['headers'] {
  const extra = Object.entries(user['as-user-extra'] ?? {});
  return {
    ...(user.as && { 'impersonate-user': user.as }),
    ...(user['as-uid'] && { 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups']?.length && { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values])),
  };
}

function mergeCredentials(base: Credentials, extra: Credentials): Credentials {
  return { headers: { ...base.headers, ...extra.headers }, tls: { ...base.tls, ...extra.tls } };
}

/** Exec plugins and OIDC, as client-node does them; undefined for users without either. */
function dynamicAuth(name: string, user: RawUser): { obtain(): Promise<Credentials>; forget(): void } | undefined {
  if (!user.exec && !user['auth-provider']) return undefined;
  let config: { applyToHTTPSOptions(options: object): Promise<void> } | undefined;
  return {
    async obtain() {
      config ??= await authenticatorOf(name, user);
      const options: { headers?: Record<string, string>; cert?: string; key?: string } = {};
      try {
        await config.applyToHTTPSOptions(options);
      } catch (error) {
        const what = user.exec ? `exec plugin ${user.exec.command ?? '(no command)'}` : `auth provider of user ${name}`;
        throw credentialsError(`${what} failed: ${redact(error instanceof Error ? error.message : String(error))}`);
      }
      const headers = Object.entries(options.headers ?? {}).map(([key, value]) => [key.toLowerCase(), value]);
      return {
        headers: Object.fromEntries(headers) as Record<string, string>,
        tls: { ...(options.cert && { cert: options.cert }), ...(options.key && { key: options.key }) },
      };
    },
    forget() {
      config = undefined;
    },
  };
}

async function authenticatorOf(
  name: string,
  user: RawUser,
): Promise<{ applyToHTTPSOptions(o: object): Promise<void> }> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  const exec = user.exec && {
    ...user.exec,
    env: [
      ...(user.exec.env ?? []),
      // Plugins learn from it which version of the protocol to answer in, and that nobody can be asked.
      { name: 'KUBERNETES_EXEC_INFO', value: execInfo(user.exec.apiVersion) },
    ],
  };
  const authenticated: User = { name, ...(exec && { exec }), authProvider: user['auth-provider'] };
  config.loadFromClusterAndUser({ name: 'cluster', server: 'https://localhost', skipTLSVerify: false }, authenticated);
  return config;
}

const execInfo = (apiVersion = 'client.authentication.k8s.io/v1'): string =>
  JSON.stringify({ apiVersion, kind: 'ExecCredential', spec: { interactive: false } });

function credentialsError(message: string): KubeError {
  return new KubeError({ status: 0, reason: TransportReason.credentials, message });
}
