import { isAlreadyExists, isConflict, isNotFound } from '../../client/errors.ts';
import { Lease } from '../../client/kinds/cluster.ts';
import type { KubeClient } from '../../client/types.ts';
import { type Clock, monotonicMs } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { type Candidate, held, newLease, released } from './lease-record.ts';

export interface LeaderMetrics {
  leads(name: string, leading: boolean): void;
  /** A renewal that had to read the lease first. */
  slowPath(name: string): void;
}

export interface LeaderElectorOptions {
  client: KubeClient;
  /** The Lease: one per group of replicas; several ('controllers-shard-0', …) for sharded work. */
  namespace: string;
  name: string;
  /** Unique to this process: two with the same identity would both lead. */
  identity: string;
  clock: Clock;
  logger: Logger;
  metrics?: LeaderMetrics | undefined;
  /** How long others wait after the last renewal that they saw. Default 15 s; whole seconds. */
  leaseDurationMs?: number | undefined;
  /** A leader that could not renew for this long has lost. Default 10 s. */
  renewDeadlineMs?: number | undefined;
  /** Between attempts; 0 to 120 % more while another one leads. Default 2 s. */
  retryPeriodMs?: number | undefined;
  /** A number in [0, 1). Default Math.random. */
  random?: (() => number) | undefined;
}

export interface LeaderCallbacks {
  /** We lead, until `signal` aborts: whatever is begun here must end with it. */
  onStartedLeading(signal: AbortSignal): void;
  onStoppedLeading?(reason: 'lost' | 'released'): void;
  /** Someone else, or we, lead now; '' when nobody does. */
  onNewLeader?(identity: string): void;
}

/**
 * Leader election on a Lease, with client-go's semantics.
 *
 * Guarantee: of all electors of one Lease at most one answers `isLeader()` with true at any time, provided that clocks
 * run at about the same rate (lease duration and renew deadline differ by a third); what clocks show is irrelevant. A
 * leader counts from the moment before it sent its last successful renewal, the others from the moment at which they saw
 * it, and the leader gives up first.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #candidate: Candidate;
  readonly #leaseMs: number;
  readonly #deadlineMs: number;
  readonly #retryMs: number;
  /** What we know of the Lease, and since when (monotonic). */
  #lease: Lease | undefined;
  #observedAt = 0;
  /** Until when (monotonic) we may act. */
  #leadsUntil = -Infinity;
  #announced: string | undefined;

  /** @throws RangeError when the times don't fit together. */
  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#leaseMs = options.leaseDurationMs ?? 15_000;
    this.#deadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryMs = options.retryPeriodMs ?? 2_000;
    const { identity } = options;
    this.#candidate = { identity, leaseDurationSeconds: this.#leaseMs / 1000 };
    if (identity === '') throw new RangeError('leader election: identity must not be empty');
    if (!Number.isInteger(this.#leaseMs / 1000) || this.#leaseMs < 1000) {
      throw new RangeError(`leader election: leaseDurationMs is ${this.#leaseMs}, must be whole seconds`);
    }
    if (!(this.#leaseMs > this.#deadlineMs && this.#deadlineMs > this.#retryMs * 1.2 && this.#retryMs > 0)) {
      const times = `${this.#leaseMs}, ${this.#deadlineMs}, ${this.#retryMs}`;
      throw new RangeError(`leader election: lease > deadline > 1.2 × retry > 0 is required, got ${times}`);
    }
  }

  get name(): string {
    return this.#options.name;
  }

  /** Whether we may act at this very moment; right also when timers are late because the process was frozen. */
  isLeader(): boolean {
    return this.#now() < this.#leadsUntil;
  }

  /** Identity of the present holder as far as we know; '' when nobody holds it. */
  get holder(): string {
    return this.#lease?.spec?.holderIdentity ?? '';
  }

  /**
   * Waits until we lead, leads, and returns why it ended: 'released' after `stop` aborted (the Lease was given up if we
   * had it; so abort it only when the work has ended), 'lost' when the Lease could not be renewed in time.
   */
  async run(callbacks: LeaderCallbacks, stop: AbortSignal): Promise<'lost' | 'released'> {
    this.#options.metrics?.leads(this.name, false);
    if (!(await this.#acquire(callbacks, stop))) return 'released';
    const leading = new AbortController();
    const { logger, clock, metrics } = this.#options;
    logger.info('became leader', this.#fields());
    metrics?.leads(this.name, true);
    let cancelFence = (): void => undefined;
    const fence = new Promise<void>((resolve) => {
      // Renewals move the fence; when the timer comes early it waits for the rest.
      const arm = (): void => {
        const left = this.#leadsUntil - this.#now();
        if (left <= 0) resolve();
        else cancelFence = clock.setTimeout(left, arm);
      };
      arm();
    });
    const end = new AbortController();
    try {
      callbacks.onStartedLeading(leading.signal);
      await Promise.race([fence, this.#renewUntil(AbortSignal.any([stop, end.signal]), callbacks)]);
    } catch (error) {
      this.#leadsUntil = -Infinity;
      leading.abort(error);
      throw error;
    } finally {
      end.abort();
      cancelFence();
    }
    const gaveUp = stop.aborted && this.isLeader();
    leading.abort(new Error(gaveUp ? 'leadership was released' : 'leadership was lost'));
    metrics?.leads(this.name, false);
    if (gaveUp) await this.#release();
    else logger.error('lost leadership', this.#fields());
    this.#leadsUntil = -Infinity;
    callbacks.onStoppedLeading?.(gaveUp ? 'released' : 'lost');
    return gaveUp ? 'released' : 'lost';
  }

  async #acquire(callbacks: LeaderCallbacks, stop: AbortSignal): Promise<boolean> {
    const random = this.#options.random ?? Math.random;
    while (!stop.aborted) {
      // oxlint-disable-next-line no-await-in-loop
      const leads = await this.#try(stop);
      this.#announce(callbacks);
      // A Lease that arrived too late is none.
      if (leads && this.isLeader() && !stop.aborted) return true;
      // oxlint-disable-next-line no-await-in-loop
      await this.#sleep(this.#retryMs * (1 + 1.2 * random()), stop);
    }
    // A request cut off by the stop may have been granted.
    if (this.isLeader()) await this.#release();
    return false;
  }

  /** Renews until `stop` aborts, or until someone else holds the Lease. */
  async #renewUntil(stop: AbortSignal, callbacks: LeaderCallbacks): Promise<void> {
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop
      await this.#sleep(this.#retryMs, stop);
      if (stop.aborted) return;
      // oxlint-disable-next-line no-await-in-loop
      await this.#try(stop);
      this.#announce(callbacks);
      const { holder } = this;
      if (holder !== '' && holder !== this.#options.identity) {
        this.#leadsUntil = -Infinity;
        return;
      }
    }
  }

  /** One attempt to take or renew the Lease; true when we have it. Failures are logged. */
  async #try(stop: AbortSignal): Promise<boolean> {
    const { clock, logger } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.setTimeout(this.#deadlineMs / 2, () => timeout.abort(new Error('no answer in time')));
    try {
      return await this.#takeOrRenew(AbortSignal.any([stop, timeout.signal]));
    } catch (error) {
      if (stop.aborted) return false;
      const raced = isConflict(error) || isAlreadyExists(error);
      logger[raced ? 'debug' : 'warn']('could not take or renew the lease', { ...this.#fields(), error });
      return false;
    } finally {
      cancel();
    }
  }

  async #takeOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, clock, identity } = this.#options;
    // Fast path: nobody but us writes a Lease that we hold.
    if (this.isLeader() && this.#lease?.spec?.holderIdentity === identity) {
      try {
        return await this.#write(this.#lease, signal);
      } catch (error) {
        if (!isConflict(error) && !isNotFound(error)) throw error;
        this.#options.metrics?.slowPath(this.name);
      }
    }
    const found = await this.#read(signal);
    if (found === undefined) {
      const started = this.#now();
      const lease = newLease(this.#ref(), this.#candidate, clock.now());
      this.#won(await client.create(Lease, lease, { signal }), started);
      return true;
    }
    const { holderIdentity = '', leaseDurationSeconds } = found.spec ?? {};
    const validMs = leaseDurationSeconds === undefined ? this.#leaseMs : leaseDurationSeconds * 1000;
    const isFree = holderIdentity === '' || holderIdentity === identity || this.#now() >= this.#observedAt + validMs;
    return isFree && this.#write(found, signal);
  }

  async #write(lease: Lease, signal: AbortSignal): Promise<boolean> {
    const { client, clock } = this.#options;
    const started = this.#now();
    this.#won(await client.replace(Lease, held(lease, this.#candidate, clock.now()), { signal }), started);
    return true;
  }

  #won(lease: Lease, started: number): void {
    this.#lease = lease;
    this.#observedAt = this.#now();
    this.#leadsUntil = Math.max(this.#leadsUntil, started + this.#deadlineMs);
  }

  /** The Lease as it is; remembers when it was first seen in this version. */
  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    let lease: Lease | undefined;
    try {
      lease = await this.#options.client.get(Lease, this.#ref(), { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    if (lease?.metadata.resourceVersion !== this.#lease?.metadata.resourceVersion) this.#observedAt = this.#now();
    this.#lease = lease;
    return lease;
  }

  async #release(): Promise<void> {
    const { client, clock, logger } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.setTimeout(this.#retryMs, () => timeout.abort(new Error('no answer in time')));
    // From here on we don't lead, whether the others hear of it now or wait for the end of the lease.
    this.#leadsUntil = -Infinity;
    try {
      const { signal } = timeout;
      if (this.#lease === undefined) return;
      try {
        await client.replace(Lease, released(this.#lease, clock.now()), { signal });
      } catch (error) {
        if (!isConflict(error)) throw error;
        // A renewal that the stop cut off may have been granted after all.
        const lease = await this.#read(signal);
        if (lease?.spec?.holderIdentity !== this.#options.identity) return;
        await client.replace(Lease, released(lease, clock.now()), { signal });
      }
      logger.info('released the lease', this.#fields());
    } catch (error) {
      logger.warn('could not release the lease; it runs out by itself', { ...this.#fields(), error });
    } finally {
      cancel();
    }
  }

  #announce(callbacks: LeaderCallbacks): void {
    const { holder } = this;
    if (this.#lease === undefined || holder === this.#announced) return;
    this.#announced = holder;
    callbacks.onNewLeader?.(holder);
  }

  #sleep(ms: number, stop: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (stop.aborted) return resolve();
      const wake = (): void => {
        cancel();
        stop.removeEventListener('abort', wake);
        resolve();
      };
      const cancel = this.#options.clock.setTimeout(ms, wake);
      stop.addEventListener('abort', wake, { once: true });
    });
  }

  #ref(): { namespace: string; name: string } {
    return { namespace: this.#options.namespace, name: this.#options.name };
  }

  #fields(): object {
    const { namespace, name, identity } = this.#options;
    return { lease: `${namespace}/${name}`, identity };
  }

  #now(): number {
    return monotonicMs(this.#options.clock);
  }
}
