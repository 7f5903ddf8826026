import { KubeError, TransportReason } from '../client/errors.ts';
import { wait } from '../client/requester.ts';
import { groupResourceOf } from '../client/resource.ts';
import type { KubeClient, KubeObject, ResourceType, SelectorOptions, WatchEvent } from '../client/types.ts';
import { type Clock, monotonicMs } from '../runtime/clock.ts';
import type { Logger } from '../runtime/logger.ts';
import { backoffDelay } from './backoff.ts';
import { failureKind, initialState, type ReflectorInput, type ReflectorState, transition } from './reflector-state.ts';
import type { ReflectorMetrics } from './types.ts';
import { compareVersions } from './versions.ts';

/** Where a reflector puts what it reads. */
export interface ReflectorSink<T extends KubeObject> {
  /** Prepares an object as soon as it is here; may return one that is stored already, to let the copy go. */
  prepare(object: T): T;
  /** The whole state at `resourceVersion`. */
  replace(objects: Iterable<T>, resourceVersion: string): void;
  /** One change, at a version that is not before that of the last change or bookmark. */
  apply(event: Exclude<WatchEvent<T>, { type: 'BOOKMARK' }>): void;
  /** Nothing but the version moved on. */
  bookmark(resourceVersion: string): void;
  /** The stream was not in order: what it brought is true, but more may be missing up to its version, until `replace`. */
  distrust(): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  client: Pick<KubeClient, 'list' | 'watch'>;
  type: ResourceType<T>;
  selector: SelectorOptions;
  sink: ReflectorSink<T>;
  clock: Clock;
  logger: Logger;
  metrics?: ReflectorMetrics | undefined;
  random: () => number;
  pageSize: number;
  watchList: boolean;
  /** Age after which the full state is read again, at the end of a watch. */
  verifyAfterMs: number;
  /** A watch without a byte (not even a bookmark) for so long is given up. */
  stallTimeoutMs: number;
}

const backoff = { baseMs: 250, maxMs: 30_000 };
const initialEventsEnd = 'k8s.io/initial-events-end';
/** A list of tens of thousands of objects takes its time. */
const listTimeoutMs = 120_000;

/** Follows a collection for ever; resolves when `signal` aborts and never rejects. */
export async function reflect<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal): Promise<void> {
  const reflector = new Reflector(options, signal);
  while (!signal.aborted) await reflector.step();
}

class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #signal: AbortSignal;
  readonly #resource: string;
  #state: ReflectorState;
  #pause = false;

  constructor(options: ReflectorOptions<T>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    this.#resource = groupResourceOf(options.type);
    this.#state = initialState(options);
  }

  async step(): Promise<void> {
    const { clock, random } = this.#options;
    if (this.#pause) {
      const delay = backoffDelay(this.#state.failures, backoff, random());
      await wait(clock, delay, this.#signal).catch(() => undefined);
      if (this.#signal.aborted) return;
    }
    const started = this.#now();
    try {
      await (this.#state.phase === 'list' ? this.#list() : this.#watch());
    } catch (error) {
      if (this.#signal.aborted) return;
      this.#failed(error, this.#now() - started);
    }
  }

  async #list(): Promise<void> {
    const { client, type, selector, sink, pageSize } = this.#options;
    const started = this.#now();
    const objects: T[] = [];
    let next: string | undefined;
    let resourceVersion = '';
    try {
      do {
        const page = await client.list(type, {
          ...selector,
          limit: this.#state.paged ? pageSize : undefined,
          continue: next,
          // The first time any state will do, and version 0 spares the store; later ones must not go back in time.
          resourceVersion: this.#state.resourceVersion === '' && this.#state.failures === 0 ? '0' : undefined,
          timeoutMs: listTimeoutMs,
          signal: this.#signal,
        });
        for (const object of page.items) objects.push(sink.prepare(object));
        ({ resourceVersion } = page.metadata);
        next = page.metadata.continue || undefined;
      } while (next);
    } catch (error) {
      this.#options.metrics?.listed(this.#resource, 'error', 0, this.#secondsSince(started));
      throw error;
    }
    this.#signal.throwIfAborted();
    sink.replace(objects, resourceVersion);
    this.#options.metrics?.listed(this.#resource, 'ok', objects.length, this.#secondsSince(started));
    this.#enter({ type: 'listed', resourceVersion, now: this.#now() });
  }

  async #watch(): Promise<void> {
    const { client, type, selector, metrics, stallTimeoutMs } = this.#options;
    const started = this.#now();
    const streamed: Streamed<T> | undefined = this.#state.phase === 'stream' ? new Map() : undefined;
    let events = 0;
    let why = 'eof';
    metrics?.watchStarted(this.#resource);
    try {
      const watch = client.watch(type, {
        ...selector,
        signal: this.#signal,
        stallTimeoutMs,
        ...(streamed
          ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' as const }
          : { resourceVersion: this.#state.resourceVersion }),
      });
      for await (const event of watch) {
        events++;
        if (streamed && this.#state.phase === 'stream') this.#collect(event, streamed, started);
        else this.#follow(event);
      }
    } catch (error) {
      why = error instanceof KubeError ? error.reason : 'Error';
      throw error;
    } finally {
      metrics?.watchEnded(this.#resource, why, events, this.#secondsSince(started));
    }
    if (!this.#signal.aborted) this.#enter({ type: 'ended', livedMs: this.#now() - started, now: this.#now() });
  }

  /** An event of the streamed state. Changes may come among them, so the last word per object counts. */
  #collect(event: WatchEvent<T>, streamed: Streamed<T>, started: number): void {
    const { sink, type, metrics } = this.#options;
    if (event.type === 'BOOKMARK') {
      const { annotations, resourceVersion } = event.object.metadata;
      if (annotations?.[initialEventsEnd] !== 'true') {
        // A server that does not know the parameter sends what exists and then ordinary bookmarks: the end can't be told.
        const message = `WATCH ${type.plural}: a bookmark before the end of the streamed state`;
        throw new KubeError({ status: 422, reason: 'Invalid', message });
      }
      const objects = [...streamed.values()].flatMap(({ object }) => object ?? []);
      streamed.clear();
      sink.replace(objects, resourceVersion);
      metrics?.listed(this.#resource, 'ok', objects.length, this.#secondsSince(started));
      this.#enter({ type: 'streamed', resourceVersion, now: this.#now() });
      return;
    }
    const { namespace = '', name, resourceVersion: version = '' } = event.object.metadata;
    const key = `${namespace}/${name}`;
    // Between objects the state comes in any order.
    this.#checkOrder(event, streamed.get(key)?.version ?? '');
    streamed.set(key, { version, object: event.type === 'DELETED' ? undefined : sink.prepare(event.object) });
  }

  #follow(event: WatchEvent<T>): void {
    const { sink } = this.#options;
    const resourceVersion = event.object.metadata.resourceVersion ?? '';
    this.#checkOrder(event, this.#state.resourceVersion);
    if (event.type === 'BOOKMARK') sink.bookmark(resourceVersion);
    else sink.apply({ type: event.type, object: sink.prepare(event.object) });
    this.#enter({ type: 'progressed', resourceVersion });
  }

  /**
   * An event from before what was there has been overtaken, and who knows what else: its object may be deleted by now, and
   * a watch that went on from the version that was reached would never bring what is still missing.
   */
  #checkOrder(event: WatchEvent<T>, reached: string): void {
    const { resourceVersion: version = '' } = event.object.metadata;
    if ((compareVersions(version, reached) ?? 0) >= 0) return;
    const { kind } = this.#options.type;
    const { namespace = '', name } = event.type === 'BOOKMARK' ? { name: 'a bookmark' } : event.object.metadata;
    throw new DisorderError(`${kind} ${namespace}/${name}: version ${version} came after version ${reached}`);
  }

  #failed(error: unknown, livedMs: number): void {
    const { logger } = this.#options;
    const { phase } = this.#state;
    const failure = error instanceof DisorderError ? 'disordered' : failureKind(error, phase);
    if (failure === 'disordered') this.#options.sink.distrust();
    const fields = {
      resource: this.#resource,
      phase,
      failure,
      error: error instanceof Error ? error.message : String(error),
    };
    this.#enter({ type: 'failed', failure, livedMs, now: this.#now() });
    // What is part of every cluster's day is not worth a warning.
    const ordinary =
      failure === 'expired' ||
      failure === 'unsupported' ||
      (error instanceof KubeError && error.reason === TransportReason.stalled);
    if (ordinary) logger.debug('a list or watch ended; going on', fields);
    else logger.warn('a list or watch failed; trying again', { ...fields, failures: this.#state.failures });
  }

  #enter(input: ReflectorInput): void {
    const { state, pause } = transition(this.#state, input, this.#options.verifyAfterMs);
    this.#state = state;
    this.#pause = pause;
  }

  #now(): number {
    return monotonicMs(this.#options.clock);
  }

  #secondsSince(started: number): number {
    return (this.#now() - started) / 1000;
  }
}

/** The state as far as it has come, by namespace and name; without an object: it was deleted meanwhile. */
type Streamed<T> = Map<string, { version: string; object: T | undefined }>;

class DisorderError extends Error {
  override readonly name = 'DisorderError';
}
