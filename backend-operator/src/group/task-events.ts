import { EventReasons } from '@osmo/crds';
import type { EventIntent } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import type { Task, TaskStatus } from './task.ts';

/**
 * What a person should hear of a status that was written: that a command started and where, how it ended, and that a further
 * attempt follows, with what the last one ended with. Waiting is told by the status alone: with an Event for each of its
 * steps a workflow of one task would cost more than ten writes.
 */
export function taskEvents(task: Task, status: TaskStatus): EventIntent[] {
  const former = task.status;
  if (status.phase === 'Failed') {
    return [event(task, EventReasons.failed, joined([status.reason, status.message], ': '), 'Warning')];
  }
  if (status.phase === 'Completed') return [event(task, EventReasons.completed, completed(status))];
  const isFurther = status.attempt !== (former?.attempt ?? 0);
  const before = status.attempts?.at(-1);
  const again = before === undefined || !isFurther ? [] : [rescheduled(task, status, before)];
  const starts = status.phase === 'Running' && (former?.phase !== 'Running' || isFurther);
  return starts ? [...again, event(task, EventReasons.started, `Started ${place(status)}`)] : again;
}

function rescheduled(task: Task, status: TaskStatus, { cause }: { cause: string }): EventIntent {
  const note = joined([status.message, `attempt ${status.attempt} follows (${cause})`], '; ');
  // What people ask for is no trouble.
  return event(task, EventReasons.rescheduled, note, cause === 'Held' || cause === 'Restart' ? 'Normal' : 'Warning');
}

function completed(status: TaskStatus): string {
  const code = status.exitCode === undefined ? '' : ` with exit code ${status.exitCode}`;
  return `Completed ${place(status)}${code}`;
}

function place({ attempt = 0, nodeName, podName }: TaskStatus): string {
  const pod = podName === undefined ? '' : ` in pod ${podName}`;
  return `attempt ${attempt}${pod}${nodeName === undefined ? '' : ` on node ${nodeName}`}`;
}

const joined = (parts: readonly (string | undefined)[], by: string): string =>
  parts.filter((part) => part !== undefined && part !== '').join(by);

function event(task: Task, reason: string, note: string, type: EventIntent['type'] = 'Normal'): EventIntent {
  const { name, namespace, uid } = task.metadata;
  return {
    on: Clusters.hub,
    type,
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
