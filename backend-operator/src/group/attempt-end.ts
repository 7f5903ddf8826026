import { type ExitAction, TaskReasons } from '@osmo/crds';
import { pauseSeconds, type RetryCause } from './backoff.ts';
import { exitActionFor } from './exit-actions.ts';
import { isInfrastructure } from './infrastructure.ts';
import type { Task } from './task.ts';
import { sentence, type Verdict } from './verdict.ts';

/** The task is to be tried again. */
export interface Again {
  cause: RetryCause;
  /** Pause before the next attempt. */
  pauseSeconds: number;
  /** How the attempt ended. */
  verdict: Verdict;
}

/** What follows from the end of an attempt: the end of the task, or one more attempt. */
export type AttemptEnd = { kind: 'end'; verdict: Verdict } | { kind: 'again'; again: Again };

const defaultRetries = 3;

/**
 * Decides what the end of an attempt means for its task, in this order: an exit action by the code, success, the cluster's
 * fault while its budget lasts, the command's fault while the budget of a task that sets one lasts.
 */
export function afterAttempt(task: Task, verdict: Verdict): AttemptEnd {
  const action = exitActionFor(task.spec.exitActions, verdict.exitCode);
  if (action !== undefined) return byAction(task, verdict, action);
  if (verdict.phase === 'Completed') return { kind: 'end', verdict };
  if (isInfrastructure(verdict)) {
    return retry(task, verdict, 'Infrastructure', task.spec.retryPolicy?.maxInfrastructureRetries ?? defaultRetries);
  }
  const { maxRetries } = task.spec.retryPolicy ?? {};
  return maxRetries === undefined ? { kind: 'end', verdict } : retry(task, verdict, 'User', maxRetries);
}

function byAction(task: Task, verdict: Verdict, action: ExitAction['action']): AttemptEnd {
  const by = (what: string) => `exit action ${what} for code ${verdict.exitCode}`;
  switch (action) {
    case 'Complete': {
      const message = verdict.phase === 'Completed' ? {} : { message: sentence(by(action), verdict.message) };
      const { reason: _reason, message: _message, ...rest } = verdict;
      return { kind: 'end', verdict: { ...rest, ...message, phase: 'Completed' } };
    }
    case 'Fail': {
      const reason = verdict.reason ?? TaskReasons.error;
      return {
        kind: 'end',
        verdict: { ...verdict, phase: 'Failed', reason, message: sentence(by(action), verdict.message) },
      };
    }
    case 'Reschedule': {
      const failed: Verdict = { ...verdict, phase: 'Failed', reason: verdict.reason ?? TaskReasons.error };
      return retry(task, failed, 'User', task.spec.retryPolicy?.maxRetries ?? defaultRetries);
    }
  }
}

function retry(task: Task, verdict: Verdict, cause: RetryCause, atMost: number): AttemptEnd {
  const { user = 0, infrastructure = 0 } = task.status?.retries ?? {};
  const used = cause === 'User' ? user : infrastructure;
  if (used < atMost) {
    const pause = pauseSeconds(task.spec.retryPolicy, cause, user + infrastructure + 1);
    return { kind: 'again', again: { cause, pauseSeconds: pause, verdict } };
  }
  const whose = cause === 'User' ? 'retries' : 'retries for what the cluster does';
  const message = atMost === 0 ? verdict.message : sentence(verdict.message, `${used} of ${atMost} ${whose} are used`);
  return { kind: 'end', verdict: { ...verdict, ...(message === undefined ? {} : { message }) } };
}
