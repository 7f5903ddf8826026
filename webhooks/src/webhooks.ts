import { extname } from 'node:path';
import { type Clock, type KubeClient, type KubeObject, type Logger, Manager, type RuntimeMetrics } from '@osmo/kube';
import { CertificateKeeper, type CertificatePolicy, defaultPolicy, issueInThread } from '@osmo/kube/certificates';
import { RecipeReader } from '@osmo/workflow-spec/reader';
import { recipeFinder } from './apps/find-recipe.ts';
import { renderApp } from './apps/render-app.ts';
import { type Caches, newCaches } from './caches.ts';
import { trustingConfigurations } from './certificates/trust.ts';
import { credentialsOf } from './credentials.ts';
import { dataOf } from './data.ts';
import { defaultPoolOf } from './default-pool.ts';
import { webhookMetrics } from './metrics.ts';
import type { Options } from './options.ts';
import { askQuotas } from './quota/ask.ts';
import { UsageBook } from './quota/reserve.ts';
import { isWorkflow, judge, type Surroundings } from './review/judge.ts';
import { reviewHandler } from './server/handler.ts';
import { ReviewServer } from './server/serve.ts';
import { submitterOf } from './submitter.ts';

/** How the webhooks run, whatever starts them. */
export type WebhookOptions = Omit<Options, 'kubeconfig' | 'logLevel'>;

export interface WebhooksDependencies {
  /** The hub. */
  client: KubeClient;
  clock: Clock;
  logger: Logger;
  metrics: RuntimeMetrics;
  /** Name of this replica. */
  identity: string;
  options: WebhookOptions;
  policy?: CertificatePolicy;
  /** Called with the port once the webhooks are answered. */
  onListening?: (port: number) => void;
}

// From the sources, or as it was bundled beside this file.
const programOf = (thread: string): URL => new URL(`./${thread}${extname(import.meta.url)}`, import.meta.url);
const issueProgram = programOf('issue-worker');

/** The template engine takes memory only while somebody submits apps: its one thread ends soon after. */
const reading = { workers: 1, queueLimit: 64, idleMs: 60_000, worker: programOf('recipe-worker') };

/** The apiserver takes objects of 3 MiB; a review of an update holds two. */
const maxBodyBytes = 8 << 20;
const maxBytesAtOnce = 32 << 20;
/** A task of a review takes some thirty times the memory of its JSON while it is judged. */
const turns = { count: 8, bytes: 4 << 20 };

/**
 * Runs the webhooks until the signal aborts, then drains. Every replica answers every call; each keeps the certificates.
 *
 * @throws whatever makes a part fail
 */
export async function runWebhooks(dependencies: WebhooksDependencies, signal: AbortSignal): Promise<void> {
  const { client, clock, logger, options, onListening } = dependencies;
  const manager = managerOf(dependencies);
  const caches = newCaches(manager, options);
  const metrics = webhookMetrics(dependencies.metrics.registry);
  const surroundings = surroundingsOf(caches, client, logger);
  const recipes = new RecipeReader(reading);
  const quota = { quotas: () => caches.quotas.list(), book: new UsageBook({ client, clock }), clock };
  const rendering = { findRecipe: recipeFinder(client), recipes };
  const handler = reviewHandler({
    async answer(question, request) {
      if (question === 'render') return renderApp(request, rendering);
      if (question === 'submitter') return submitterOf(request);
      const answer = await judge(question, request, surroundings);
      // Room is taken only for what nothing else speaks against.
      if (question !== 'validate' || !answer.allowed || !isWorkflow(request)) return answer;
      const room = await askQuotas(request, quota);
      return room.allowed ? answer : room;
    },
    maxBodyBytes,
    maxBytesAtOnce,
    turns,
    draining: () => signal.aborted,
    clock,
    logger,
    metrics,
  });
  const { host, port, drainMs } = options;
  const server = new ReviewServer(handler, { host, port, drainMs, clock, logger });
  const keeper = new CertificateKeeper({
    client,
    secrets: caches.secrets,
    trusting: trustingConfigurations(caches.configurations, client, logger),
    namespace: options.namespace,
    secret: options.secret,
    managed: options.manageCertificates,
    names: options.serverNames,
    policy: dependencies.policy ?? defaultPolicy,
    issue: (names, policy, now) => issueInThread(issueProgram, { names, policy, now }),
    serve: (generation) => server.use(generation),
    clock,
    logger,
    metrics,
  });
  manager.addCheck('ready', 'certificate', () => keeper.problem());
  manager.addCheck('ready', 'serving', () => (signal.aborted ? 'stopping' : server.problem()));
  manager.addRunnable({ name: 'certificates', needsLeadership: false, run: (stop) => keeper.run(stop) });
  manager.addRunnable({
    name: 'webhooks',
    needsLeadership: false,
    async run(stop) {
      const { pools, platforms, backends, namespaces, quotas } = caches;
      await Promise.all([pools, platforms, backends, namespaces, quotas].map(({ synced }) => synced));
      await Promise.race([keeper.serving, abortOf(stop)]);
      if (stop.aborted) return;
      const listening = await server.listen();
      onListening?.(listening);
      await abortOf(stop);
      await server.close();
    },
  });
  try {
    await manager.start(signal);
  } finally {
    await recipes.close();
  }
}

/** What the rules see: the caches as they are at the moment of the question. */
function surroundingsOf(caches: Caches, client: KubeClient, logger: Logger): Surroundings {
  const byName = <T extends KubeObject>(objects: readonly T[]): ReadonlyMap<string, T> =>
    new Map(objects.map((object) => [object.metadata.name, object]));
  return {
    get pools() {
      return byName(caches.pools.list());
    },
    get platforms() {
      return byName(caches.platforms.list());
    },
    get backends() {
      return byName(caches.backends.list());
    },
    defaultPool: defaultPoolOf(caches.namespaces, client),
    credentials: credentialsOf(client, logger),
    data: dataOf(client, logger),
  };
}

function abortOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function managerOf({ client, clock, logger, metrics, identity, options }: WebhooksDependencies): Manager {
  const { healthPort, metricsPort, drainMs } = options;
  return new Manager({
    clusters: { default: client },
    fieldManager: 'osmo-webhooks',
    reporter: { controller: 'osmo.dev/webhooks', instance: identity },
    clock,
    logger,
    metrics,
    gracefulStopMs: drainMs + 10_000,
    ...(healthPort !== 0 && { health: { port: healthPort } }),
    ...(metricsPort !== 0 && { metricsEndpoint: { port: metricsPort } }),
  });
}
