import type { Clock, Informer, KubeClient, Logger, Pod } from '@osmo/kube';
import { isStoreError, type ObjectStore } from '@osmo/storage';
import { type CollectContext, collectLog, giveUpLog } from './collect.ts';
import { isSettled, loggedContainers } from './subject.ts';
import { turns } from './turns.ts';
import { Watched } from './watched.ts';

/** A quarter of the streams is for containers that have ended: those that run must not keep them waiting. */
const keptForEnded = 4;
/** Compressing a segment takes more memory than the segment. */
const segmentsAtOnce = 8;
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Of a pod that is being deleted, after so many failures that aren't the store's there is nothing to be had. */
const triesOfDeleted = 5;

export interface CollectorOptions {
  pods: Informer<Pod>;
  /** Where the pods are. */
  cluster: Pick<KubeClient, 'get' | 'stream'>;
  store: ObjectStore;
  /** Logs that are read at once. */
  streams: number;
  clock: Clock;
  logger: Logger;
  /** Told when there is nothing more to wait for. */
  settled: (pod: Pod) => void;
  /** Told when something of a pod's log is missing for good. */
  incomplete: (pod: Pod, why: string) => void;
}

/**
 * Stores the logs of all pods in the cache, each from the start of its command to its end: at most so many at once, those
 * that have ended first. What fails is tried again after pauses that grow, for as long as the pod is there.
 */
export class LogCollector {
  readonly #options: CollectorOptions;
  readonly #watched = new Map<string, Watched>();
  /** UIDs of pods whose logs are whole, or given up. */
  readonly #settled = new Set<string>();
  readonly #ended = new Set<Watched>();
  readonly #running = new Set<Watched>();
  readonly #jobs = new Set<Promise<void>>();
  readonly #turn = turns(segmentsAtOnce);
  #active = { ended: 0, running: 0 };
  #signal: AbortSignal | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
    options.pods.onChange(({ old, new: pod }) => {
      if (pod !== undefined) this.#look(pod);
      else if (old !== undefined) this.#leave(old);
    });
  }

  /** Whether the log of a pod is still to be read, or being read. */
  isPending(pod: Pod): boolean {
    return !this.#settled.has(pod.metadata.uid ?? '') && loggedContainers(pod).length > 0;
  }

  /** Collects until the signal aborts; what isn't stored then is read again by whoever comes next. */
  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal;
    await this.#options.pods.synced;
    for (const pod of this.#options.pods.list()) this.#look(pod);
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
    });
    for (const watched of this.#watched.values()) watched.stop();
    await Promise.all(this.#jobs);
  }

  #look(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    if (this.#signal === undefined || this.#signal.aborted || this.#settled.has(uid)) return;
    const known = this.#watched.get(uid);
    if (known === undefined && loggedContainers(pod).length === 0) return;
    const watched = known ?? new Watched(pod, this.#options.clock);
    this.#watched.set(uid, watched);
    watched.update(pod);
    if (!watched.busy) this.#wait(watched);
  }

  #leave(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    this.#settled.delete(uid);
    const watched = this.#watched.get(uid);
    if (watched === undefined) return;
    watched.leave();
    if (!watched.busy) this.#wait(watched);
  }

  #wait(watched: Watched): void {
    this.#ended.delete(watched);
    this.#running.delete(watched);
    (this.#hasEnded(watched) ? this.#ended : this.#running).add(watched);
    this.#next();
  }

  #hasEnded({ pod, gone }: Watched): boolean {
    return gone || loggedContainers(pod).every(({ ended }) => ended);
  }

  #next(): void {
    const { streams } = this.#options;
    const forRunning = streams - Math.ceil(streams / keptForEnded);
    while (!this.#signal?.aborted && this.#active.ended + this.#active.running < streams) {
      const [ended] = this.#ended;
      const [running] = this.#active.running < Math.max(1, forRunning) ? this.#running : [];
      const watched = ended ?? running;
      if (watched === undefined) return;
      (watched === ended ? this.#ended : this.#running).delete(watched);
      this.#start(watched, watched === ended ? 'ended' : 'running');
    }
  }

  #start(watched: Watched, kind: 'ended' | 'running'): void {
    watched.busy = true;
    this.#active[kind]++;
    const job = this.#collect(watched).finally(() => {
      this.#active[kind]--;
      this.#jobs.delete(job);
      this.#next();
    });
    this.#jobs.add(job);
  }

  async #collect(watched: Watched): Promise<void> {
    const { cluster, store, clock } = this.#options;
    const signal = this.#signal ?? AbortSignal.abort();
    const context: CollectContext = {
      cluster,
      store,
      signal,
      setTimeout: (ms, fn) => clock.setTimeout(ms, fn),
      turn: this.#turn,
    };
    try {
      const lost = await this.#all(watched, context);
      watched.failures = 0;
      if (lost) this.#options.incomplete(watched.pod, 'a part of it could not be read any more');
      if (watched.gone || isSettled(watched.pod)) this.#settle(watched);
      else {
        // An init container failed, and its pod goes on.
        watched.busy = false;
      }
    } catch (error) {
      if (!signal.aborted) await this.#failed(watched, error, context);
    }
  }

  /** Every container that has a log by now, one after the other. */
  async #all(watched: Watched, context: CollectContext): Promise<boolean> {
    let lost = false;
    for (;;) {
      const next = loggedContainers(watched.pod).find(({ name }) => !watched.stored.has(name));
      if (next === undefined) return lost;
      // oxlint-disable-next-line no-await-in-loop
      lost = (await collectLog(watched, next.name, context)) || lost;
      watched.stored.add(next.name);
    }
  }

  async #failed(watched: Watched, error: unknown, context: CollectContext): Promise<void> {
    const { logger } = this.#options;
    const { name, namespace, deletionTimestamp } = watched.pod.metadata;
    watched.failures++;
    const ofStore = isStoreError(error);
    const isLeaving = deletionTimestamp !== undefined && this.#hasEnded(watched);
    const hopeless = !ofStore && isLeaving && watched.failures >= triesOfDeleted;
    logger.warn('the log of a pod could not be stored', {
      pod: `${namespace}/${name}`,
      failures: watched.failures,
      error,
    });
    if (!watched.gone && !hopeless) return this.#again(watched);
    try {
      for (const container of loggedContainers(watched.pod)) {
        // oxlint-disable-next-line no-await-in-loop
        if (!watched.stored.has(container.name)) await giveUpLog(watched, container.name, context);
      }
    } catch (failure) {
      logger.warn('the end of a log could not be stored', { pod: `${namespace}/${name}`, error: failure });
    }
    if (context.signal.aborted) return;
    this.#options.incomplete(watched.pod, (error as Error).message);
    this.#settle(watched);
  }

  #again(watched: Watched): void {
    const pause = Math.min(firstPauseMs * 2 ** (watched.failures - 1), longestPauseMs);
    watched.later(pause, () => {
      watched.busy = false;
      this.#wait(watched);
    });
  }

  #settle(watched: Watched): void {
    const { pod, gone } = watched;
    const { uid = '' } = pod.metadata;
    watched.stop();
    this.#watched.delete(uid);
    if (!gone) this.#settled.add(uid);
    this.#options.settled(pod);
  }
}
