import { registryScope } from '@osmo/crds';
import { DestinationError, Destinations } from '@osmo/kube/outgoing';
import {
  dnsLabelFlag,
  type FlagValues,
  integerFlag,
  type ProcessOptions,
  processFlags,
  processOptions,
  processUsage,
  readFlags,
  UsageError,
  wrongFlag,
} from '@osmo/kube';
import { parseStoreUrl } from '@osmo/storage';
import type { CredentialSwitches } from './credentials/switches.ts';
import { tlsOptions } from './tls/options.ts';
import type { TlsOptions } from './tls/serve-tls.ts';
import { type ClientVersions, isVersion } from './system/client-versions.ts';

/** What the process was started with. */
export interface Options extends ProcessOptions {
  /** Undefined: in the cluster. */
  kubeconfig?: string;
  /** Namespace that ids without one mean, and that recipes are submitted to unless the request names another. */
  defaultNamespace: string;
  /** Address that the API listens on. */
  host: string;
  /** Port of the API; 0 = any free one. */
  port: number;
  /** URL by which people reach the API, without a slash at its end; links in answers begin with it, and its path is taken off requests. */
  publicUrl?: string;
  /** What clients of other versions are told. */
  clients: ClientVersions;
  /** Namespace that the gateway itself is in. */
  namespace?: string;
  /** Secret of that namespace that holds its keys; absent: they end with the process. */
  keysSecret?: string;
  /** ConfigMap of that namespace that says which logins were used and which sessions ended; absent: this process alone knows. */
  sessionsConfigMap?: string;
  /** How TLS is served; absent: not here. */
  tls?: TlsOptions;
  /** File about identity providers; absent: there are none. */
  authConfig?: string;
  /** Whether a request of this machine may say itself who it is from: for a cluster of one developer only. */
  dev: boolean;
  /** Groups of such callers. */
  devGroups: readonly string[];
  /** Destinations that may be called although they are not public, and over plain HTTP. */
  outgoingAllow: readonly string[];
  /** Which credentials aren't tried when they are set. */
  credentialSwitches: CredentialSwitches;
  /** Longest life of an access token, days. */
  accessTokenMaxDays: number;
  /** Store of logs and records; undefined: none. */
  storeUrl?: string;
  /** Requests per second that one caller may make in the long run. */
  requestsPerSecond: number;
  /** Requests that one caller may make at once. */
  requestBurst: number;
  /** Largest body of a request, bytes. */
  maxBodyBytes: number;
  /** How long requests are still taken after a stop, until nobody sends any, ms. */
  drainMs: number;
}

export const usage = `Usage: api-gateway [flags]

  --kubeconfig FILE         the hub (default: the cluster that it runs in)
  --default-namespace NAME  namespace of workflows where a request names none (default: default)
  --host ADDRESS            address to listen on (default: all)
  --port N                  port of the API (default: 8000)
  --public-url URL          by which people reach the API, for links; requests may begin with its path
  --client-minimum VERSION  oldest client that is answered (default: any)
  --client-latest VERSION   newest client that there is: users of older ones are told
  --client-install-url URL  where they get it
  --namespace NAME          where the gateway itself is, for --keys-secret and --sessions-config-map
  --keys-secret NAME        Secret with the gateway's own keys, which it fills; without one, sessions end with the process
  --sessions-config-map NAME  ConfigMap by which replicas tell each other which logins were used and which sessions ended
  --tls-secret NAME         Secret with the certificate to serve with, tls.crt and tls.key (default: no TLS here)
  --tls-authorities NAME    ConfigMap for whom to trust: the gateway makes and renews its certificates itself
  --tls-name NAME           host or address that these are for; may be repeated
  --auth-config FILE        identity providers, and where people sign in: docs/signing-in.md (default: tokens of the cluster only)
  --dev                     take the name in the header x-osmo-user from callers on the loopback interface
  --dev-group NAME          group of these callers; may be repeated (default: osmo:dev)
  --outgoing-allow PLACE    network, address, host or *.host that may be called for people although it isn't public, also over
                            plain http; may be repeated (default: https to public addresses only)
  --trust-registry NAME     registry, or path of one, whose logins aren't tried when they are set; *: all; may be repeated
  --trust-storage SCHEME    s3, gs, azure, tos or swift: the same for keys of storage
  --access-token-max-days N longest life of an access token (default: 365)
  --store-url URL           where logs and records of workflows are: file:///folder, or s3://bucket/prefix with
                            endpoint, region and pathStyle as parameters and the credentials in the environment
                            (default: nowhere but in the cluster)
  --requests-per-second N   that one caller may make in the long run (default: 50)
  --request-burst N         that one caller may make at once (default: 200)
  --max-body-bytes N        largest body of a request (default: 4194304)
  --drain-ms N              how long requests are still taken after a stop (default: 5000)
${processUsage(28)}
`;

const flags = {
  kubeconfig: { type: 'string' },
  'default-namespace': { type: 'string', default: 'default' },
  host: { type: 'string', default: '::' },
  port: { type: 'string', default: '8000' },
  'public-url': { type: 'string' },
  'client-minimum': { type: 'string' },
  'client-latest': { type: 'string' },
  'client-install-url': { type: 'string' },
  namespace: { type: 'string' },
  'keys-secret': { type: 'string' },
  'sessions-config-map': { type: 'string' },
  'tls-secret': { type: 'string' },
  'tls-authorities': { type: 'string' },
  'tls-name': { type: 'string', multiple: true },
  'auth-config': { type: 'string' },
  dev: { type: 'boolean', default: false },
  'dev-group': { type: 'string', multiple: true },
  'outgoing-allow': { type: 'string', multiple: true },
  'trust-registry': { type: 'string', multiple: true },
  'trust-storage': { type: 'string', multiple: true },
  'access-token-max-days': { type: 'string', default: '365' },
  'store-url': { type: 'string' },
  'requests-per-second': { type: 'string', default: '50' },
  'request-burst': { type: 'string', default: '200' },
  'max-body-bytes': { type: 'string', default: '4194304' },
  'drain-ms': { type: 'string', default: '5000' },
  ...processFlags,
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = readFlags(argv, flags);
  return {
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    defaultNamespace: dnsLabelFlag('default-namespace', values['default-namespace']),
    host: values.host,
    port: integerFlag('port', values.port, 0, 65_535),
    ...(values['public-url'] !== undefined && { publicUrl: webUrl('public-url', values['public-url']) }),
    clients: clientVersions(values),
    ...ownSecret(values),
    ...tlsOf(values),
    ...(values['auth-config'] !== undefined && { authConfig: values['auth-config'] }),
    dev: values.dev,
    devGroups: (values['dev-group'] ?? ['osmo:dev']).map(devGroup),
    outgoingAllow: destinations(values['outgoing-allow'] ?? []),
    credentialSwitches: {
      registries: (values['trust-registry'] ?? []).map(registry),
      schemes: (values['trust-storage'] ?? []).map(scheme),
    },
    accessTokenMaxDays: integerFlag('access-token-max-days', values['access-token-max-days'], 1, 3650),
    ...(values['store-url'] !== undefined && { storeUrl: storeUrl('store-url', values['store-url']) }),
    requestsPerSecond: integerFlag('requests-per-second', values['requests-per-second'], 1, 1_000_000),
    requestBurst: integerFlag('request-burst', values['request-burst'], 1, 1_000_000),
    maxBodyBytes: integerFlag('max-body-bytes', values['max-body-bytes'], 1024, 64 << 20),
    drainMs: integerFlag('drain-ms', values['drain-ms'], 0, 600_000),
    ...processOptions(values),
  };
}

function tlsOf(values: FlagValues<typeof flags>): Pick<Options, 'tls'> {
  const tls = tlsOptions(values);
  return tls === undefined ? {} : { tls };
}

function ownSecret({
  namespace,
  'keys-secret': secret,
  'sessions-config-map': configMap,
}: FlagValues<typeof flags>): Pick<Options, 'namespace' | 'keysSecret' | 'sessionsConfigMap'> {
  if (secret !== undefined && namespace === undefined)
    throw new UsageError('--keys-secret: needs --namespace, where the Secret is');
  if (configMap !== undefined && namespace === undefined)
    throw new UsageError('--sessions-config-map: needs --namespace, where the ConfigMap is');
  return {
    ...(namespace !== undefined && { namespace: dnsLabelFlag('namespace', namespace) }),
    ...(secret !== undefined && { keysSecret: objectName('keys-secret', secret, 'a Secret') }),
    ...(configMap !== undefined && {
      sessionsConfigMap: objectName('sessions-config-map', configMap, 'a ConfigMap'),
    }),
  };
}

function objectName(flag: string, value: string, kind: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(value)) return value;
  throw wrongFlag(flag, value, `must be the name of ${kind}`);
}

function destinations(entries: readonly string[]): readonly string[] {
  const read = (): Destinations => new Destinations(entries);
  try {
    read();
    return entries;
  } catch (error) {
    if (error instanceof DestinationError) throw new UsageError(`--outgoing-allow: ${error.message}`);
    throw error;
  }
}

function registry(value: string): string {
  if (value === '*') return value;
  const scope = registryScope(value);
  if (scope === undefined) throw wrongFlag('trust-registry', value, 'must be a registry, a path of one, or *');
  return scope;
}

function scheme(value: string): string {
  if (['s3', 'gs', 'azure', 'tos', 'swift', '*'].includes(value)) return value;
  throw wrongFlag('trust-storage', value, 'must be s3, gs, azure, tos, swift or *');
}

function storeUrl(flag: string, value: string): string {
  try {
    parseStoreUrl(value);
    return value;
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}

function webUrl(flag: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  const isPlain =
    url !== undefined && /^https?:$/.test(url.protocol) && `${url.username}${url.search}${url.hash}` === '';
  if (isPlain) return url.href.replace(/\/+$/, '');
  throw wrongFlag(flag, value, 'must be a URL such as https://osmo.example.com/path');
}

function clientVersions(values: FlagValues<typeof flags>): ClientVersions {
  const { 'client-minimum': minimum, 'client-latest': latest, 'client-install-url': installUrl } = values;
  return {
    ...(minimum !== undefined && { minimum: versionNumber('client-minimum', minimum) }),
    ...(latest !== undefined && { latest: versionNumber('client-latest', latest) }),
    ...(installUrl !== undefined && { installUrl: webUrl('client-install-url', installUrl) }),
  };
}

function versionNumber(flag: string, value: string): string {
  if (isVersion(value)) return value;
  throw wrongFlag(flag, value, 'must be a version such as 6.4.0');
}

/** A caller who names themselves must not become what the cluster itself trusts. */
function devGroup(value: string): string {
  if (/^[a-zA-Z0-9:._-]{1,128}$/.test(value) && !value.startsWith('system:')) return value;
  const rule = "must be letters, digits, ':', '.', '_' and '-', and not begin with 'system:'";
  throw wrongFlag('dev-group', value, rule);
}
