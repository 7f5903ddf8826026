import { ConditionTypes, EventReasons, WorkflowReasons } from '@osmo/crds';
import type { Workflow, WorkflowStatus } from '@osmo/crds';
import type { EventIntent } from '@osmo/kube';
import { findCondition } from '../conditions.ts';
import { type Progress, recentTasks } from './progress.ts';
import { waitStep } from './waiting-reasons.ts';
import type { WorkflowWorld } from './world.ts';

const noteLength = 1000;

/**
 * What has happened between the status that is stored and the one that is written now: each change of phase and reason,
 * once. A status that says nothing new but numbers has none, and what passed so quickly that no status tells of it neither.
 */
export function eventsOf({ workflow, restart, progress }: WorkflowWorld, next: WorkflowStatus): EventIntent[] {
  const former = workflow.status;
  const ended = next.phase === 'Completed' || next.phase === 'Failed';
  // A failure may be the first that is heard of it, and no command of it may have run.
  const neverRan = next.phase === 'Failed' && !(progress !== undefined && hasRun(progress));
  return [
    ...restarted(workflow, restart),
    ...(isStart(former, next) && !neverRan ? [started(next)] : []),
    ...admission(former, next, restart?.kind === 'told'),
    ...waiting(former, next),
    ...(ended ? [end(next)] : []),
  ];
}

/** That it runs, for the first time or after a restart of all of it. A restart of a part is told as that. */
function isStart(former: WorkflowStatus | undefined, next: WorkflowStatus): boolean {
  if (next.startTime === undefined) return false;
  return former?.startTime === undefined || (former.phase === 'Pending' && next.phase === 'Running');
}

const hasRun = (progress: Progress): boolean =>
  recentTasks(progress).some(({ startedAt, phase }) => startedAt !== undefined || phase === 'Completed');

function waiting(former: WorkflowStatus | undefined, next: WorkflowStatus): EventIntent[] {
  const step = waitStep(former, next);
  switch (step?.kind) {
    case undefined:
      return [];
    case 'queued':
      return [onTheWay(normal(EventReasons.queued, 'Run', capital(step.message)))];
    case 'delayed':
      return [onTheWay(warning(EventReasons.delayed, 'Run', `${step.reason}: ${step.message}`))];
    case 'paused':
      return [onTheWay(normal(EventReasons.delayed, 'Run', `${step.reason}: ${step.message}`))];
    case 'over':
      // That it was started, suspended and so on says that too.
      if (isStart(former, next) || admission(former, next, false).length > 0) return [];
      return [onTheWay(normal(EventReasons.continued, 'Run', `Continued: no longer ${step.reason}`))];
  }
}

/** A restart that changes nothing but that it was noted. */
export function refusedRestartEvents({ workflow, restart }: WorkflowWorld): EventIntent[] {
  return restarted(workflow, restart);
}

function restarted({ spec }: Workflow, restart: WorkflowWorld['restart']): EventIntent[] {
  if (restart?.kind === 'refused') return [warning(EventReasons.restartRefused, 'Restart', restart.message)];
  if (restart?.kind !== 'told') return [];
  const by = spec.restart?.by === undefined ? '' : ` by ${spec.restart.by}`;
  const tasks = restart.tasks === 1 ? '1 task' : `${restart.tasks} tasks`;
  return [normal(EventReasons.restarted, 'Restart', `Restarted ${tasks}${by}, as run ${restart.run}`)];
}

function started({ taskCounts }: WorkflowStatus): EventIntent {
  const total = taskCounts?.total ?? 0;
  return normal(EventReasons.started, 'Run', total === 1 ? 'Started its task' : `Started the first of ${total} tasks`);
}

function admission(former: WorkflowStatus | undefined, next: WorkflowStatus, isRestarted: boolean): EventIntent[] {
  const before = findCondition(former?.conditions, ConditionTypes.admitted);
  const after = findCondition(next.conditions, ConditionTypes.admitted);
  if (after === undefined || before?.reason === after.reason) return [];
  const { reason, message } = after;
  if (reason === WorkflowReasons.canceled) return [normal(EventReasons.canceled, 'Cancel', capital(message))];
  if (reason === WorkflowReasons.suspended) return [normal(EventReasons.suspended, 'Suspend', 'Suspended')];
  const resumed =
    before?.reason === WorkflowReasons.suspended ? [normal(EventReasons.resumed, 'Resume', 'Resumed')] : [];
  if (after.status === 'True') {
    // A start or an end says as much, and so does that it was resumed or restarted.
    const isTold = (before === undefined && next.phase !== 'Pending') || resumed.length > 0 || isRestarted;
    return isTold ? resumed : [onTheWay(normal(EventReasons.admitted, 'Admit', 'Admitted'))];
  }
  // That it ended is told by itself.
  if (next.phase === 'Failed') return resumed;
  return [...resumed, warning(EventReasons.notAdmitted, 'Admit', `${reason}: ${message}`)];
}

function end({ phase, reason, message, taskCounts }: WorkflowStatus): EventIntent {
  if (phase === 'Completed') {
    const note = `Completed ${taskCounts?.completed ?? 0} of ${taskCounts?.total ?? 0} tasks`;
    return normal(EventReasons.completed, 'Run', note);
  }
  return warning(EventReasons.failed, 'Run', [reason, message].filter((text) => text !== undefined).join(': '));
}

const event = (type: EventIntent['type'], reason: string, action: string, note: string): EventIntent => ({
  type,
  reason,
  action,
  note: note.slice(0, noteLength),
});
const normal = (reason: string, action: string, note: string): EventIntent => event('Normal', reason, action, note);
const warning = (reason: string, action: string, note: string): EventIntent => event('Warning', reason, action, note);
const onTheWay = (intent: EventIntent): EventIntent => ({ ...intent, givesWay: true });
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
