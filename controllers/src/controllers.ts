import { FieldManagers, type Workflow } from '@osmo/crds';
import { type Clock, type KubeClient, type Logger, Manager, type RuntimeMetrics } from '@osmo/kube';
import type { Outgoing } from '@osmo/kube/outgoing';
import type { ObjectStore } from '@osmo/storage';
import { appController } from './app/controller.ts';
import { archiveController } from './archive/controller.ts';
import { backendController } from './backend/controller.ts';
import { bucketController } from './bucket/controller.ts';
import { type Caches, newCaches } from './caches.ts';
import { datasetController } from './dataset/controller.ts';
import { Users } from './kinds.ts';
import type { Options } from './options.ts';
import { delivery } from './notifications/deliver.ts';
import { type Notifications, notifications } from './notifications/controller.ts';
import { MailServer } from './notifications/mail-server.ts';
import type { NotificationSettings } from './notifications/settings.ts';
import { platformController } from './platform/controller.ts';
import { poolController } from './pool/controller.ts';
import { quotaController } from './quota/controller.ts';
import { workflowController } from './workflow/controller.ts';
import { measureWorkflows } from './workflow/metrics.ts';

export interface ControllersDependencies {
  /** The hub. */
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  metrics: RuntimeMetrics;
  /** Name of this replica. */
  identity: string;
  /** Where records of finished workflows go; absent: nowhere. The caller closes it. */
  archive?: ObjectStore | undefined;
  /** Who is told of the ends of workflows; absent: nobody. */
  notifications?: { settings: NotificationSettings; outgoing: Pick<Outgoing, 'fetch'> } | undefined;
  options: Omit<Options, 'kubeconfig' | 'logLevel' | 'archiveUrl' | 'notificationsFile'>;
}

/** Name of the Lease by which one of several replicas is chosen. */
const leaseName = 'osmo-controllers';

/**
 * Runs all controllers of the hub until the signal aborts. Endpoints answer from the start; `/readyz` when the caches are
 * filled.
 *
 * @throws LeadershipLostError; whatever makes a part fail
 */
export async function runControllers(dependencies: ControllersDependencies, signal: AbortSignal): Promise<void> {
  const { client, clock, metrics, archive, options } = dependencies;
  const manager = managerOf(dependencies);
  const caches = newCaches(manager, options.namespace);
  measureWorkflows(caches.workflows, metrics.registry);
  manager.add(workflowController(caches, { clock, workers: options.workers, archive }));
  manager.add(backendController(caches, { clock }));
  manager.add(poolController(caches));
  manager.add(platformController(caches));
  manager.add(appController(caches, client));
  manager.add(datasetController(caches));
  manager.add(bucketController(caches));
  manager.add(quotaController(caches));
  const told = notificationsOf(dependencies, manager, caches);
  if (told !== undefined) manager.add(told.controller);
  const afterEnd = {
    heldUntil: told && ((workflow: Workflow) => told.heldUntil(workflow)),
    client,
    registry: metrics.registry,
    store: archive,
    defaultTtlSeconds: options.ttlSecondsAfterFinished,
  };
  manager.add(archiveController(manager, caches.workflows, afterEnd));
  await manager.start(signal);
}

function notificationsOf(
  { notifications: given, clock }: ControllersDependencies,
  manager: Manager,
  { workflows }: Caches,
): Notifications | undefined {
  if (given === undefined) return undefined;
  const { settings, outgoing } = given;
  const mail = settings.smtp && new MailServer(settings.smtp);
  // Who wants what is of interest only where it can be had.
  const isPersonal = mail !== undefined || settings.slackUrlFile !== undefined;
  const people = isPersonal ? manager.informer({ type: Users }) : undefined;
  return notifications({ workflows, settings, people, deliver: delivery({ outgoing, mail, clock }) });
}

function managerOf({ client, clock, logger, metrics, identity, options }: ControllersDependencies): Manager {
  const { leaderElect, namespace, healthPort, metricsPort } = options;
  return new Manager({
    clusters: { default: client },
    fieldManager: FieldManagers.controllers,
    reporter: { controller: 'osmo.dev/controllers', instance: identity },
    clock,
    logger,
    metrics,
    ...(leaderElect && { leaderElection: { namespace, name: leaseName, identity } }),
    ...(healthPort !== 0 && { health: { port: healthPort } }),
    ...(metricsPort !== 0 && { metricsEndpoint: { port: metricsPort } }),
  });
}
