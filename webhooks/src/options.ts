import {
  integerFlag,
  type ProcessOptions,
  processFlags,
  processOptions,
  processUsage,
  readFlags,
  wrongFlag,
} from '@osmo/kube';

/** What the process was started with. */
export interface Options extends ProcessOptions {
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
}

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
${processUsage(27)}
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
  ...processFlags,
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = readFlags(argv, flags);
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
    port: integerFlag('port', values.port, 0, 65_535),
    drainMs: integerFlag('drain-ms', values['drain-ms'], 0, 600_000),
    ...processOptions(values),
  };
}

function dnsName(flag: string, value: string, longest: number): string {
  const label = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
  const form = longest > 63 ? `${label}(?:\\.${label})*` : label;
  if (value.length <= longest && new RegExp(`^${form}$`).test(value)) return value;
  const what = longest > 63 ? 'DNS name' : 'DNS label';
  throw wrongFlag(flag, value, `must be a ${what} of at most ${longest} characters`);
}
