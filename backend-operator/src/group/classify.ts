import type { Pod } from '@osmo/kube';
import { ended, endedByReason, endedWhileRunning, succeeded } from './classify-ended.ts';
import { interruption } from './classify-interrupted.ts';
import { inTime, starting, waitingTrouble } from './classify-waiting.ts';
import { timesOf } from './pod-facts.ts';
import { defaultLimits, type Limits, type Verdict } from './verdict.ts';

/** One row of the table: a verdict but for the times, or undefined when the row doesn't apply. */
type Row = (pod: Pod, now: Date, limits: Limits) => Omit<Verdict, 'times'> | undefined;

/**
 * The table, first match wins. What ended the pod from outside is asked before how its containers ended, because a killed
 * container's code (137, 143) says nothing about the task; what a finished pod says is asked before what it waited for.
 */
const rows: readonly Row[] = [
  (pod) => interruption(pod, 'preempted'),
  endedByReason,
  (pod) => interruption(pod, 'disrupted'),
  (pod) => interruption(pod, 'deleted'),
  succeeded,
  waitingTrouble,
  ended,
  endedWhileRunning,
  (pod) => (pod.status?.phase === 'Running' ? { phase: 'Running' } : undefined),
  starting,
];

/**
 * What a pod says about its task: phase, reason, message, exit code and times, and when to look again if nothing changes.
 * Pure; total: a pod without status is Scheduling.
 *
 * `times.completion` of a failed verdict is the end of the last container where there was one, else `now`.
 */
export function classify(pod: Pod, now: Date, limits: Limits = defaultLimits): Verdict {
  const times = timesOf(pod);
  for (const row of rows) {
    const found = row(pod, now, limits);
    if (found === undefined) continue;
    const verdict = inTime(pod, found, now, limits);
    const over = verdict.phase === 'Completed' || verdict.phase === 'Failed';
    return { ...verdict, times: over ? { ...times, completion: times.completion ?? seconds(now) } : times };
  }
  return { phase: 'Scheduling', times };
}

/** RFC 3339 in whole seconds, the precision of `metav1.Time`. */
export function seconds(time: Date): string {
  return `${time.toISOString().slice(0, 19)}Z`;
}
