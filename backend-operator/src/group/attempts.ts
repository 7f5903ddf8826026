import { type TaskAttempt, TaskReasons } from '@osmo/crds';
import type { Again } from './attempt-end.ts';
import { seconds } from './classify.ts';
import { complete, isOver, podFacts } from './status.ts';
import type { StatusFields, Task, TaskStatus } from './task.ts';
import { sentence, type Verdict } from './verdict.ts';
import type { Member } from './world.ts';

/** Attempts that a Task remembers, besides the current one. */
const remembered = 16;
const messageLimit = 256;

/** An attempt that didn't end by itself: why it is given up. */
export interface GivenUp {
  cause: 'Peer' | 'Held' | 'Restart';
  message: string;
}

/**
 * The status with which the next attempt begins: the current one, ended or given up, becomes a line of `attempts`. It is to
 * be written before anything of the next attempt is made.
 */
export function nextAttempt(
  member: Member,
  why: Again | GivenUp,
  { round, now }: { round: number; now: Date },
): TaskStatus {
  const { task, attempt } = member;
  const old = task.status;
  const held = why.cause === 'Held';
  const retryTime = 'verdict' in why ? retryTimeOf(why, now) : undefined;
  return complete(task, {
    attempt: attempt + 1,
    ...sameRun(old),
    ...(round === 0 ? {} : { round }),
    retries: counted(old, why.cause),
    ...(old?.groupStartTime === undefined ? {} : { groupStartTime: old.groupStartTime }),
    attempts: listed(old, entryOf(member, why, now)),
    phase: held ? 'Pending' : 'Scheduling',
    reason: held ? TaskReasons.held : TaskReasons.rescheduled,
    message: 'verdict' in why ? failureText(attempt, why) : why.message,
    ...(retryTime === undefined ? {} : { retryTime }),
  });
}

/** The status with which a further run of the task begins; nothing of it has been made yet. */
export function nextRun(member: Member, now: Date): TaskStatus {
  const { task, attempt } = member;
  const { run = 0, hold = false } = task.spec;
  const old = task.status;
  const why: GivenUp = { cause: 'Restart', message: `restarted: run ${run}` };
  const wasUsed = member.started || (old?.phase ?? 'Pending') !== 'Pending';
  const attempts = wasUsed ? listed(old, entryOf(member, why, now)) : old?.attempts;
  return complete(
    task,
    {
      attempt: wasUsed ? attempt + 1 : attempt,
      run,
      ...(attempts === undefined ? {} : { attempts }),
      phase: 'Pending',
      ...(hold ? { reason: TaskReasons.held } : {}),
    },
    seconds(now),
  );
}

/** Whether the current attempt began while its peers went on: it doesn't start together with anybody. */
export function isAlone({ status }: Task): boolean {
  const before = status?.attempts?.at(-1);
  if (before === undefined || before.attempt !== (status?.attempt ?? 0) - 1) return false;
  return (before.run ?? 0) === (status?.run ?? 0) && (before.round ?? 0) === (status?.round ?? 0);
}

function sameRun(old: TaskStatus | undefined): StatusFields {
  return old?.run === undefined ? {} : { run: old.run };
}

function retryTimeOf({ pauseSeconds, verdict }: Again, now: Date): string | undefined {
  if (pauseSeconds === 0) return undefined;
  const ended = verdict.times.completion === undefined ? now.getTime() : Date.parse(verdict.times.completion);
  return seconds(new Date(ended + pauseSeconds * 1000));
}

function failureText(attempt: number, { verdict }: Again): string {
  return sentence(`attempt ${attempt} ended`, verdict.reason, verdict.message);
}

function counted(old: TaskStatus | undefined, cause: TaskAttempt['cause']): NonNullable<TaskStatus['retries']> {
  const { user = 0, infrastructure = 0, peer = 0 } = old?.retries ?? {};
  return {
    user: user + (cause === 'User' ? 1 : 0),
    infrastructure: infrastructure + (cause === 'Infrastructure' ? 1 : 0),
    peer: peer + (cause === 'Peer' || cause === 'Held' ? 1 : 0),
  };
}

function listed(old: TaskStatus | undefined, entry: TaskAttempt): TaskAttempt[] {
  return [...(old?.attempts ?? []), entry].slice(-remembered);
}

function entryOf(member: Member, why: Again | GivenUp, now: Date): TaskAttempt {
  const { task, pod, attempt } = member;
  const old = task.status;
  const facts: StatusFields = { ...old, ...(pod === undefined ? {} : podFacts(pod, attempt)) };
  const end = endOf(member, why, now);
  const entry: Record<string, unknown> = {
    attempt,
    run: old?.run,
    round: old?.round,
    cause: why.cause,
    phase: end.phase,
    reason: end.reason,
    exitCode: end.exitCode,
    message: end.message === undefined ? undefined : end.message.slice(0, messageLimit),
    podName: facts.podName,
    nodeName: facts.nodeName,
    imageID: facts.imageID,
    startTime: end.startTime ?? old?.startTime,
    completionTime: end.completionTime,
  };
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as TaskAttempt;
}

interface End {
  phase: 'Completed' | 'Failed';
  reason?: string | undefined;
  exitCode?: number | undefined;
  message?: string | undefined;
  startTime?: string | undefined;
  completionTime: string;
}

/** How the attempt ended: by itself, as is recorded, or by being given up. */
function endOf({ task, verdict }: Member, why: Again | GivenUp, now: Date): End {
  const old = task.status;
  if ('verdict' in why) return endOfVerdict(why.verdict, now);
  if (verdict !== undefined && isOver(verdict.phase)) return endOfVerdict(verdict, now);
  if (old?.phase === 'Completed' || old?.phase === 'Failed') {
    const { phase, reason, exitCode, message, completionTime = seconds(now) } = old;
    return { phase, reason, exitCode, message, completionTime };
  }
  const startTime = verdict?.times.start;
  return {
    phase: 'Failed',
    reason: givenUpReasons[why.cause],
    message: why.message,
    startTime,
    completionTime: seconds(now),
  };
}

const givenUpReasons: Readonly<Record<GivenUp['cause'], string>> = {
  Peer: TaskReasons.peerFailed,
  Held: TaskReasons.held,
  Restart: TaskReasons.rescheduled,
};

function endOfVerdict({ phase, reason, exitCode, message, times }: Verdict, now: Date): End {
  return {
    phase: phase === 'Completed' ? 'Completed' : 'Failed',
    reason,
    exitCode,
    message,
    startTime: times.start,
    completionTime: times.completion ?? seconds(now),
  };
}
