import { Api } from '@osmo/crds';
import type { PoolSpecInput, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { isAbort, type KubeClient, Namespace, runtimeMetrics, silentLogger, systemClock } from '@osmo/kube';
import { newNamespace, until } from '@osmo/kube/testing';
import type { ObjectStore } from '@osmo/storage';
import { type ControllersDependencies, runControllers } from '../controllers.ts';
import { Backends, Pools, Workflows } from '../kinds.ts';
import { PlayedBackend, type Script } from './played-backend.ts';
import { connect } from './real-cluster.ts';

export interface HubOptions {
  leaderElect?: boolean;
  archive?: ObjectStore;
  ttlSecondsAfterFinished?: number;
  notifications?: ControllersDependencies['notifications'];
}

/** The controllers in this process, which can be stopped and started again. */
export class Hub {
  readonly #client: KubeClient;
  readonly #namespace: string;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  readonly #options: HubOptions;
  #metrics = runtimeMetrics(undefined, { process: false });

  constructor(client: KubeClient, namespace: string, options: HubOptions = {}) {
    this.#client = client;
    this.#namespace = namespace;
    this.#options = options;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#metrics = runtimeMetrics(undefined, { process: false });
    const { archive, notifications, leaderElect = false, ttlSecondsAfterFinished } = this.#options;
    const dependencies = {
      client: this.#client,
      clock: systemClock,
      logger: silentLogger,
      metrics: this.#metrics,
      identity: 'test',
      archive,
      notifications,
      options: {
        namespace: this.#namespace,
        leaderElect,
        workers: 16,
        metricsPort: 0,
        healthPort: 0,
        ...(ttlSecondsAfterFinished !== undefined && { ttlSecondsAfterFinished }),
      },
    };
    this.#running = runControllers(dependencies, this.#stop.signal).catch((error: unknown) => {
      if (!isAbort(error)) throw error;
    });
  }

  /** Writes that a controller has sent since the last start. */
  async writes(controller: string): Promise<number> {
    const metric = await this.#metrics.registry.getSingleMetric('osmo_controller_writes_total')?.get();
    const own = metric?.values.filter(({ labels }) => labels['controller'] === controller) ?? [];
    return own.reduce((sum, { value }) => sum + value, 0);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }
}

/** What tests ask of the API, in one namespace and with pools of their own. */
export class Lab {
  readonly client: KubeClient;
  readonly namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.client = client;
    this.namespace = namespace;
  }

  async makePool(name: string, spec: Partial<PoolSpecInput> = {}): Promise<void> {
    const pool = {
      apiVersion: Api.apiVersion,
      kind: 'Pool' as const,
      metadata: { name },
      spec: { backend: this.namespace, ...spec },
    };
    await this.client.apply(Pools, pool as never, { fieldManager: 'test', force: true });
  }

  async makeBackend(name: string): Promise<void> {
    const backend = { apiVersion: Api.apiVersion, kind: 'Backend' as const, metadata: { name }, spec: {} };
    await this.client.apply(Backends, backend, { fieldManager: 'test', force: true });
  }

  async submit(name: string, spec: WorkflowSpecInput | object): Promise<Workflow> {
    const workflow = {
      apiVersion: Api.apiVersion,
      kind: 'Workflow',
      metadata: { name, namespace: this.namespace },
      spec: { pool: this.namespace, ...spec },
    };
    return this.client.create(Workflows, workflow as Workflow, { fieldValidation: 'Strict' });
  }

  get(name: string): Promise<Workflow> {
    return this.client.get(Workflows, { namespace: this.namespace, name });
  }

  /** The workflow once it has ended. */
  ended(name: string, timeoutMs?: number): Promise<Workflow> {
    return until(
      () => this.get(name),
      ({ status }) => status?.phase === 'Completed' || status?.phase === 'Failed',
      timeoutMs,
    );
  }

  /** Removes the namespace, its backend and its pool. */
  async clear(): Promise<void> {
    const { client, namespace: name } = this;
    await Promise.allSettled([
      client.delete(Namespace, { name }),
      client.delete(Backends, { name }),
      client.delete(Pools, { name }),
    ]);
  }
}

/** A lab in a namespace of its own, with a backend and a pool of that name; to be cleared and its client closed. */
export async function openLab(prefix: string, pool: Partial<PoolSpecInput> = {}): Promise<Lab> {
  const client = await connect();
  const lab = new Lab(client, await newNamespace(client, prefix));
  await lab.makeBackend(lab.namespace);
  await lab.makePool(lab.namespace, pool);
  return lab;
}

/** A lab in which controllers run, and a backend that is played. */
export interface Stage {
  readonly client: KubeClient;
  readonly lab: Lab;
  readonly hub: Hub;
  readonly backend: PlayedBackend;
  close(): Promise<void>;
}

/** Opens a lab and starts the controllers, and a backend whose tasks end by the script. */
export async function openStage(prefix: string, script: Script, pool: Partial<PoolSpecInput> = {}): Promise<Stage> {
  const lab = await openLab(prefix, pool);
  const { client, namespace } = lab;
  const hub = new Hub(client, namespace);
  hub.start();
  const backend = new PlayedBackend(client, namespace, script);
  return {
    client,
    lab,
    hub,
    backend,
    async close() {
      await backend.stop();
      await hub.stop();
      await lab.clear();
      await client.close();
    },
  };
}
