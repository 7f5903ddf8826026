import { Api } from '@osmo/crds';
import type { PoolSpecInput, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { isAbort, type KubeClient, runtimeMetrics, silentLogger, systemClock } from '@osmo/kube';
import { runControllers } from '../controllers.ts';
import { Backends, Pools, Workflows } from '../kinds.ts';
import { until } from './until.ts';

/** The controllers in this process, which can be stopped and started again. */
export class Hub {
  readonly #client: KubeClient;
  readonly #namespace: string;
  #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #metrics = runtimeMetrics(undefined, { process: false });

  readonly #leaderElect: boolean;

  constructor(client: KubeClient, namespace: string, { leaderElect = false } = {}) {
    this.#client = client;
    this.#namespace = namespace;
    this.#leaderElect = leaderElect;
  }

  start(): void {
    this.#stop = new AbortController();
    this.#metrics = runtimeMetrics(undefined, { process: false });
    const dependencies = {
      client: this.#client,
      clock: systemClock,
      logger: silentLogger,
      metrics: this.#metrics,
      identity: 'test',
      options: {
        namespace: this.#namespace,
        leaderElect: this.#leaderElect,
        workers: 16,
        metricsPort: 0,
        healthPort: 0,
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
  ended(name: string, timeoutMs = 60_000): Promise<Workflow> {
    return until(
      () => this.get(name),
      ({ status }) => status?.phase === 'Completed' || status?.phase === 'Failed',
      timeoutMs,
    );
  }
}
