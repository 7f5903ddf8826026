import { ConditionTypes, TaskReasons, WorkflowReasons } from '@osmo/crds';
import type { RecentTask, WorkflowStatus } from '@osmo/crds';
import { conditionsOf, findCondition, timeOf, type ConditionNow } from '../conditions.ts';
import { workflowReason } from './group-verdict.ts';
import { explainInterval, explainWait } from '../queue/explain.ts';
import type { WorkflowWorld } from './world.ts';
import { problemsMessage } from '@osmo/workflow-spec/graph';
import { delayedTask, hasEnded, recentTasks, type Progress } from './progress.ts';
import { recentLimit, type TaskGlance } from './recent.ts';

const messageLength = 2048;
const taskMessageLength = 256;

const suspendedMessage = 'spec.suspend is set: no group is started; those whose commands run go on';

/** Where a workflow is, in one word and in one sentence. */
interface Verdict {
  phase: WorkflowStatus['phase'];
  reason?: string;
  message?: string;
}

/** The whole status: a function of the world, in which only transitions take the time from `world.now`. */
export function statusOf(world: WorkflowWorld): WorkflowStatus {
  const { workflow, progress, now } = world;
  const verdict = verdictOf(world);
  const { generation } = workflow.metadata;
  const former = workflow.status;
  const conditions = conditionsOf(former?.conditions, [admitted(world), succeeded(verdict)], { at: now, generation });
  const compact = world.status.room !== 'full';
  return {
    conditions,
    ...(generation !== undefined && { observedGeneration: generation }),
    phase: verdict.phase,
    ...(verdict.reason !== undefined && { reason: verdict.reason }),
    ...(verdict.message !== undefined && {
      message: cut(verdict.message, compact ? taskMessageLength : messageLength),
    }),
    ...runOf(world),
    ...timesOf(world, verdict),
    ...(progress !== undefined && {
      taskCounts: { ...progress.taskCounts },
      groupCounts: { ...progress.groupCounts },
      ...(!compact && { recentTasks: recentTasks(progress).map(recentTask) }),
    }),
  };
}

function verdictOf(world: WorkflowWorld): Verdict {
  const { problems, admission, progress, workflow } = world;
  if (problems !== undefined) {
    const invalid = problems.filter((problem) => problem.kind === 'InvalidSpec');
    // What can never run comes first: the rest might be mended in vain.
    const told = [...invalid, ...problems.filter((problem) => problem.kind !== 'InvalidSpec')];
    const reason = invalid.length > 0 ? WorkflowReasons.invalidSpec : WorkflowReasons.unsupported;
    return { phase: 'Failed', reason, message: problemsMessage(told, messageLength) };
  }
  if (progress === undefined) return { phase: 'Pending' };
  if (admission?.verdict === 'refused') {
    return { phase: 'Failed', reason: admission.reason, message: admission.message };
  }
  if (hasEnded(progress) && progress.refused.size === 0 && world.tell.length === 0 && world.unpublished === 0)
    return endOf(world, progress);
  const waiting = waitOf(world);
  const phase = progress.started > 0 || workflow.status?.phase === 'Running' ? 'Running' : 'Pending';
  return { phase, ...waiting };
}

function endOf({ canceled }: WorkflowWorld, progress: Progress): Verdict {
  if (progress.groupCounts.failed === 0) return { phase: 'Completed' };
  const reason = workflowReason([...progress.failureReasons.keys()]);
  const message = reason === TaskReasons.canceled && canceled !== undefined ? canceled : failureMessage(progress);
  return { phase: 'Failed', reason, message };
}

/** How many groups failed, and the earliest failure that is not the echo of another one. */
function failureMessage(progress: Progress): string {
  const { failed, upstream, total } = progress.groupCounts;
  const known = recentTasks(progress).filter((task) => task.phase === 'Failed');
  const first = known.findLast((task) => task.reason !== TaskReasons.peerFailed) ?? known.at(-1);
  const groups = `${failed} of ${total} groups failed`;
  const blocked = upstream === 0 ? '' : `, ${upstream} did not run since they need them`;
  if (first === undefined) return groups + blocked;
  const exit = first.exitCode === undefined ? '' : ` (exit code ${first.exitCode})`;
  const message = first.message === undefined || first.message === '' ? '' : `: ${first.message}`;
  return `${groups}${blocked}; task ${JSON.stringify(first.name)}: ${first.reason ?? TaskReasons.unknown}${exit}${message}`;
}

/** What keeps the next Tasks back, if anything does. */
function waitOf({
  progress,
  admission,
  batch,
  hindrance,
  unpublished,
  missing,
  canceled,
  suspended,
  wait,
  now,
}: WorkflowWorld): Pick<Verdict, 'reason' | 'message'> {
  if (canceled !== undefined) return { reason: WorkflowReasons.canceled, message: canceled };
  if (suspended) return { reason: WorkflowReasons.suspended, message: suspendedMessage };
  if (admission?.verdict === 'waits') return { reason: admission.reason, message: admission.message };
  const occupied = batch.find((candidate) => candidate.occupant !== undefined)?.occupant;
  if (occupied !== undefined) {
    const name = JSON.stringify(occupied.metadata.name);
    const owner = occupied.metadata.ownerReferences?.find((reference) => reference.controller === true);
    const message =
      owner === undefined
        ? `a Task named ${name} exists that belongs to no Workflow; delete it, or give this workflow another name`
        : `waits until Task ${name} of an earlier workflow (UID ${owner.uid}) is deleted`;
    return { reason: WorkflowReasons.pending, message };
  }
  if (unpublished > 0) {
    const what = unpublished === 1 ? 'of a task' : `of ${unpublished} tasks`;
    const why = hindrance === undefined ? '' : `: ${hindrance}`;
    return { reason: WorkflowReasons.publishing, message: `records the dataset versions ${what}${why}` };
  }
  if (missing !== undefined) return { reason: WorkflowReasons.dataNotFound, message: missing };
  if (hindrance !== undefined && batch.length > 0) {
    return { reason: WorkflowReasons.pending, message: `Tasks can't be created now: ${hindrance}` };
  }
  const delayed = progress === undefined ? undefined : delayedTask(progress);
  if (delayed?.reason !== undefined) {
    const why = delayed.message === undefined || delayed.message === '' ? '' : `: ${delayed.message}`;
    return { reason: delayed.reason, message: `task ${JSON.stringify(delayed.name)} waits${why}` };
  }
  if (wait !== undefined && now.getTime() - wait.since >= explainInterval) {
    return { reason: WorkflowReasons.queued, message: explainWait(wait) };
  }
  return {};
}

function admitted(world: WorkflowWorld): ConditionNow {
  const { problems, admission, workflow, progress, canceled, suspended } = world;
  const type = ConditionTypes.admitted;
  if (problems !== undefined) {
    const invalid = problems.some((problem) => problem.kind === 'InvalidSpec');
    const reason = invalid ? WorkflowReasons.invalidSpec : WorkflowReasons.unsupported;
    return { type, status: 'False', reason, message: problemsMessage(problems, messageLength) };
  }
  if (canceled !== undefined) return { type, status: 'False', reason: WorkflowReasons.canceled, message: canceled };
  if (suspended) return { type, status: 'False', reason: WorkflowReasons.suspended, message: suspendedMessage };
  if (admission !== undefined && admission.verdict !== 'admitted') {
    return { type, status: 'False', reason: admission.reason, message: admission.message };
  }
  const [pool] = progress?.pools.keys() ?? [];
  const changed = pool !== undefined && pool !== workflow.spec.pool;
  const message = changed
    ? `runs in pool ${JSON.stringify(pool)}, where it was started; that spec.pool was changed to ${JSON.stringify(workflow.spec.pool)} since has no effect`
    : '';
  return { type, status: 'True', reason: WorkflowReasons.admitted, message };
}

function succeeded({ phase, reason, message = '' }: Verdict): ConditionNow {
  const type = ConditionTypes.succeeded;
  switch (phase) {
    case 'Completed':
      return { type, status: 'True', reason: WorkflowReasons.completed, message: '' };
    case 'Failed':
      return { type, status: 'False', reason: reason ?? WorkflowReasons.failed, message: cut(message, messageLength) };
    case 'Running':
      return { type, status: 'Unknown', reason: WorkflowReasons.running, message: '' };
    case 'Pending':
      return { type, status: 'Unknown', reason: WorkflowReasons.pending, message: '' };
  }
}

/** Which run it is in, and which request led to it. */
function runOf({ workflow, restart }: WorkflowWorld): Pick<WorkflowStatus, 'run' | 'restartID'> {
  const run = restart?.kind === 'told' ? restart.run : workflow.status?.run;
  const isNoted = restart !== undefined && restart.kind !== 'marking';
  const restartID = isNoted ? workflow.spec.restart?.id : workflow.status?.restartID;
  return { ...(run !== undefined && { run }), ...(restartID !== undefined && { restartID }) };
}

function timesOf(world: WorkflowWorld, { phase }: Verdict): Pick<WorkflowStatus, 'startTime' | 'completionTime'> {
  const { workflow, now, progress } = world;
  const shown = progress === undefined ? [] : recentTasks(progress);
  // Tasks that failed before a command ran make a workflow Running for the others, and start nothing.
  const begun = progress !== undefined && progress.begun > 0;
  const earliest = Math.min(...shown.map((task) => task.startedAt ?? Number.POSITIVE_INFINITY));
  const startTime = workflow.status?.startTime ?? (begun ? timeOf(orNow(earliest, now)) : undefined);
  if (phase !== 'Completed' && phase !== 'Failed') return startTime === undefined ? {} : { startTime };
  // With more failures than can be shown, the last end may not be among them.
  const latest =
    shown.length >= recentLimit && shown.every(isFailed) ? now.getTime() : Math.max(...shown.map((t) => t.at));
  return { ...(startTime !== undefined && { startTime }), completionTime: timeOf(orNow(latest, now)) };
}

const isFailed = (task: TaskGlance): boolean => task.phase === 'Failed';

function orNow(milliseconds: number, now: Date): Date {
  return Number.isFinite(milliseconds) ? new Date(Math.min(milliseconds, now.getTime())) : now;
}

function recentTask(task: TaskGlance): RecentTask {
  return {
    name: task.name,
    group: task.group,
    phase: task.phase,
    ...(task.reason !== undefined && { reason: task.reason }),
    ...(task.exitCode !== undefined && { exitCode: task.exitCode }),
    ...(task.message !== undefined && task.message !== '' && { message: cut(task.message, taskMessageLength) }),
    time: timeOf(new Date(task.at)),
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Whether it has come to its end, after which nothing about it is written any more. */
export function isFinal(status: WorkflowStatus | undefined): boolean {
  return findCondition(status?.conditions, ConditionTypes.succeeded)?.status === 'True' || hasFailed(status);
}

function hasFailed(status: WorkflowStatus | undefined): boolean {
  return findCondition(status?.conditions, ConditionTypes.succeeded)?.status === 'False';
}
