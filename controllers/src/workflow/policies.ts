import type { ExitAction, Pool, RetryPolicy, TaskTemplate, Timeouts, Workflow } from '@osmo/crds';

/** Retries and pauses where neither the task nor its pool says a number. */
export const retryDefaults = { maxInfrastructureRetries: 3, backoffSeconds: 0, maxBackoffSeconds: 600 };

/** The workflow's time-outs, else the pool's defaults, none above the pool's maximum. */
export function timeoutsOf(workflow: Workflow, pool: Pool): Timeouts | undefined {
  const of = pool.spec.timeouts ?? {};
  const { execSeconds, queueSeconds, startSeconds, uploadSeconds } = workflow.spec.timeouts ?? {};
  const entries = Object.entries({
    execSeconds: atMost(execSeconds ?? of.defaultExecSeconds, of.maxExecSeconds),
    queueSeconds: atMost(queueSeconds ?? of.defaultQueueSeconds, of.maxQueueSeconds),
    startSeconds: atMost(startSeconds ?? of.defaultStartSeconds, of.maxStartSeconds),
    uploadSeconds: atMost(uploadSeconds ?? of.defaultUploadSeconds, of.maxUploadSeconds),
  }).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function atMost(seconds: number | undefined, most: number | undefined): number | undefined {
  return seconds === undefined || most === undefined ? (seconds ?? most) : Math.min(seconds, most);
}

/** What a backend does when an attempt ends: the fields of a Task, complete. */
export interface EndPolicy {
  readonly exitActions?: ExitAction[];
  readonly retryPolicy: RetryPolicy;
}

/**
 * Joins what the task says with what its pool says and with the defaults. The first exit action that matches wins, so the
 * pool's come after the task's.
 *
 * `maxRetries` is left out where neither says a number: it gives leave to try again after any failure of the command. What an
 * exit action reschedules has a number of retries all the same.
 */
export function endPolicyOf(template: Pick<TaskTemplate, 'exitActions' | 'retryPolicy'>, pool: Pool): EndPolicy {
  const exitActions = [...(template.exitActions ?? []), ...(pool.spec.defaultExitActions ?? [])];
  const own = template.retryPolicy ?? {};
  const usual = pool.spec.retryPolicy ?? {};
  const maxRetries = own.maxRetries ?? usual.maxRetries;
  const backoffSeconds = own.backoffSeconds ?? usual.backoffSeconds;
  const pause = backoffSeconds ?? retryDefaults.backoffSeconds;
  return {
    ...(exitActions.length > 0 && { exitActions }),
    retryPolicy: {
      ...(maxRetries !== undefined && { maxRetries }),
      maxInfrastructureRetries:
        own.maxInfrastructureRetries ?? usual.maxInfrastructureRetries ?? retryDefaults.maxInfrastructureRetries,
      // Left out when nobody sets it: retries for the cluster's sake have a pause of their own then.
      ...(backoffSeconds !== undefined && { backoffSeconds }),
      maxBackoffSeconds:
        own.maxBackoffSeconds ?? usual.maxBackoffSeconds ?? Math.max(pause, retryDefaults.maxBackoffSeconds),
    },
  };
}
