import { EventReasons, type Workflow, type WorkflowStatus, WorkflowType } from '@osmo/crds';
import type { EventIntent, Plan } from '@osmo/kube';
import { timeOf } from '../conditions.ts';
import type { Outcome } from './deliver.ts';

/** How long somebody is tried to be told, from the end of the workflow. */
export const tryForMs = 6 * 3600 * 1000;

const firstPauseMs = 10_000;
const longestPauseMs = 15 * 60_000;
const messageLength = 256;

/** What this process knows of telling one target of one end. */
export interface Attempts {
  readonly count: number;
  readonly last: Outcome;
  readonly at: Date;
}

/** All that depends on the end of one workflow. */
export interface NoticeWorld {
  readonly now: Date;
  readonly workflow: Workflow;
  readonly end: Date;
  /** Ids of all who are to be told. */
  readonly targets: readonly string[];
  /** By id of the target. */
  readonly attempts: ReadonlyMap<string, Attempts>;
}

type Told = NonNullable<WorkflowStatus['notifications']>[number];

/** Ids of those who were told of the end, or were given up. */
export function toldOf({ status }: Pick<Workflow, 'status'>): Set<string> {
  return new Set(recordsOf(status).map(({ target }) => target));
}

/** Ids of those who are to be told now: not yet told, and not tried a moment ago. */
export function dueOf({ now, workflow, end, targets, attempts }: NoticeWorld): string[] {
  if (now.getTime() >= end.getTime() + tryForMs) return [];
  const told = toldOf(workflow);
  return targets.filter((id) => {
    const tried = attempts.get(id);
    return !told.has(id) && (tried === undefined || (isOpen(tried) && retryTime(tried) <= now));
  });
}

/** Until when the workflow should stay for those who are still to be told; undefined: nobody is waiting. */
export function heldUntil({
  workflow,
  end,
  targets,
}: Pick<NoticeWorld, 'workflow' | 'end' | 'targets'>): Date | undefined {
  const told = toldOf(workflow);
  return targets.some((id) => !told.has(id)) ? new Date(end.getTime() + tryForMs) : undefined;
}

/** Writes down who was told and who can't be, and comes again for the others. Nothing is written where nobody is to be told. */
export function planNotices(world: NoticeWorld): Plan<Workflow> {
  const { now, workflow, end, targets, attempts } = world;
  const records = recordsOf(workflow.status);
  const told = toldOf(workflow);
  const until = new Date(end.getTime() + tryForMs);
  const fresh: Told[] = [];
  const events: EventIntent[] = [];
  const retries: Date[] = [];
  for (const target of targets) {
    const tried = attempts.get(target);
    // What ended too long ago before anybody tried is nothing to be told any more.
    if (told.has(target) || tried === undefined) continue;
    if (isOpen(tried) && now < until) {
      retries.push(retryTime(tried) < until ? retryTime(tried) : until);
      continue;
    }
    fresh.push(recordOf(target, workflow, tried));
    if (tried.last.state === 'Failed') events.push(failure(target, tried));
  }
  const wakeAt = retries.toSorted((a, b) => a.getTime() - b.getTime())[0];
  const notifications = [...records, ...fresh];
  return {
    ...(fresh.length > 0 && {
      statuses: [{ type: WorkflowType, object: workflow, status: { notifications }, fields: ['notifications'] }],
    }),
    ...(events.length > 0 && { events }),
    ...(wakeAt !== undefined && { wakeAt }),
  };
}

/** Of the current run: another end is told anew. */
function recordsOf(status: WorkflowStatus | undefined): Told[] {
  return (status?.notifications ?? []).filter(({ run }) => run === (status?.run ?? 0));
}

const isOpen = ({ last }: Attempts): boolean => last.state === 'Failed' && last.mayPass;

function retryTime({ at, count }: Attempts): Date {
  return new Date(at.getTime() + Math.min(firstPauseMs * 2 ** (count - 1), longestPauseMs));
}

function recordOf(target: string, { status }: Workflow, { last, at }: Attempts): Told {
  const message = last.state === 'Failed' ? last.message.slice(0, messageLength) : undefined;
  return {
    target,
    run: status?.run ?? 0,
    state: last.state,
    time: timeOf(at),
    ...(message !== undefined && { message }),
  };
}

function failure(target: string, { count, last }: Attempts): EventIntent {
  const why = last.state === 'Failed' ? last.message : '';
  const note = `${target} could not be told of the end (${count === 1 ? 'one attempt' : `${count} attempts`}): ${why}`;
  return { type: 'Warning', reason: EventReasons.notificationFailed, action: 'Notify', note };
}
