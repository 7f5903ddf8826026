import { FieldManagers } from '@osmo/crds';
import { type Clock, type KubeClient, type Logger, Manager, type Pod, type RuntimeMetrics } from '@osmo/kube';
import type { ObjectStore } from '@osmo/storage';
import { Clusters } from './clusters.ts';
import { CredentialDirectory } from './credentials/directory.ts';
import { type GroupCaches, groupCaches } from './group/caches.ts';
import { groupController, keyOfGroup } from './group/controller.ts';
import { GoneTasks } from './group/gone-tasks.ts';
import { groupOfObject, groupOfTask } from './group/identity.ts';
import { CreateLedger, recordingClient } from './group/ledger.ts';
import { logEvents } from './group/log-events.ts';
import { beat } from './heartbeat/heartbeat.ts';
import { hasPodGroup, PodGroups } from './group/pod-group.ts';
import { LogCollector } from './logs/collector.ts';
import { inventoryCaches, inventoryController } from './inventory/controller.ts';
import { readFacts } from './inventory/facts.ts';
import { OptionalKind } from './optional-kind.ts';
import type { Options } from './options.ts';
import type { DataSettings } from './transfer/plan.ts';

export interface OperatorDependencies {
  /** Where Tasks and the Backend are. */
  hub: KubeClient;
  /** Where pods run; may be the same cluster, through a client of its own. */
  cluster: KubeClient;
  clock: Clock;
  logger: Logger;
  metrics: RuntimeMetrics;
  /** Name of this replica. */
  identity: string;
  version: string;
  /** Where logs of tasks are stored; undefined: they stay on the nodes. */
  logStore?: ObjectStore | undefined;
  /** Variables with the credentials of intermediate storage. */
  dataEnvironment?: Readonly<Record<string, string>>;
  options: Omit<Options, 'kubeconfig' | 'hubKubeconfig' | 'logLevel' | 'logUrl'>;
}

/** Name of the Lease by which one of several replicas is chosen; one per backend, and never the name of a heartbeat. */
function leaseNameOf(backend: string): string {
  return `osmo-operator-${backend}`;
}

/**
 * Runs the operator of one backend until the signal aborts: registers the cluster, then runs groups, reports the inventory
 * and beats. Endpoints answer from the start; `/readyz` when the caches are filled.
 *
 * @throws RegistrationError when the backend is another cluster's; LeadershipLostError; whatever makes a part fail
 */
export async function runOperator(dependencies: OperatorDependencies, signal: AbortSignal): Promise<void> {
  const { hub, cluster, clock, logger, identity, options } = dependencies;
  const { backend } = options;
  const facts = await readFacts(dependencies, signal);
  const ledger = new CreateLedger();
  const gangs = new OptionalKind(PodGroups, clock);
  const manager = managerOf(dependencies, gangs.clientOf(recordingClient(cluster, ledger)));
  const { nodeLostSeconds, taskRuntimeImage, createConfigErrorSeconds, statusUnknownSeconds, startTimeoutSeconds } =
    options;
  const limits = { createConfigErrorSeconds, statusUnknownSeconds, startTimeoutSeconds };
  const caches = groupCaches(manager, backend);
  const logs = collectLogs(dependencies, manager, caches);
  const groups = manager.add(
    groupController(
      {
        caches,
        ledger,
        gone: new GoneTasks(hub),
        credentials: new CredentialDirectory(hub, logger),
        gangs,
        settings: { limits, nodeLostSeconds, taskRuntimeImage, data: dataSettings(dependencies) },
        ...(logs === undefined ? {} : { logs: logs.facts }),
      },
      options.workers,
    ),
  );
  gangs.onServed(() => {
    logger.info('the cluster knows gangs of KAI: each group of a pool with KAI or Run:AI gets one');
    for (const task of caches.tasks.list()) {
      const key = hasPodGroup(task) ? keyOfGroup(groupOfTask(task)) : undefined;
      if (key !== undefined) groups.enqueue(key);
    }
  });
  logs?.onSettled((pod) => {
    const key = keyOfGroup(groupOfObject(pod));
    if (key !== undefined) groups.enqueue(key);
  });
  manager.add(inventoryController(inventoryCaches(manager, backend), backend, facts));
  const heartbeat = { hub, backend, namespace: options.hubNamespace, identity, clock, logger };
  manager.addRunnable({ name: 'heartbeat', run: (stop) => beat(heartbeat, stop) });
  await manager.start(signal);
}

/** Intermediate storage, if there is any. */
function dataSettings({ options, dataEnvironment = {} }: OperatorDependencies): DataSettings | undefined {
  const { dataUrl, dataRateLimit: rateLimit, uploadSeconds } = options;
  return dataUrl === undefined ? undefined : { url: dataUrl, environment: dataEnvironment, rateLimit, uploadSeconds };
}

/** Stores the logs of the pods in the caches, if there is a store. */
function collectLogs(
  { cluster, logStore, clock, logger, options }: OperatorDependencies,
  manager: Manager,
  { pods }: GroupCaches,
) {
  if (logStore === undefined) return undefined;
  const listeners: ((pod: Pod) => void)[] = [];
  const recorder = manager.recorder(Clusters.hub);
  const collector = new LogCollector({
    pods,
    cluster,
    store: logStore,
    streams: options.logStreams,
    clock,
    logger: logger.child({ part: 'logs' }),
    settled: (pod) => {
      for (const listener of listeners) listener(pod);
    },
    incomplete: (pod, why) => {
      for (const event of logEvents(pod, why)) recorder.record(event);
    },
  });
  manager.addRunnable({ name: 'logs', run: (stop) => collector.run(stop) });
  return {
    facts: { isPending: (pod: Pod) => collector.isPending(pod), releaseSeconds: options.logReleaseSeconds },
    onSettled: (listener: (pod: Pod) => void) => void listeners.push(listener),
  };
}

function managerOf(
  { hub, clock, logger, metrics, identity, options }: OperatorDependencies,
  cluster: KubeClient,
): Manager {
  const { leaderElect, namespace, backend, healthPort, metricsPort } = options;
  return new Manager({
    clusters: { [Clusters.hub]: hub, [Clusters.cluster]: cluster },
    fieldManager: FieldManagers.backendOperator,
    reporter: { controller: 'osmo.dev/backend-operator', instance: identity },
    clock,
    logger,
    metrics,
    ...(leaderElect
      ? { leaderElection: { on: Clusters.cluster, namespace, name: leaseNameOf(backend), identity } }
      : {}),
    ...(healthPort === 0 ? {} : { health: { port: healthPort } }),
    ...(metricsPort === 0 ? {} : { metricsEndpoint: { port: metricsPort } }),
  });
}
