import {
  dnsLabelFlag,
  integerFlag,
  type ProcessOptions,
  processFlags,
  processOptions,
  processUsage,
  readFlags,
  UsageError,
} from '@osmo/kube';
import { parseStoreUrl } from '@osmo/storage';

/** What the process was started with. */
export interface Options extends ProcessOptions {
  /** Undefined: in the cluster. */
  kubeconfig?: string;
  /** Namespace of the Leases: leader election and the heartbeats of backends. */
  namespace: string;
  leaderElect: boolean;
  /** Workflows that are handled at once. */
  workers: number;
  /** How long finished workflows stay that say nothing themselves; undefined: for good. */
  ttlSecondsAfterFinished?: number;
  /** File with the settings of notifications; undefined: nobody is told. */
  notificationsFile?: string;
  /** Object store that records of finished workflows go to; undefined: none is kept. */
  archiveUrl?: string;
}

const yearSeconds = 366 * 24 * 3600;

export const usage = `Usage: controllers [flags]

  --kubeconfig FILE   the hub (default: the cluster that it runs in)
  --namespace NAME    namespace of the Leases: leader election, heartbeats of backends (default: osmo)
  --leader-elect      only one of several replicas works
  --workers N         workflows that are handled at once (default: 16)
  --ttl-seconds-after-finished N
                      how long finished workflows stay that don't set it themselves (default: for good)
  --archive-url URL   where their records go before they are deleted: file:///folder, or s3://bucket/prefix with
                      ?endpoint=URL&region=NAME&pathStyle=true where needed; credentials come from the environment
                      (default: nowhere)
  --notifications FILE
                      who is told of the ends of workflows, and how, as JSON: docs/notifications.md (default: nobody)
${processUsage(22)}
`;

const flags = {
  kubeconfig: { type: 'string' },
  namespace: { type: 'string', default: 'osmo' },
  'leader-elect': { type: 'boolean', default: false },
  workers: { type: 'string', default: '16' },
  'ttl-seconds-after-finished': { type: 'string' },
  'archive-url': { type: 'string' },
  notifications: { type: 'string' },
  ...processFlags,
} as const;

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = readFlags(argv, flags);
  const { 'ttl-seconds-after-finished': ttl, 'archive-url': archiveUrl } = values;
  return {
    ...(values.kubeconfig !== undefined && { kubeconfig: values.kubeconfig }),
    namespace: dnsLabelFlag('namespace', values.namespace),
    leaderElect: values['leader-elect'],
    workers: integerFlag('workers', values.workers, 1, 1024),
    ...processOptions(values),
    ...(ttl !== undefined && {
      ttlSecondsAfterFinished: integerFlag('ttl-seconds-after-finished', ttl, 0, yearSeconds),
    }),
    ...(values.notifications !== undefined && { notificationsFile: values.notifications }),
    ...(archiveUrl !== undefined && { archiveUrl: storeUrl('archive-url', archiveUrl) }),
  };
}

function storeUrl(flag: string, value: string): string {
  try {
    parseStoreUrl(value);
    return value;
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}
