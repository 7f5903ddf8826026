import type { Informer } from '../../cache/types.ts';
import type { KubeObject } from '../../client/types.ts';
import { aborted } from '../aborted.ts';
import { type Clock, systemClock } from '../clock.ts';
import { Controller } from '../controller/controller.ts';
import type { ControllerDefinition } from '../controller/definition.ts';
import { createEventRecorder, routineEvents, type SendingRecorder } from '../events/recorder.ts';
import type { EventRecorder } from '../events/types.ts';
import { type HealthCheck, HealthChecks } from '../health/checks.ts';
import { type Endpoint, healthHandlers, metricsHandlers, serve } from '../health/server.ts';
import { LeaderElector } from '../leader/elector.ts';
import { defaultCluster } from '../plan.ts';
import { type InformerRequest, SharedInformers } from './shared-informers.ts';
import { LeadershipLostError, type ManagerOptions, type Runnable } from './types.ts';

const flushMs = 5_000;

/** Something that works until `stop`, and drops what it is doing at `kill`. */
interface Worker {
  name: string;
  needsLeadership: boolean;
  run(stop: AbortSignal, kill: AbortSignal): Promise<void>;
}

/**
 * A process of controllers: shares caches between them, elects a leader, serves health and metrics, and stops in order.
 *
 * Add everything first, then `start` once.
 */
export class Manager {
  readonly live = new HealthChecks();
  readonly ready = new HealthChecks();
  readonly #options: ManagerOptions;
  readonly #clock: Clock;
  readonly #informers: SharedInformers;
  readonly #recorders: Record<string, SendingRecorder>;
  readonly #elector: LeaderElector | undefined;
  readonly #workers: Worker[] = [];
  #endpoints: Endpoint[] = [];
  #isLeading = false;
  #started = false;

  constructor(options: ManagerOptions) {
    const { clusters, logger, metrics, reporter, leaderElection, normalEvents, random } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const clock = this.#clock;
    this.#informers = new SharedInformers(({ on, ...request }) => {
      const client = this.#client(on);
      return { ...request, client, clock, logger: logger.child({ cluster: on }), metrics: metrics.reflectors, random };
    });
    const routine = routineEvents(clock, normalEvents);
    this.#recorders = Object.fromEntries(
      Object.entries(clusters).map(([on, client]) => [
        on,
        createEventRecorder({ client, reporter, clock, logger, metrics: metrics.events, random, routine }),
      ]),
    );
    if (leaderElection !== undefined) {
      const { on, ...lease } = leaderElection;
      const client = this.#client(on);
      this.#elector = new LeaderElector({ ...lease, client, clock, logger, metrics: metrics.leaders, random });
      this.live.add('leader-election', () => this.#checkLeadership());
    }
    this.ready.add('caches', () => {
      const missing = this.#informers.unsynced();
      return missing.length === 0 ? undefined : `not filled yet: ${missing.join(', ')}`;
    });
    this.live.add('ping', () => undefined);
    this.ready.add('ping', () => undefined);
  }

  /** A cache shared by all who ask for the same; started with the manager. */
  informer<T extends KubeObject>(request: InformerRequest<T>): Informer<T> {
    if (this.#started) throw new Error('informers must be asked for before the manager starts');
    return this.#informers.get(request);
  }

  /** The recorder of a cluster, for what is not a controller. */
  recorder(on: string = defaultCluster): EventRecorder {
    const recorder = this.#recorders[on];
    if (recorder === undefined) throw new RangeError(`cluster ${JSON.stringify(on)} is unknown`);
    return recorder;
  }

  /** Whether this process may act now. */
  isLeader(): boolean {
    return this.#elector?.isLeader() ?? true;
  }

  /** Adds a controller. Its informers must be the manager's, or be started by the caller. */
  add<T extends KubeObject, W>(definition: ControllerDefinition<T, W>): Controller<T, W> {
    const { clusters, fieldManager, logger, metrics, random, stuckAfterMs = 600_000 } = this.#options;
    const { name } = definition;
    const controller = new Controller(definition, {
      clock: this.#clock,
      logger,
      clients: clusters,
      recorders: this.#recorders,
      fieldManager,
      mayWrite: () => this.isLeader(),
      metrics: metrics.controllers.of(name),
      queueMetrics: metrics.queues.of(name),
      random,
    });
    metrics.queues.observe(name, controller.queue);
    this.live.add(`controller-${name}`, () => {
      const { longest } = controller.queue.unfinished();
      return longest * 1000 < stuckAfterMs ? undefined : `a reconcile has not ended for ${Math.round(longest)} s`;
    });
    this.#addWorker({ name, needsLeadership: true, run: (stop, kill) => controller.run(stop, kill) });
    return controller;
  }

  addRunnable(runnable: Runnable): void {
    const { name, needsLeadership = true, mayEnd = false } = runnable;
    this.#addWorker({
      name,
      needsLeadership,
      run: async (stop, kill) => {
        const signal = AbortSignal.any([stop, kill]);
        try {
          await runnable.run(signal);
        } catch (error) {
          // What a stop makes fail, fails as it should.
          if (!signal.aborted) throw error;
        }
        if (!signal.aborted && !mayEnd) throw new Error(`${name} has ended by itself`);
      },
    });
  }

  addCheck(which: 'live' | 'ready', name: string, check: HealthCheck): void {
    this[which].add(name, check);
  }

  /** Ports that the endpoints listen on, in the order health, metrics. */
  get ports(): number[] {
    return this.#endpoints.map(({ port }) => port);
  }

  /**
   * Runs until `signal` aborts and everything has stopped in order: no new work, running reconciles finish (bounded),
   * events are flushed, the lease is released, endpoints are closed.
   *
   * @throws LeadershipLostError, or the first failure of anything that runs; the process should exit non-zero then.
   */
  async start(signal: AbortSignal): Promise<void> {
    if (this.#started) throw new Error('a manager can be started once');
    this.#started = true;
    const stop = new AbortController();
    const kill = new AbortController();
    const end = new AbortController();
    const fatal = Promise.withResolvers<never>();
    fatal.promise.catch(() => undefined);
    const running: Promise<void>[] = [];
    const begin = (needsLeadership: boolean, lost?: AbortSignal): void => {
      const killed = lost === undefined ? kill.signal : AbortSignal.any([kill.signal, lost]);
      for (const worker of this.#workers.filter((each) => each.needsLeadership === needsLeadership)) {
        running.push(this.#run(worker, stop.signal, killed, fatal.reject));
      }
    };
    await this.#listen();
    try {
      this.#informers.start(end.signal);
      begin(false);
      const election = this.#lead((lost) => begin(true, lost), end.signal, fatal.reject);
      let failure: unknown;
      await Promise.race([aborted(signal), fatal.promise]).catch((error: unknown) => (failure = error));
      if (failure instanceof LeadershipLostError) kill.abort(failure);
      stop.abort(new Error('the process is stopping'));
      await this.#drain(running, kill);
      // Another process may be at work already: what we would tell now may not be true any more.
      if (!(failure instanceof LeadershipLostError)) await this.#flush();
      end.abort(new Error('the process is stopping'));
      await election;
      if (failure !== undefined) throw failure;
    } finally {
      end.abort(new Error('the process is stopping'));
      await Promise.all(this.#endpoints.map((endpoint) => endpoint.close()));
    }
  }

  /** Leads as soon as it may; resolves when the lease was given up. */
  async #lead(begin: (lost?: AbortSignal) => void, end: AbortSignal, fail: (error: unknown) => void): Promise<void> {
    const elector = this.#elector;
    if (elector === undefined) return begin();
    const callbacks = {
      onStartedLeading: (lost: AbortSignal) => {
        this.#isLeading = true;
        begin(lost);
      },
      onStoppedLeading: () => {
        this.#isLeading = false;
      },
      onNewLeader: (leader: string) => this.#options.logger.info('leader is', { leader }),
    };
    try {
      if ((await elector.run(callbacks, end)) === 'lost') fail(new LeadershipLostError(elector.name));
    } catch (error) {
      fail(error);
    }
  }

  async #run(worker: Worker, stop: AbortSignal, kill: AbortSignal, fail: (error: unknown) => void): Promise<void> {
    try {
      await worker.run(stop, kill);
    } catch (error) {
      this.#options.logger.error('a part of the process failed', { part: worker.name, error });
      fail(error);
    }
  }

  async #drain(running: readonly Promise<void>[], kill: AbortController): Promise<void> {
    const all = Promise.all(running).then(() => 'done' as const);
    const bound = this.#options.gracefulStopMs ?? 20_000;
    if (!kill.signal.aborted && (await this.#within(bound, all)) === 'done') return;
    if (!kill.signal.aborted) this.#options.logger.warn('work did not end in time; it is cut off', { ms: bound });
    kill.abort(new Error('the process is stopping'));
    // What ignores its signal dies with the process.
    await this.#within(1000, all);
  }

  async #flush(): Promise<void> {
    const timeout = new AbortController();
    const cancel = this.#clock.setTimeout(flushMs, () => timeout.abort());
    await Promise.all(Object.values(this.#recorders).map((recorder) => recorder.flush(timeout.signal)));
    cancel();
  }

  /** The promise's value, or undefined when it takes longer. */
  async #within<R>(ms: number, promise: Promise<R>): Promise<R | undefined> {
    let cancel = (): void => undefined;
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#clock.setTimeout(ms, () => resolve(undefined));
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      cancel();
    }
  }

  async #listen(): Promise<void> {
    const { health, metricsEndpoint, metrics } = this.#options;
    const probes = healthHandlers({ live: this.live, ready: this.ready });
    const numbers = metricsHandlers(metrics.registry);
    const isOne =
      health?.port !== 0 && health?.port === metricsEndpoint?.port && health?.host === metricsEndpoint?.host;
    const wanted = [
      health && { at: health, handlers: isOne ? { ...probes, ...numbers } : probes },
      isOne ? undefined : metricsEndpoint && { at: metricsEndpoint, handlers: numbers },
    ].filter((each) => each !== undefined);
    for (const { at, handlers } of wanted) {
      // In this order, so that the first failure leaves nothing that is not known.
      // oxlint-disable-next-line no-await-in-loop
      this.#endpoints.push(await serve(handlers, at));
    }
  }

  #addWorker(worker: Worker): void {
    if (this.#started) throw new Error(`${worker.name}: must be added before the manager starts`);
    if (this.#workers.some(({ name }) => name === worker.name)) {
      throw new RangeError(`${worker.name}: something of that name was added before`);
    }
    this.#workers.push(worker);
  }

  #checkLeadership(): string | undefined {
    return this.#isLeading && !this.isLeader() ? 'the lease ran out, but the work goes on' : undefined;
  }

  #client(on: string = defaultCluster) {
    const client = this.#options.clusters[on];
    if (client !== undefined) return client;
    throw new RangeError(`cluster ${JSON.stringify(on)} is unknown: ${Object.keys(this.#options.clusters).join(', ')}`);
  }
}
