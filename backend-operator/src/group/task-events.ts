import { EventReasons } from '@osmo/crds';
import type { EventIntent } from '@osmo/kube';
import { Clusters } from '../clusters.ts';
import type { Task, TaskStatus } from './task.ts';

/**
 * What a person should hear of a status that was written: a failure, and a further attempt with what the last one ended
 * with. That all goes well is on the Task and its Workflow.
 */
export function taskEvents(task: Task, status: TaskStatus): EventIntent[] {
  if (status.phase === 'Failed') {
    const parts = [status.reason, status.message].filter((part) => part !== undefined && part !== '');
    return [event(task, EventReasons.failed, parts.join(': '))];
  }
  const before = status.attempts?.at(-1);
  if (before === undefined || status.attempt === (task.status?.attempt ?? 0)) return [];
  const note = [status.message, `attempt ${status.attempt} follows (${before.cause})`]
    .filter((part) => part !== undefined && part !== '')
    .join('; ');
  // What people ask for is no trouble.
  const asked = before.cause === 'Held' || before.cause === 'Restart';
  return [event(task, EventReasons.rescheduled, note, asked ? 'Normal' : 'Warning')];
}

function event(task: Task, reason: string, note: string, type: EventIntent['type'] = 'Warning'): EventIntent {
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
