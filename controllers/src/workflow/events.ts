import { ConditionTypes, EventReasons, WorkflowReasons } from '@osmo/crds';
import type { Workflow, WorkflowStatus } from '@osmo/crds';
import type { EventIntent } from '@osmo/kube';
import { findCondition } from '../conditions.ts';
import type { WorkflowWorld } from './world.ts';

const noteLength = 1000;

/** What has happened between the status that is stored and the one that is written now: one Event a transition. */
export function eventsOf({ workflow, restart }: WorkflowWorld, next: WorkflowStatus): EventIntent[] {
  const former = workflow.status;
  const ended = next.phase === 'Completed' || next.phase === 'Failed';
  return [
    ...restarted(workflow, restart),
    ...(former?.startTime === undefined && next.startTime !== undefined ? [started(next)] : []),
    ...admission(former, next),
    ...(ended ? [end(next)] : []),
  ];
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

function admission(former: WorkflowStatus | undefined, next: WorkflowStatus): EventIntent[] {
  const before = findCondition(former?.conditions, ConditionTypes.admitted);
  const after = findCondition(next.conditions, ConditionTypes.admitted);
  if (after === undefined || before?.reason === after.reason) return [];
  const { reason, message } = after;
  if (reason === WorkflowReasons.canceled) return [normal(EventReasons.canceled, 'Cancel', capital(message))];
  if (reason === WorkflowReasons.suspended) return [normal(EventReasons.suspended, 'Suspend', 'Suspended')];
  const resumed =
    before?.reason === WorkflowReasons.suspended ? [normal(EventReasons.resumed, 'Resume', 'Resumed')] : [];
  // That it ended is told by itself.
  if (after.status !== 'False' || next.phase === 'Failed') return resumed;
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
const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
