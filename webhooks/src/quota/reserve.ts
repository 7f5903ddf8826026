import { Api, type QuotaReservation, type QuotaUsage, type QuotaUsageStatus, quotaUsageName } from '@osmo/crds';
import { type Clock, isAlreadyExists, isConflict, isNotFound, type KubeClient, monotonicMs } from '@osmo/kube';
import type { Claim } from '@osmo/workflow-spec/admission';
import { QuotaUsages } from '../kinds.ts';
import { decide, withoutReservation } from './decide.ts';

/** The usage could not be read or written in time: nobody knows whether there is room. */
export class UsageUnknownError extends Error {
  override readonly name = 'UsageUnknownError';
}

export interface UsageBookOptions {
  client: Pick<KubeClient, 'get' | 'create' | 'replace'>;
  clock: Clock;
  /** Of one call. Default 4 s: the apiserver waits for 5. */
  timeoutMs?: number;
}

/** Between two looks at a usage that the controllers haven't counted yet, ms. */
const countPauseMs = 50;

/**
 * Reserves room in the QuotaUsages, one object for each user and namespace. The apiserver's check of the version decides
 * who of several replicas was first, so no limit is ever passed; within one process the calls for one object
 * wait for each other, so that they don't meet there.
 */
export class UsageBook {
  readonly #options: UsageBookOptions;
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(options: UsageBookOptions) {
    this.#options = options;
  }

  /**
   * Takes room for a workflow under every claim, or under none. Resolves to why there is no room; empty: it was taken. With
   * `dryRun` nothing is written.
   *
   * @throws UsageUnknownError; KubeError
   */
  async reserve(claims: readonly Claim[], reservation: QuotaReservation, { dryRun = false } = {}): Promise<string[]> {
    const deadline = monotonicMs(this.#options.clock) + (this.#options.timeoutMs ?? 4_000);
    const refusals: string[] = [];
    const taken: Claim[] = [];
    for (const claim of claims) {
      const name = quotaUsageName(claim.kind, claim.name);
      // The user's first, then the namespace's: each is only written when there was room before.
      // oxlint-disable-next-line no-await-in-loop
      const refusal = await this.#inTurn(name, () => this.#take(name, claim, reservation, deadline, dryRun));
      if (refusal === undefined) taken.push(claim);
      else refusals.push(refusal);
    }
    if (refusals.length > 0 && !dryRun) await Promise.all(taken.map((claim) => this.#release(claim, reservation)));
    return refusals;
  }

  async #take(
    name: string,
    claim: Claim,
    reservation: QuotaReservation,
    deadline: number,
    dryRun: boolean,
  ): Promise<string | undefined> {
    const { client, clock } = this.#options;
    while (monotonicMs(clock) < deadline) {
      // Each look depends on what the write before came to.
      // oxlint-disable no-await-in-loop
      const usage = await this.#look(name, claim, dryRun);
      // Of whom nothing was ever counted nothing is known, and a dry run changes nothing.
      if (usage === undefined) {
        if (dryRun) return undefined;
        continue;
      }
      const decision = decide(usage, claim, reservation);
      if ('refusal' in decision) return decision.refusal;
      if (dryRun) return undefined;
      if ('uncounted' in decision) {
        await new Promise<void>((resolve) => clock.setTimeout(countPauseMs, resolve));
        continue;
      }
      if (await this.#write(client, usage, decision.status)) return undefined;
      // oxlint-enable no-await-in-loop
    }
    throw new UsageUnknownError(`what ${claim.name} uses of quota "${claim.quota}" is not known yet; try again`);
  }

  /** The usage as it is now; made when there is none. Undefined: look again. */
  async #look(name: string, { kind, name: subject }: Claim, dryRun: boolean): Promise<QuotaUsage | undefined> {
    const { client } = this.#options;
    try {
      return await client.get(QuotaUsages, { name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      if (dryRun) return undefined;
    }
    const head = { apiVersion: Api.apiVersion, kind: 'QuotaUsage' as const, metadata: { name } };
    try {
      return await client.create(QuotaUsages, { ...head, spec: { kind, name: subject } });
    } catch (error) {
      if (isAlreadyExists(error)) return undefined;
      throw error;
    }
  }

  /** Whether it was written at the version that was decided on. */
  async #write(client: Pick<KubeClient, 'replace'>, usage: QuotaUsage, status: QuotaUsageStatus): Promise<boolean> {
    try {
      await client.replace(QuotaUsages, { ...usage, status }, { subresource: 'status' });
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  /** Gives room back. What fails here is given back by the controllers a little later. */
  async #release({ kind, name: subject }: Claim, reservation: QuotaReservation): Promise<void> {
    const name = quotaUsageName(kind, subject);
    await this.#inTurn(name, async () => {
      try {
        const usage = await this.#options.client.get(QuotaUsages, { name });
        await this.#write(this.#options.client, usage, withoutReservation(usage.status ?? {}, reservation));
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }).catch(() => undefined);
  }

  async #inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#queues.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(name) === mine) this.#queues.delete(name);
    }
  }
}
