import {
  dnsLabelFlag,
  integerFlag,
  oneOfFlag,
  type ProcessOptions,
  processFlags,
  processOptions,
  processUsage,
  readFlags,
  UsageError,
  wrongFlag,
} from '@osmo/kube';
import { parseStoreUrl, type RateLimit } from '@osmo/storage';
import { version } from './version.ts';

/** What the process was started with. */
export interface Options extends ProcessOptions {
  backend: string;
  /** Kubeconfig of the cluster whose pods it runs; undefined: in the cluster. */
  kubeconfig?: string;
  /** Kubeconfig of the hub; undefined: the same cluster. */
  hubKubeconfig?: string;
  /** Namespace of the leader-election Lease. */
  namespace: string;
  /** Namespace of the heartbeat Lease on the hub. */
  hubNamespace: string;
  leaderElect: boolean;
  workers: number;
  register: boolean;
  nodeLostSeconds: number;
  /** Image of what runs beside the commands of tasks. */
  taskRuntimeImage: string;
  createConfigErrorSeconds: number;
  statusUnknownSeconds: number;
  startTimeoutSeconds: number;
  /** Store of logs; undefined: they stay on the nodes. */
  logUrl?: string;
  /** Intermediate storage of the outputs of tasks; undefined: there is none. */
  dataUrl?: string;
  /** How fast the containers of each pod may use that storage; undefined: as fast as they can. */
  dataRateLimit?: RateLimit;
  /** How long uploads may take after a command ended. */
  uploadSeconds: number;
  /** Logs that are read at once. */
  logStreams: number;
  /** A pod that is to go waits at most so long for its log to be stored. */
  logReleaseSeconds: number;
}

export const usage = `Usage: backend-operator --backend NAME [flags]

  --backend NAME                   Backend on the hub that this cluster is (DNS label, required)
  --kubeconfig FILE                cluster whose pods it runs (default: in the cluster)
  --hub-kubeconfig FILE            hub (default: the same cluster)
  --namespace NAME                 namespace of the leader-election Lease (default: osmo)
  --hub-namespace NAME             namespace of the heartbeat Lease on the hub (default: --namespace)
  --leader-elect                   only one of several replicas works
  --register=false                 fail when the hub has no such Backend, instead of making it
  --workers N                      groups that are handled at once (default: 16)
  --task-runtime-image IMAGE       what runs beside the commands of tasks, such as the start barrier of a group
                                   (default: docker.io/osmo/task-runtime:${version})
  --node-lost-seconds N            a pod is given up when its node was not ready for so long, unless its template
                                   tolerates it for another time (default: 300, as Kubernetes does)
  --create-config-error-seconds N  a task fails when its container can't be configured for so long (default: 600)
  --status-unknown-seconds N       a task fails when its container's state is unknown for so long (default: 1800)
  --start-timeout-seconds N        a task fails when its volumes or network are not ready so long after it got a
                                   node (default: 1800)
  --log-url URL                    where the logs of tasks are stored before their pods go: file:///folder, or
                                   s3://bucket/prefix with endpoint, region and pathStyle as parameters and the
                                   credentials in the environment (default: nowhere)
  --data-url URL                   where the outputs of tasks are kept for those that take them, as --log-url. Variables
                                   that begin with OSMO_DATA_ are handed, without that, to what moves data in pods of
                                   tasks: OSMO_DATA_AWS_ACCESS_KEY_ID … (default: nowhere)
  --data-bytes-per-second N        what moves data in a pod may read and write so much there, on average (default: 0,
                                   without limit)
  --data-requests-per-second N     it may make so many requests there, on average (default: 0, without limit)
  --upload-seconds N               uploads after a command ended may take so long, and so may a command that doesn't heed
                                   SIGTERM, when anybody but OSMO deletes its pod; a workflow's uploadSeconds
                                   counts instead; what a task's storage takes at 64 MiB/s, or a template's
                                   terminationGracePeriodSeconds, where it is longer (default: 600)
  --log-streams N                  logs that are read at once (default: 256)
  --log-release-seconds N          a pod that is to go waits at most so long for its log to be stored (default: 300)
${processUsage(35)}
`;

const flags = {
  backend: { type: 'string' },
  kubeconfig: { type: 'string' },
  'hub-kubeconfig': { type: 'string' },
  namespace: { type: 'string', default: 'osmo' },
  'hub-namespace': { type: 'string' },
  'leader-elect': { type: 'boolean', default: false },
  register: { type: 'string', default: 'true' },
  workers: { type: 'string', default: '16' },
  'task-runtime-image': { type: 'string', default: `docker.io/osmo/task-runtime:${version}` },
  'node-lost-seconds': { type: 'string', default: '300' },
  'create-config-error-seconds': { type: 'string', default: '600' },
  'status-unknown-seconds': { type: 'string', default: '1800' },
  'start-timeout-seconds': { type: 'string', default: '1800' },
  'log-url': { type: 'string' },
  'data-url': { type: 'string' },
  'data-bytes-per-second': { type: 'string', default: '0' },
  'data-requests-per-second': { type: 'string', default: '0' },
  'upload-seconds': { type: 'string', default: '600' },
  'log-streams': { type: 'string', default: '256' },
  'log-release-seconds': { type: 'string', default: '300' },
  ...processFlags,
} as const;

/** 0 is no limit. */
function rateLimit(bytesPerSecond: number, requestsPerSecond: number): Pick<Options, 'dataRateLimit'> {
  if (bytesPerSecond === 0 && requestsPerSecond === 0) return {};
  const limit = { ...(bytesPerSecond > 0 && { bytesPerSecond }), ...(requestsPerSecond > 0 && { requestsPerSecond }) };
  return { dataRateLimit: limit };
}

/**
 * Reads the command line.
 *
 * @throws UsageError for an unknown flag or a value that isn't allowed
 */
export function parseOptions(argv: readonly string[]): Options {
  const values = readFlags(argv, flags);
  const seconds = (
    flag:
      | 'node-lost-seconds'
      | 'create-config-error-seconds'
      | 'status-unknown-seconds'
      | 'start-timeout-seconds'
      | 'log-release-seconds'
      | 'upload-seconds',
  ) => integerFlag(flag, values[flag], 0, 31_536_000);
  const namespace = dnsLabelFlag('namespace', values.namespace);
  return {
    backend: dnsLabelFlag('backend', values.backend),
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
    ...(values['hub-kubeconfig'] === undefined ? {} : { hubKubeconfig: values['hub-kubeconfig'] }),
    namespace,
    hubNamespace: dnsLabelFlag('hub-namespace', values['hub-namespace'] ?? namespace),
    leaderElect: values['leader-elect'],
    register: oneOfFlag('register', values.register, ['true', 'false']) === 'true',
    workers: integerFlag('workers', values.workers, 1, 1024),
    taskRuntimeImage: image('task-runtime-image', values['task-runtime-image']),
    nodeLostSeconds: seconds('node-lost-seconds'),
    createConfigErrorSeconds: seconds('create-config-error-seconds'),
    statusUnknownSeconds: seconds('status-unknown-seconds'),
    startTimeoutSeconds: seconds('start-timeout-seconds'),
    ...(values['log-url'] === undefined ? {} : { logUrl: storeUrl('log-url', values['log-url']) }),
    ...(values['data-url'] === undefined ? {} : { dataUrl: storeUrl('data-url', values['data-url']) }),
    ...rateLimit(
      integerFlag('data-bytes-per-second', values['data-bytes-per-second'], 0, Number.MAX_SAFE_INTEGER),
      integerFlag('data-requests-per-second', values['data-requests-per-second'], 0, 1_000_000),
    ),
    uploadSeconds: seconds('upload-seconds'),
    logStreams: integerFlag('log-streams', values['log-streams'], 1, 10_000),
    logReleaseSeconds: seconds('log-release-seconds'),
    ...processOptions(values),
  };
}

function image(flag: string, value: string): string {
  if (value.length <= 4096 && /^[A-Za-z0-9][^\s]*$/.test(value)) return value;
  throw wrongFlag(flag, value, 'must be the name of an image');
}

function storeUrl(flag: string, value: string): string {
  try {
    parseStoreUrl(value);
    return value;
  } catch (error) {
    throw new UsageError(`--${flag}: ${(error as Error).message}`);
  }
}
