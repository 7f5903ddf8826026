import { type Task, TaskReasons } from '@osmo/crds';
import { addAmounts, type Amounts, amountsOf, noAmounts } from './amounts.ts';
import { boundaries } from './explain.ts';
import { Ranking } from './ranking.ts';

/** One workflow of which Tasks wait for nodes. */
interface Waiter {
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
  readonly backend: string;
  readonly pool: string;
  /** Priority, then the creation of the first Task that waits, then the UID. */
  readonly order: readonly [number, number, string];
  /** When the first Task of it began to wait, ms since the epoch. */
  readonly since: number;
  readonly asked: Amounts;
  platform: string | undefined;
  waiting: number;
}

/** What is known about the wait of a workflow, as far as Tasks tell. */
export interface Wait {
  readonly pool: string;
  readonly backend: string;
  readonly platform: string | undefined;
  /** When its first Task that waits began to, ms since the epoch: one that is tried again has no long wait behind it. */
  readonly since: number;
  /** Of all its Tasks that wait. */
  readonly asked: Amounts;
  /** Of all Tasks that have a node of that platform. */
  readonly placed: Amounts;
  /** Workflows that wait for the same pool and come first. */
  readonly ahead: number;
}

const priorities = { High: 0, Normal: 1, Low: 2 } as const;

/**
 * Who waits for which pool and what is in use, from each change of a Task. A change costs as much as it takes to find a place
 * in the queue, and only when a Task begins or ceases to wait or to have a node.
 */
export class PoolQueues {
  readonly #waiters = new Map<string, Waiter>();
  /** Number of Tasks with a node by UID of their workflow. */
  readonly #onNodes = new Map<string, number>();
  readonly #rankings = new Map<string, Ranking<Waiter>>();
  /** By backend, and by backend and platform. */
  readonly #placed = new Map<string, Amounts>();
  #shortened = new Set<string>();

  /** Takes a change of the cache over. Call it for every change, in order. */
  taskChanged({ old, new: now }: { old?: Task; new?: Task }): void {
    const [before, after] = [roleOf(old), roleOf(now)];
    if (before === after && old?.metadata.uid === now?.metadata.uid) return;
    this.#count(old, before, -1);
    this.#count(now, after, 1);
  }

  #count(task: Task | undefined, role: Role, by: 1 | -1): void {
    if (task === undefined || role === undefined) return;
    const amounts = amountsOf(task.spec.resources);
    if (role === 'waits') return this.#wait(task, amounts, by);
    const { backend, platform = '', workflow } = task.spec;
    for (const lane of [backend, `${backend}/${platform}`]) {
      const sum = this.#placed.get(lane) ?? noAmounts();
      addAmounts(sum, amounts, by);
      this.#placed.set(lane, sum);
    }
    const left = (this.#onNodes.get(workflow.uid) ?? 0) + by;
    if (left === 0) this.#onNodes.delete(workflow.uid);
    else this.#onNodes.set(workflow.uid, left);
  }

  #wait(task: Task, amounts: Amounts, by: 1 | -1): void {
    const { uid } = task.spec.workflow;
    const waiter = this.#waiters.get(uid) ?? this.#newWaiter(task);
    addAmounts(waiter.asked, amounts, by);
    waiter.waiting += by;
    waiter.platform = task.spec.platform;
    if (waiter.waiting > 0) return;
    this.#waiters.delete(uid);
    const ranking = this.#rankings.get(waiter.pool);
    ranking?.remove(waiter);
    if (ranking?.size === 0) this.#rankings.delete(waiter.pool);
    this.#shortened.add(waiter.pool);
  }

  #newWaiter({ metadata, spec, status }: Task): Waiter {
    const { uid, name } = spec.workflow;
    const created = Date.parse(metadata.creationTimestamp ?? '') || 0;
    const waiter: Waiter = {
      uid,
      key: `${metadata.namespace ?? ''}/${name}`,
      backend: spec.backend,
      pool: spec.pool,
      order: [priorities[spec.priority], created, uid],
      since: Math.max(created, Date.parse(status?.schedulingTime ?? '') || 0),
      asked: noAmounts(),
      platform: spec.platform,
      waiting: 0,
    };
    this.#waiters.set(uid, waiter);
    const ranking = this.#rankings.get(spec.pool) ?? new Ranking<Waiter>();
    ranking.add(waiter);
    this.#rankings.set(spec.pool, ranking);
    return waiter;
  }

  /** What the workflow with this UID waits for; undefined when nothing of it waits, or something of it has a node. */
  waitOf(uid: string | undefined): Wait | undefined {
    const waiter = uid === undefined || this.#onNodes.has(uid) ? undefined : this.#waiters.get(uid);
    if (waiter === undefined) return undefined;
    const { pool, backend, platform, asked, since } = waiter;
    const lane = platform === undefined ? backend : `${backend}/${platform}`;
    return {
      pool,
      backend,
      platform,
      since,
      asked: { ...asked },
      placed: { ...(this.#placed.get(lane) ?? noAmounts()) },
      ahead: this.#rankings.get(pool)?.rankOf(waiter) ?? 0,
    };
  }

  /**
   * Keys of the workflows for which something to tell may have changed since the last call, since others left the queue
   * before them: a few for each queue, however long it is. The first ones look by themselves from time to time.
   */
  takeMovedUp(): string[] {
    if (this.#shortened.size === 0) return [];
    const pools = [...this.#shortened];
    this.#shortened = new Set();
    return pools.flatMap((pool) => {
      const ranking = this.#rankings.get(pool);
      if (ranking === undefined) return [];
      const ranks = boundaries(ranking.size).map((rank) => rank - 1);
      return ranks.map((rank) => ranking.at(rank)?.key).filter((key) => key !== undefined);
    });
  }
}

type Role = 'waits' | 'placed' | undefined;

function roleOf(task: Task | undefined): Role {
  if (task === undefined) return undefined;
  const { spec, status } = task;
  const isOfThisRun = (status?.run ?? 0) >= (spec.run ?? 0);
  switch (isOfThisRun ? status?.phase : undefined) {
    case 'Initializing':
    case 'Running':
      return 'placed';
    case 'Completed':
    case 'Failed':
      return undefined;
    case 'Pending':
    case 'Scheduling':
    case undefined:
      // Its next attempt has no pod yet.
      if (status?.phase === 'Scheduling' && status.reason === TaskReasons.rescheduled) return undefined;
      return spec.hold === true || spec.cancel !== undefined ? undefined : 'waits';
  }
}
