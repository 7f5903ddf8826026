import type { Pod } from '@osmo/kube';
import { deletionRequestedAt, finishedAt, isFinished } from './pod-facts.ts';
import type { GroupWorld } from './world.ts';

/** A node that hasn't said so long after the end of the grace period that its pod has ended doesn't answer, ms. */
const silenceMs = 30_000;

/**
 * Until when a pod that is to go waits for its log to be stored; undefined when there is nothing to wait for. While it runs,
 * it is deleted at once, and stays until it has ended and its log is whole. One that has ended isn't even deleted before:
 * the kubelet throws the log of a deleted pod away.
 */
export function waitForLog(pod: Pod, { logs }: Pick<GroupWorld, 'logs'>): Date | undefined {
  const { uid = '', deletionTimestamp } = pod.metadata;
  if (logs === undefined || !logs.pending.has(uid)) return undefined;
  if (deletionTimestamp === undefined && !isFinished(pod)) return undefined;
  const ended = Date.parse(finishedAt(pod) ?? '');
  const since = deletionRequestedAt(pod) ?? (Number.isNaN(ended) ? 0 : ended);
  const longest = since + logs.releaseSeconds * 1000;
  if (isFinished(pod) || deletionTimestamp === undefined) return new Date(longest);
  return new Date(Math.min(longest, Date.parse(deletionTimestamp) + silenceMs));
}
