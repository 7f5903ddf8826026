import { EventReasons, TaskReasons } from '@osmo/crds';
import type { EventIntent } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import { isOver } from './status.ts';
import type { Task, TaskStatus } from './task.ts';
import { isWaiting, type WaitingStep, waitingStep } from './waiting-steps.ts';

/**
 * What a person should hear of a status that was written: each change of phase, reason, attempt or run, once. Steps that
 * passed so quickly that no status tells of them have no Event either: that of the start, which is never left out, says how
 * long they took. So a task that runs at once costs two, and one that waits as many more as its statuses.
 */
export function taskEvents(task: Task, status: TaskStatus): EventIntent[] {
  const former = task.status;
  const isFurther = status.attempt !== (former?.attempt ?? 0);
  const isSeen = former !== undefined && !isWaiting(former.phase);
  const again = isFurther ? furtherAttempt(task, status, isSeen) : furtherRun(task, status);
  const before = isFurther ? undefined : former;
  if (isOver(status.phase)) {
    const unseen = !isSeen && hasRun(status) ? [started(task, status)] : [];
    return [...again, ...unseen, end(task, status)];
  }
  if (status.phase === 'Running') return [...again, ...running(task, before, status)];
  // With which reason the next attempt begins is told by itself.
  const step = again.length > 0 ? undefined : waitingStep(before, status);
  return step === undefined ? again : [waited(task, status, step)];
}

function running(task: Task, before: TaskStatus | undefined, status: TaskStatus): EventIntent[] {
  const ran = before?.phase === 'Running';
  if (ran && before.reason === status.reason) return [];
  if (status.reason === TaskReasons.nodeUnreachable) {
    const unseen = !ran && hasRun(status) ? [started(task, status)] : [];
    const note = `Lost contact with ${place(status)}`;
    return [...unseen, event(task, EventReasons.disconnected, note, { type: 'Warning' })];
  }
  return [ran ? event(task, EventReasons.reconnected, `Heard again of ${place(status)}`) : started(task, status)];
}

const notes: Readonly<Record<WaitingStep, (status: TaskStatus) => string>> = {
  queued: (status) => joined([`Queued ${place(status)}`, ...why(status, 'it waits for a node')], ': '),
  delayed: (status) => joined([`Delayed ${place(status)}`, ...why(status)], ': '),
  scheduled: (status) => joined([`Scheduled ${place(status)}`, ...why(status)], ': '),
  accepted: (status) =>
    joined([`Accepted ${place(status)}`, ...why(status, 'its images, volumes and inputs are fetched')], ': '),
  prepared: (status) => joined([`Prepared ${place(status)}`, status.message], ': '),
  gathered: (status) => `Gathered the group of ${place(status)}: it goes on`,
  held: (status) => `Held attempt ${status.attempt}: it is not to start yet`,
};

const why = ({ reason, message }: TaskStatus, otherwise?: string): (string | undefined)[] =>
  reason === undefined ? [otherwise] : [reason, message];

function waited(task: Task, status: TaskStatus, step: WaitingStep): EventIntent {
  const type = step === 'delayed' ? 'Warning' : 'Normal';
  return event(task, EventReasons[step], notes[step](status), { type, givesWay: true });
}

function furtherAttempt(task: Task, status: TaskStatus, isSeen: boolean): EventIntent[] {
  const before = status.attempts?.at(-1);
  if (before === undefined) return [];
  const unseen = !isSeen && hasRun(before) ? [started(task, before)] : [];
  return [...unseen, rescheduled(task, status, before)];
}

/** It is to run again, and had not begun: no attempt of it ended. */
function furtherRun(task: Task, { run = 0 }: TaskStatus): EventIntent[] {
  return run === (task.status?.run ?? 0) ? [] : [event(task, EventReasons.restarted, `Restarted as run ${run}`)];
}

function rescheduled(task: Task, status: TaskStatus, { cause }: { cause: string }): EventIntent {
  const note = joined([status.message, `attempt ${status.attempt} follows (${cause})`], '; ');
  // What people ask for is no trouble.
  const type = cause === 'Held' || cause === 'Restart' ? 'Normal' : 'Warning';
  return event(task, EventReasons.rescheduled, note, { type });
}

function started(task: Task, status: Attempt): EventIntent {
  return event(task, EventReasons.started, joined([`Started ${place(status)}`, durations(status)], ': '));
}

function end(task: Task, status: TaskStatus): EventIntent {
  const { phase, reason, message, exitCode } = status;
  if (phase === 'Failed') {
    return event(task, EventReasons.failed, joined([reason, message], ': '), { type: 'Warning' });
  }
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  return event(task, EventReasons.completed, `Completed ${place(status)}${code}`);
}

/** As much of an attempt, the current one or an earlier one, as is told about it. */
type Attempt = Pick<
  TaskStatus,
  'attempt' | 'podName' | 'nodeName' | 'schedulingTime' | 'initializingTime' | 'startTime'
>;

function place({ attempt = 0, nodeName, podName }: Attempt): string {
  const pod = podName === undefined ? '' : ` in pod ${podName}`;
  return `attempt ${attempt}${pod}${nodeName === undefined ? '' : ` on node ${nodeName}`}`;
}

/** Ends of attempts whose command was never started; a start that they tell of is that of a container beside it. */
const unstarted: ReadonlySet<string> = new Set([
  TaskReasons.imagePull,
  TaskReasons.createError,
  TaskReasons.startError,
  TaskReasons.startTimeout,
]);

const hasRun = ({ reason, startTime }: { reason?: string | undefined; startTime?: string | undefined }): boolean =>
  startTime !== undefined && !unstarted.has(reason ?? '');

/** In whole seconds, as the cluster's times are. */
function durations({ schedulingTime, initializingTime, startTime }: Attempt): string | undefined {
  if (schedulingTime === undefined || initializingTime === undefined || startTime === undefined) return undefined;
  const seconds = (from: string, to: string) => Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  const toNode = seconds(schedulingTime, initializingTime);
  return `${toNode} s until it had a node, ${seconds(initializingTime, startTime)} s more until its command ran`;
}

const joined = (parts: readonly (string | undefined)[], by: string): string =>
  parts.filter((part) => part !== undefined && part !== '').join(by);

function event(
  task: Task,
  reason: string,
  note: string,
  more: Pick<EventIntent, 'givesWay'> & { type?: EventIntent['type'] } = {},
): EventIntent {
  const { name, namespace, uid } = task.metadata;
  return {
    on: Clusters.hub,
    type: 'Normal',
    ...more,
    reason,
    action: 'Run',
    note,
    regarding: {
      apiVersion: task.apiVersion,
      kind: task.kind,
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
  };
}
