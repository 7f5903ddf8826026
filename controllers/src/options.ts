import { parseArgs } from 'node:util';
import { UsageError } from '@osmo/kube';
import { parseStoreUrl } from '@osmo/storage';

/** What the process was started with. */
export interface Options {
  /** Undefined: in the cluster. */
  kubeconfig?: string;
  /** Namespace of the Leases: leader election and the heartbeats of backends. */
  namespace: string;
  leaderElect: boolean;
  /** 0: none. */
  metricsPort: number;
  healthPort: number;
  /** Workflows that are handled at once. */
  workers: number;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** How long finished workflows stay that say nothing themselves; undefined: for good. */
  ttlSecondsAfterFinished?: number;
  /** Object store that records of finished workflows go to; undefined: none is kept. */
  archiveUrl?: string;
}

const yearSeconds = 366 * 24 * 3600;
const logLevels = ['debug', 'info', 'warn', 'error'] as const;

export const usage = `Usage: controllers [flags]

  --kubeconfig FILE   the hub (default: the cluster that it runs in)
  --namespace NAME    namespace of the Leases: leader election, heartbeats of backends (default: osmo)
  --leader-elect      only one of several replicas works
  --workers N         workflows that are handled at once (default: 16)
  --metrics-port N    Prometheus metrics, 0 = none (default: 8080)
  --health-port N     /healthz and /readyz, 0 = none (default: 8081)
  --ttl-seconds-after-finished N
                      how long finished workflows stay that don't set it themselves (default: for good)
  --archive-url URL   where their records go before they are deleted: file:///folder, or s3://bucket/prefix with
                      ?endpoint=URL&region=NAME&pathStyle=true where needed; credentials come from the environment
                      (default: nowhere)
  --log-level LEVEL   ${logLevels.join(', ')} (default: info)
`;

const flags = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', default: 'osmo' },
  'leader-elect': { type: 'boolean', default: false },
  workers: { type: 'string', default: '16' },
  'metrics-port': { type: 'string', default: '8080' },
  'health-port': { type: 'string', default: '8081' },
  'ttl-seconds-after-finished': { type: 'string' },
  'archive-url': { type: 'string' },
  'log-level': { type: 'string', default: 'info' },
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  const { 'ttl-seconds-after-finished': ttl, 'archive-url': archiveUrl } = values;
  return {
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    namespace: dnsLabel('namespace', values.namespace),
    leaderElect: values['leader-elect'],
    workers: integer('workers', values.workers, 1, 1024),
    metricsPort: integer('metrics-port', values['metrics-port'], 0, 65_535),
    healthPort: integer('health-port', values['health-port'], 0, 65_535),
    logLevel: oneOf('log-level', values['log-level'], logLevels),
    ...(ttl !== undefined && { ttlSecondsAfterFinished: integer('ttl-seconds-after-finished', ttl, 0, yearSeconds) }),
    ...(archiveUrl !== undefined && { archiveUrl: storeUrl('archive-url', archiveUrl) }),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function dnsLabel(flag: string, value: string): string {
  if (value.length <= 63 && /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(value)) return value;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be a DNS label of at most 63 characters`);
}

function integer(flag: string, value: string, min: number, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be an integer from ${min} to ${max}`);
}

function storeUrl(flag: string, value: string): string {
  try {
    parseStoreUrl(value);
    return value;
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}

function oneOf<const T extends string>(flag: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found !== undefined) return found;
  throw new UsageError(`--${flag} ${JSON.stringify(value)}: must be one of ${allowed.join(', ')}`);
}
