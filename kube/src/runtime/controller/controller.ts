import { randomUUID } from 'node:crypto';
import type { Change, Informer } from '../../cache/types.ts';
import { isConflict, isGone, KubeError } from '../../client/errors.ts';
import { apiVersionOf } from '../../client/resource.ts';
import type { KubeClient, KubeObject } from '../../client/types.ts';
import { aborted } from '../aborted.ts';
import { type Clock, monotonicMs } from '../clock.ts';
import type { EventRecorder } from '../events/types.ts';
import { execute, type Primary } from '../execute/execute.ts';
import { OwnWrites } from '../execute/own-writes.ts';
import { describeWrite } from '../execute/refusal.ts';
import { Writer } from '../execute/writer.ts';
import type { Logger } from '../logger.ts';
import type { ControllerMetrics, ReconcileResult } from '../metrics/controller-metrics.ts';
import { defaultCluster, type EventIntent, type Plan } from '../plan.ts';
import { TokenBucket } from '../queue/token-bucket.ts';
import { type QueueMetrics, WorkQueue } from '../queue/work-queue.ts';
import { attempt } from './attempt.ts';
import type { ControllerDefinition } from './definition.ts';
import { isProgrammingError, NotLeadingError, ReconcileTimeoutError, TerminalError } from './errors.ts';
import { type Key, keyText, parseKey } from './keys.ts';
import { type Source, sourcesOf } from './sources.ts';

/** What a controller needs from its process. */
export interface ControllerDependencies {
  clock: Clock;
  logger: Logger;
  /** By cluster name. */
  clients: Readonly<Record<string, KubeClient>>;
  recorders: Readonly<Record<string, EventRecorder>>;
  fieldManager: string;
  /** Asked before every write: false when another process may be at the same work. */
  mayWrite?: (() => boolean) | undefined;
  metrics?: ControllerMetrics | undefined;
  queueMetrics?: QueueMetrics | undefined;
  random?: (() => number) | undefined;
}

/** How a reconcile went, for who asks with `reconcile`. */
export interface Reconciled {
  result: ReconcileResult;
  error?: unknown;
}

/** What is listed at the start goes behind what changes now. */
const listedPriority = -100;
/** First and longest wait for own writes to show up in the cache; their own events usually come first. */
const ownWritesWait = { firstMs: 25, longestMs: 1000 };
/** Bookmarks come about once a minute; a cache that is further behind lost its way (etcd restored from a backup). */
const ownWritesPatienceMs = 300_000;

/** Runs one controller definition; made by the manager, or by a test. */
export class Controller<T extends KubeObject = KubeObject, W = unknown> {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly #definition: ControllerDefinition<T, W>;
  readonly #dependencies: ControllerDependencies;
  readonly #sources: readonly Source[];
  readonly #ownWrites: OwnWrites;
  readonly #writer: Writer;
  readonly #waits = new Map<string, number>();
  #running = false;

  constructor(definition: ControllerDefinition<T, W>, dependencies: ControllerDependencies) {
    const { clock, clients, metrics } = dependencies;
    const { retryLimit } = definition;
    this.name = definition.name;
    this.#definition = definition;
    this.#dependencies = { ...dependencies, logger: dependencies.logger.child({ controller: definition.name }) };
    this.queue = new WorkQueue({
      clock,
      metrics: dependencies.queueMetrics,
      backoff: definition.backoff,
      limiter: retryLimit && new TokenBucket(clock, retryLimit.perSecond, retryLimit.burst),
      random: dependencies.random,
    });
    // What was to be done at a time may be due now, or may be due for longer than it seemed.
    clock.onStep?.(() => this.queue.expedite());
    this.#sources = sourcesOf(definition);
    for (const { on } of this.#sources) {
      if (clients[on] === undefined) throw new RangeError(`controller ${this.name}: cluster ${on} is unknown`);
    }
    this.#ownWrites = new OwnWrites(clock);
    const informersOf = (on: string): Informer[] => this.#sources.filter((s) => s.on === on).map((s) => s.informer);
    this.#writer = new Writer({
      targets: new Map(Object.entries(clients).map(([on, client]) => [on, { client, informers: informersOf(on) }])),
      fieldManager: this.#fieldManager,
      ownWrites: this.#ownWrites,
      sending: (verb) => {
        if (dependencies.mayWrite?.() === false) throw new NotLeadingError();
        metrics?.wrote(verb);
      },
    });
    for (const source of this.#sources) {
      source.informer.onChange((change) => {
        // What happens before the start is in the lists with which it begins.
        if (this.#running) for (const key of this.#keysOf(source, change)) this.enqueue(key);
      });
    }
  }

  /** Resolves when all caches that it reads are filled. */
  async synced(): Promise<void> {
    await Promise.all(this.#sources.map(({ informer }) => informer.synced));
  }

  enqueue(key: Key, priority = 0): void {
    this.queue.add(keyText(key), { priority });
  }

  enqueueAfter(key: Key, delayMs: number): void {
    this.queue.addAfter(keyText(key), delayMs);
  }

  /**
   * Works until `stop` aborts; then takes no new work, lets what is running finish and resolves. `kill` aborts also what
   * is running. Waits for the caches first. To be called once.
   */
  async run(stop: AbortSignal, kill: AbortSignal): Promise<void> {
    await Promise.race([this.synced(), aborted(stop)]);
    if (stop.aborted) return;
    this.#running = true;
    for (const source of this.#sources) {
      for (const object of source.informer.list()) {
        for (const key of this.#keysOf(source, { new: object })) this.enqueue(key, listedPriority);
      }
    }
    const workers = this.#definition.workers ?? 4;
    this.#dependencies.metrics?.workers(workers);
    this.#dependencies.logger.info('controller started', { workers });
    const drained = aborted(stop).then(() => this.queue.shutdown());
    await Promise.all([drained, ...Array.from({ length: workers }, () => this.#work(kill))]);
    this.#running = false;
    this.#dependencies.logger.info('controller stopped');
  }

  /** A mapper that fails must not keep the others from being told, nor stop the controller. */
  #keysOf(source: Source, change: Change): readonly Key[] {
    try {
      return source.keys(change);
    } catch (error) {
      this.#dependencies.metrics?.panicked();
      const { kind, metadata } = (change.new ?? change.old) as KubeObject;
      const { namespace, name } = metadata;
      this.#dependencies.logger.error('a mapper failed', { kind, namespace, name, error });
      return [];
    }
  }

  async #work(kill: AbortSignal): Promise<void> {
    for (;;) {
      // One key after the other is what a worker does.
      // oxlint-disable-next-line no-await-in-loop
      const key = await this.queue.get();
      if (key === undefined) return;
      if (this.#waitsForOwnWrites(key)) this.queue.done(key);
      else {
        // oxlint-disable-next-line no-await-in-loop
        await this.#attempt(key, kill);
      }
    }
  }

  #waitsForOwnWrites(key: string): boolean {
    const unseen = this.#ownWrites.unseen(key);
    if (unseen === undefined) {
      this.#waits.delete(key);
      return false;
    }
    if (unseen.ms >= ownWritesPatienceMs) {
      const { objects, ms } = unseen;
      this.#dependencies.logger.warn('own writes never reached the cache; going on without', { key, objects, ms });
      this.#ownWrites.forget(key);
      this.#waits.delete(key);
      return false;
    }
    const wait = this.#waits.get(key) ?? ownWritesWait.firstMs;
    this.#waits.set(key, Math.min(2 * wait, ownWritesWait.longestMs));
    this.queue.addAfter(key, wait);
    return true;
  }

  async #attempt(key: string, kill: AbortSignal): Promise<void> {
    const { clock, metrics } = this.#dependencies;
    const timeoutMs = this.#definition.reconcileTimeoutMs ?? 60_000;
    const logger = this.#dependencies.logger.child({ object: key, reconcileID: randomUUID() });
    const started = monotonicMs(clock);
    metrics?.active(1);
    const { result, ended } = attempt((signal) => this.#reconcile(key, signal, logger), {
      clock,
      timeoutMs,
      stop: kill,
    });
    let timedOut = false;
    const outcome = await result.then(
      (requeue) => this.#succeeded(key, requeue),
      (error: unknown) => {
        timedOut = error instanceof ReconcileTimeoutError;
        return this.#failed(key, error, kill, logger);
      },
    );
    metrics?.active(-1);
    metrics?.reconciled(outcome, Math.max(0, monotonicMs(clock) - started) / 1000);
    const release = ended.then(() => this.queue.done(key));
    // A reconcile that outlives its time holds its key, so that it never runs twice at once, but no worker.
    if (!timedOut && !kill.aborted) await release;
  }

  async #reconcile(key: string, signal: AbortSignal, logger: Logger): Promise<Requeue> {
    const { clock } = this.#dependencies;
    const primary = this.#primary(key);
    const world = await this.#definition.observe(parseKey(key), { now: clock.now(), signal, logger });
    if (world === undefined) return {};
    signal.throwIfAborted();
    const plan: Plan = this.#definition.plan(world);
    const requeue: Requeue = plan.wakeAt === undefined ? {} : { at: plan.wakeAt };
    try {
      const { again } = await execute(key, plan, primary, {
        writer: this.#writer,
        fieldManager: this.#fieldManager,
        signal,
        parallelism: this.#definition.writeParallelism ?? 16,
        maxWrites: this.#definition.maxWritesPerReconcile ?? 256,
        emit: (intent) => this.#emit(intent, primary),
        refused: (write, error) => {
          const handled = this.#definition.refused?.(parseKey(key), write, error) ?? false;
          logger.warn('a write was refused', { write: describeWrite(write), error: error.message, handled });
          return handled;
        },
      });
      return again ? { ...requeue, atOnce: true } : requeue;
    } catch (error) {
      // Even an error that is not retried must not lose the time at which there is something to do.
      if (error instanceof TerminalError && requeue.at !== undefined) this.#wake(key, requeue.at);
      throw error;
    }
  }

  #primary(key: string): Primary | undefined {
    const source = this.#definition.for;
    if (source === undefined) return undefined;
    const { namespace, name } = parseKey(key);
    const object = source.informer.get(namespace, name);
    return object && { on: source.on ?? defaultCluster, type: source.informer.type, object };
  }

  #emit({ on, regarding, ...intent }: EventIntent, primary: Primary | undefined): void {
    const recorder = this.#dependencies.recorders[on ?? primary?.on ?? defaultCluster];
    const about = regarding ?? (primary && referenceTo(primary));
    if (about === undefined || recorder === undefined) {
      throw new TypeError(`controller ${this.name}: event ${intent.reason}: no object to regard, or no such cluster`);
    }
    recorder.record({ ...intent, regarding: about });
  }

  #succeeded(key: string, { at, atOnce }: Requeue): ReconcileResult {
    this.queue.forget(key);
    if (at !== undefined) this.#wake(key, at);
    if (atOnce) this.queue.add(key);
    if (atOnce) return 'requeue';
    return at === undefined ? 'success' : 'requeue_after';
  }

  #wake(key: string, at: Date): void {
    this.queue.addAfter(key, at.getTime() - this.#dependencies.clock.now().getTime());
  }

  #failed(key: string, error: unknown, kill: AbortSignal, logger: Logger): ReconcileResult {
    const { metrics } = this.#dependencies;
    // Cut off by the end of the process or of leadership: whoever comes next does it.
    if (kill.aborted || error instanceof NotLeadingError) return 'requeue';
    if (isConflict(error) || isGone(error)) {
      logger.debug('the world has changed meanwhile', { error });
      this.queue.addRateLimited(key);
      return 'requeue';
    }
    metrics?.failed();
    if (error instanceof TerminalError) {
      metrics?.failedTerminally();
      this.queue.forget(key);
      logger.error('reconcile failed for good', { error });
      return 'error';
    }
    if (error instanceof ReconcileTimeoutError) metrics?.timedOut();
    if (isProgrammingError(error)) metrics?.panicked();
    const atLeastMs = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    const retryInMs = this.queue.addRateLimited(key, { atLeastMs });
    logger.error('reconcile failed', { error, failures: this.queue.failures(key), retryInMs });
    return 'error';
  }

  get #fieldManager(): string {
    return this.#definition.fieldManager ?? this.#dependencies.fieldManager;
  }
}

interface Requeue {
  at?: Date;
  atOnce?: boolean;
}

function referenceTo({ type, object: { metadata } }: Primary) {
  const { namespace, name, uid, resourceVersion } = metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    ...(namespace !== undefined && { namespace }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
