import { isConflict, isGone } from '../../client/errors.ts';
import type { KubeObject, ResourceType } from '../../client/types.ts';
import type { Desired, EventIntent, Plan, Removal, StatusWrite } from '../plan.ts';
import { forEachBounded } from './bounded.ts';
import { isFutile, isRefusal, type RefusedWrite } from './refusal.ts';
import type { Writer } from './writer.ts';

/** The object that is reconciled: what `status`, `finalizers` and events without `regarding` are about. */
export interface Primary {
  on: string;
  type: ResourceType;
  object: KubeObject;
}

export interface ExecuteOptions {
  writer: Writer;
  fieldManager: string;
  signal: AbortSignal;
  /** Writes under way at once. */
  parallelism: number;
  /** Creates, applies and removals of one run; the rest waits for the next. */
  maxWrites: number;
  emit: (intent: EventIntent) => void;
  /** Told of writes that will never be taken; true: dealt with, it is no error. */
  refused?: ((write: RefusedWrite, error: Error) => boolean) | undefined;
}

export interface Outcome {
  /** Not everything could be done in one run, or a refusal is to be considered: reconcile again at once. */
  again: boolean;
  /** Requests that changed something, or tried to. */
  writes: number;
}

/**
 * Does what a plan says, in the order that `Plan` states.
 *
 * After a failure that may pass, nothing later in the order is done: the next run does it. After a refusal for good the
 * rest is done all the same, so that the status can say what is wrong. Every run does all it can: one failed child
 * doesn't keep the others from being written.
 *
 * @throws the first failure that is neither a conflict nor dealt with by `refused`; else the first conflict.
 */
export async function execute(
  key: string,
  plan: Plan,
  primary: Primary | undefined,
  options: ExecuteOptions,
): Promise<Outcome> {
  const run = new Run(key, options);
  const guarded = await run.finalizers(primary, { add: plan.finalizers?.add ?? [] });
  await run.children(plan.apply ?? [], plan.remove ?? []);
  const statuses = statusWrites(plan, guarded);
  // A child that was refused doesn't keep the status, and what it tells, from being told.
  const isTold = !run.isCut && (await run.statuses(statuses)) && (run.isWhole || statuses.length > 0);
  if (isTold) plan.events?.forEach(options.emit);
  run.throwErrors();
  if (!run.outcome.again) await run.finalizers(guarded, { remove: plan.finalizers?.remove ?? [] });
  return run.outcome;
}

class Run {
  readonly outcome: Outcome = { again: false, writes: 0 };
  readonly errors: unknown[] = [];
  /** Something earlier in the order is to be done again first. */
  isCut = false;
  /** Nothing was refused. */
  isWhole = true;
  readonly #key: string;
  readonly #options: ExecuteOptions;

  constructor(key: string, options: ExecuteOptions) {
    this.#key = key;
    this.#options = options;
  }

  async finalizers(
    primary: Primary | undefined,
    change: { add?: readonly string[]; remove?: readonly string[] },
  ): Promise<Primary | undefined> {
    if (primary === undefined) return undefined;
    const { writer, signal } = this.#options;
    const object = await writer.finalizers(this.#key, primary, change, signal);
    if (object === undefined) return primary;
    this.#count(true);
    return { ...primary, object };
  }

  /** Creates and applies, then, unless that must be tried again, removals. */
  async children(apply: readonly Desired[], remove: readonly Removal[]): Promise<void> {
    const { writer, signal, maxWrites } = this.#options;
    const first = apply.slice(0, maxWrites);
    const there = new Set<Desired>();
    const ensure = (some: readonly Desired[]): Promise<boolean> =>
      this.#all(
        some,
        async (desired) => {
          const sent = await writer.ensure(this.#key, desired, signal);
          there.add(desired);
          return sent;
        },
        (desired) => ({ kind: 'apply', desired }),
      );
    await ensure(first.filter(({ after }) => after === undefined));
    const behind = first.filter(({ after }) => after !== undefined && there.has(after));
    if (!this.errors.some(isFutile)) await ensure(behind);
    const then = this.isCut ? [] : remove.slice(0, maxWrites - first.length);
    await this.#all(
      then,
      (removal) => writer.remove(this.#key, removal, signal),
      (removal) => ({ kind: 'remove', removal }),
    );
    if (first.length + then.length < apply.length + remove.length) {
      this.isCut = true;
      this.outcome.again = true;
    }
  }

  /** Resolves to whether all of them are as they should be. */
  async statuses(writes: readonly StatusWrite[]): Promise<boolean> {
    const { writer, fieldManager, signal } = this.#options;
    return this.#all(
      writes,
      (write) => writer.status(this.#key, write, fieldManager, signal),
      (write) => ({ kind: 'status', write }),
    );
  }

  /** The worst first: what is a mistake or an outage must not hide behind a conflict. */
  throwErrors(): void {
    if (this.errors.length === 0) return;
    const hard = this.errors.find((error) => !isConflict(error) && !isGone(error));
    throw hard ?? this.errors[0];
  }

  async #all<T>(
    items: readonly T[],
    send: (item: T) => Promise<boolean>,
    describe: (item: T) => RefusedWrite,
  ): Promise<boolean> {
    const { parallelism, refused } = this.#options;
    let isWhole = true;
    const { errors } = await forEachBounded(
      items,
      parallelism,
      async (item) => {
        try {
          this.#count(await send(item));
        } catch (error) {
          if (!isRefusal(error)) throw error;
          isWhole = false;
          if (refused?.(describe(item), error as Error)) this.outcome.again = true;
          else this.errors.push(error);
        }
      },
      isFutile,
    );
    if (errors.length > 0) this.isCut = true;
    this.errors.push(...errors);
    this.isWhole &&= isWhole;
    return isWhole && errors.length === 0;
  }

  #count(sent: boolean): void {
    if (sent) this.outcome.writes++;
  }
}

function statusWrites(plan: Plan, primary: Primary | undefined): readonly StatusWrite[] {
  const own =
    plan.status === undefined || primary === undefined
      ? []
      : [{ on: primary.on, type: primary.type, object: primary.object, status: plan.status }];
  return [...own, ...(plan.statuses ?? [])];
}
