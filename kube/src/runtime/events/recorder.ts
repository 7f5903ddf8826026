import { isNotFound, isTransient } from '../../client/errors.ts';
import { Event } from '../../client/kinds/cluster.ts';
import { metadataOf, refOf } from '../../client/resource.ts';
import type { KubeClient } from '../../client/types.ts';
import { type Clock, monotonicMs } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { microTime } from '../leader/lease-record.ts';
import { Fifo } from '../queue/fifo.ts';
import { TokenBucket } from '../queue/token-bucket.ts';
import { eventObject, objectKey, type Reporter, seriesKey } from './event-object.ts';
import type { EventInput, EventMetrics, EventRecorder } from './types.ts';

export interface EventRecorderOptions {
  client: KubeClient;
  reporter: Reporter;
  clock: Clock;
  logger: Logger;
  metrics?: EventMetrics | undefined;
  /** Repetitions within this time are counted in one Event. Default 6 minutes. */
  seriesMs?: number | undefined;
  /** A series is written at most so often. Default once a minute. */
  seriesWriteMs?: number | undefined;
  /**
   * Events about one object: so many at once, then one per `spamRefillMs`. Default 25, 5 minutes. Those that give way stop
   * at half of it, here and in `routine`, so that they never cost one that doesn't.
   */
  spamBurst?: number | undefined;
  spamRefillMs?: number | undefined;
  /**
   * What is told of type Normal; share it between the recorders of a process. Beyond it they are left out, since under a
   * flood each is a write and none is news; Warnings are not. Default 100 at once, then 5 a second.
   */
  routine?: TokenBucket | undefined;
  /** Events that wait to be sent. Default 1000. */
  queueLength?: number | undefined;
  /** Objects and series that are remembered. Default 4096 of each. */
  memory?: number | undefined;
  /** Requests under way at once. Default 4. */
  parallelism?: number | undefined;
  /** Attempts to send one. Default 5, a second apart at first, then doubling. */
  attempts?: number | undefined;
  /** A number in [0, 1). Default Math.random. */
  random?: (() => number) | undefined;
}

/** An Event that was or will be sent, and what is still to be told about it. */
interface Series {
  event: Event;
  count: number;
  lastAt: number;
  /** What the server knows: 0 = nothing yet. */
  sentCount: number;
  sentAt: number;
  /** 'held': waits for its time; 'queued': waits for a sender or is being sent. */
  state: 'idle' | 'held' | 'queued';
}

/** A recorder that sends in the background; see `createEventRecorder`. */
export interface SendingRecorder extends EventRecorder {
  /** Resolves when everything was sent or dropped, or when `signal` aborts. Held back repetitions are sent too. */
  flush(signal: AbortSignal): Promise<void>;
}

/**
 * A recorder for events.k8s.io/v1.
 *
 * Never blocks and never throws: events wait in a bounded queue, are sent with a few attempts, and are dropped (counted
 * and logged at debug level) on overload, spam, refusal or a long outage, and those of type Normal under a flood.
 * Repetitions become a series of the first one.
 */
export function createEventRecorder(options: EventRecorderOptions): SendingRecorder {
  return new Recorder(options);
}

/** How many Events of type Normal a process tells: `burst` at once, `perSecond` in the long run. */
export function routineEvents(
  clock: Clock,
  { burst = 100, perSecond = 5 }: { burst?: number | undefined; perSecond?: number | undefined } = {},
): TokenBucket {
  return new TokenBucket(clock, perSecond, burst);
}

class Recorder implements SendingRecorder {
  readonly #options: EventRecorderOptions;
  readonly #series = new Map<string, Series>();
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #routine: TokenBucket;
  readonly #queue = new Fifo<Series>();
  readonly #idle = new Set<() => void>();
  #sending = 0;
  #flushing = false;
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#routine = options.routine ?? routineEvents(options.clock);
  }

  record(input: EventInput): void {
    const now = this.#now();
    const key = seriesKey(input);
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < (this.#options.seriesMs ?? 360_000)) {
      known.count++;
      known.lastAt = now;
      this.#remember(this.#series, key, known);
      this.#schedule(known);
      return;
    }
    if (!this.#mayTell(input)) return this.#drop('spam', input.reason);
    if (this.#queue.length >= (this.#options.queueLength ?? 1000)) return this.#drop('overload', input.reason);
    if (input.type === 'Normal' && !this.#routine.take(leaving(input))) return this.#drop('sampled', input.reason);
    const event = eventObject(input, this.#options.reporter, this.#options.clock.now(), this.#unique());
    const series: Series = { event, count: 1, lastAt: now, sentCount: 0, sentAt: now, state: 'idle' };
    this.#remember(this.#series, key, series);
    this.#enqueue(series);
  }

  async flush(signal: AbortSignal): Promise<void> {
    this.#flushing = true;
    for (const series of this.#series.values()) if (series.count > series.sentCount) this.#enqueue(series);
    if (this.#sending === 0 && this.#queue.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#idle.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
  }

  /** The first repetition is told at once, further ones from time to time. */
  #schedule(series: Series): void {
    if (series.state !== 'idle') return;
    const interval = this.#options.seriesWriteMs ?? 60_000;
    const wait = series.sentCount <= 1 || this.#flushing ? 0 : series.sentAt + interval - this.#now();
    if (wait <= 0) return this.#enqueue(series);
    series.state = 'held';
    this.#options.clock.setTimeout(wait, () => {
      // Unless a flush was faster.
      if (series.state === 'held') this.#enqueue(series);
    });
  }

  #enqueue(series: Series): void {
    if (series.state === 'queued') return;
    series.state = 'queued';
    this.#queue.push(series);
    this.#pump();
  }

  #pump(): void {
    while (this.#sending < (this.#options.parallelism ?? 4)) {
      const series = this.#queue.shift();
      if (series === undefined) break;
      this.#sending++;
      void this.#send(series).finally(() => {
        this.#sending--;
        this.#pump();
      });
    }
    if (this.#sending > 0 || this.#queue.length > 0) return;
    for (const resolve of this.#idle) resolve();
    this.#idle.clear();
  }

  async #send(series: Series): Promise<void> {
    const { clock, attempts = 5 } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        await this.#write(series);
        break;
      } catch (error) {
        if (!isTransient(error)) {
          this.#drop('refused', series.event.reason, error);
          break;
        }
        if (attempt >= attempts || this.#flushing) {
          this.#drop('unreachable', series.event.reason, error);
          break;
        }
        // oxlint-disable-next-line no-await-in-loop
        await new Promise<void>((resolve) => clock.setTimeout(1000 * 2 ** (attempt - 1), resolve));
      }
    }
    series.state = 'idle';
    // Repeated while it was being sent. What was dropped is not tried again before it is repeated.
    if (series.sentCount > 0 && series.count > series.sentCount) this.#schedule(series);
  }

  async #write(series: Series): Promise<void> {
    const { client, clock, metrics, reporter } = this.#options;
    const slim = metadataOf(Event);
    const { count, lastAt, event } = series;
    if (count === series.sentCount) return;
    if (series.sentCount > 0) {
      const body = { series: { count, lastObservedTime: microTime(new Date(lastAt)) } };
      try {
        await client.patch(slim, refOf(event), { kind: 'merge', body });
        this.#sent(series, count);
        metrics?.sent('patch');
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error;
        // The server keeps Events for an hour or so: the series goes on in a new one.
        const eventTime = microTime(clock.now());
        const fresh = eventObject(inputOf(event), reporter, clock.now(), this.#unique());
        series.event = { ...fresh, eventTime };
      }
    }
    const repeated = count > 1 ? { series: { count, lastObservedTime: microTime(new Date(lastAt)) } } : {};
    await client.create(slim, { ...series.event, ...repeated });
    this.#sent(series, count);
    metrics?.sent('create');
  }

  #sent(series: Series, count: number): void {
    series.sentCount = count;
    series.sentAt = this.#now();
  }

  #mayTell(input: EventInput): boolean {
    const { regarding } = input;
    const { clock, spamBurst = 25, spamRefillMs = 300_000 } = this.#options;
    const key = objectKey(regarding);
    const bucket = this.#buckets.get(key) ?? new TokenBucket(clock, 1000 / spamRefillMs, spamBurst);
    this.#remember(this.#buckets, key, bucket);
    return bucket.take(leaving(input));
  }

  /** As the newest entry; the oldest go when there are too many. */
  #remember<V>(map: Map<string, V>, key: string, value: V): void {
    map.delete(key);
    map.set(key, value);
    const oldest = map.keys().next().value;
    if (oldest !== undefined && map.size > (this.#options.memory ?? 4096)) map.delete(oldest);
  }

  #drop(why: Parameters<EventMetrics['dropped']>[0], reason: string, error?: unknown): void {
    this.#options.metrics?.dropped(why);
    this.#options.logger.debug('dropped an event', { why, reason, ...(error !== undefined && { error }) });
  }

  /** Distinct within the process by the serial, between processes by time and chance. */
  #unique(): string {
    const random = Math.floor((this.#options.random ?? Math.random)() * 2 ** 32);
    return `${this.#options.clock.now().getTime().toString(16)}${(this.#serial++ % 0x1_0000).toString(16).padStart(4, '0')}${random.toString(16)}`;
  }

  #now(): number {
    return monotonicMs(this.#options.clock);
  }
}

/** The part of what may be told that this one leaves to others. */
const leaving = ({ givesWay }: EventInput): number => (givesWay === true ? 0.5 : 0);

function inputOf({ type, reason, action, note = '', regarding = {}, related }: Event): EventInput {
  return { type, reason, action, note, regarding, related };
}
