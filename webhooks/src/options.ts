import { parseArgs } from 'node:util';
import { UsageError } from '@osmo/kube';

/** What the process was started with. */
export interface Options {
  /** Undefined: in the cluster. */
  kubeconfig?: string;
  /** Namespace of the Secret with the certificates. */
  namespace: string;
  /** Secret with the certificates. */
  secret: string;
  /** Whether certificates are made, renewed and told to the apiserver here; else somebody else does (cert-manager). */
  manageCertificates: boolean;
  /** Webhook configurations, validating and mutating, that are told which authority to trust. */
  configuration: string;
  /** Names under which the apiserver reaches this server. */
  serverNames: readonly string[];
  /** Address that the webhooks listen on. */
  host: string;
  /** Port of the webhooks; 0 = any free one. */
  port: number;
  /** How long requests are still answered after a stop, ms. */
  drainMs: number;
  /** 0: none. */
  metricsPort: number;
  healthPort: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const usage = `Usage: webhooks [flags]

  --kubeconfig FILE        the hub (default: the cluster that it runs in)
  --namespace NAME         namespace of the Secret with the certificates (default: osmo)
  --secret NAME            Secret with the certificates, which must exist (default: osmo-webhooks-tls)
  --external-certificates  somebody else (cert-manager) fills the Secret and tells the apiserver whom to trust
  --configuration NAME     webhook configurations that are told whom to trust (default: osmo-webhooks)
  --server-name NAME       name that the apiserver reaches this by; may be repeated (default: osmo-webhooks.NAMESPACE.svc)
  --host ADDRESS           address to listen on (default: all)
  --port N                 port of the webhooks (default: 8443)
  --drain-ms N             how long requests are still answered after a stop (default: 5000)
  --metrics-port N         Prometheus metrics, 0 = none (default: 8080)
  --health-port N          /healthz and /readyz, 0 = none (default: 8081)
  --log-level LEVEL        ${logLevels.join(', ')} (default: info)
`;

const flags = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', default: 'osmo' },
  secret: { type: 'string', default: 'osmo-webhooks-tls' },
  'external-certificates': { type: 'boolean', default: false },
  configuration: { type: 'string', default: 'osmo-webhooks' },
  'server-name': { type: 'string', multiple: true },
  host: { type: 'string', default: '::' },
  port: { type: 'string', default: '8443' },
  'drain-ms': { type: 'string', default: '5000' },
  'metrics-port': { type: 'string', default: '8080' },
  'health-port': { type: 'string', default: '8081' },
  'log-level': { type: 'string', default: 'info' },
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  const namespace = dnsName('namespace', values.namespace, 63);
  const names = values['server-name'] ?? [`osmo-webhooks.${namespace}.svc`];
  return {
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    namespace,
    secret: dnsName('secret', values.secret, 253),
    manageCertificates: !values['external-certificates'],
    configuration: dnsName('configuration', values.configuration, 253),
    serverNames: names.map((name) => dnsName('server-name', name, 253)),
    host: values.host,
    port: integer('port', values.port, 0, 65_535),
    drainMs: integer('drain-ms', values['drain-ms'], 0, 600_000),
    metricsPort: integer('metrics-port', values['metrics-port'], 0, 65_535),
    healthPort: integer('health-port', values['health-port'], 0, 65_535),
    logLevel: oneOf('log-level', values['log-level'], logLevels),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function dnsName(flag: string, value: string, longest: number): string {
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const form = longest > 63 ? `${label}(?:\\.${label})*` : label;
  if (value.length <= longest && new RegExp(`^${form}$`).test(value)) return value;
  const what = longest > 63 ? 'DNS name' : 'DNS label';
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be a ${what} of at most ${longest} characters`);
}

function integer(flag: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be an integer from ${min} to ${max}`);
}

function oneOf<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be one of ${allowed.join(', ')}`);
}
