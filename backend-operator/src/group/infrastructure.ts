import { TaskReasons } from '@osmo/crds';
import type { Verdict } from './verdict.ts';

type Ended = Pick<Verdict, 'reason' | 'message'>;

const always: ReadonlySet<string> = new Set([
  TaskReasons.preempted,
  TaskReasons.backendError,
  TaskReasons.imagePull,
  TaskReasons.startTimeout,
  TaskReasons.downloadFailed,
  TaskReasons.uploadFailed,
]);

/** Words of the kubelet's eviction manager for a pod that used more than it may, by its own limits. */
const ownLimit = /exceed(?:s|ed) (?:the total limit of containers|its local ephemeral storage limit|the limit)/;

/**
 * How a container fails whose creation or start the kubelet, or the connection to its runtime, did not live to see. The
 * name of a container is taken when an earlier kubelet got as far as asking for it.
 */
const interruption =
  /context canceled|context deadline exceeded|transport is closing|ttrpc: closed|error reading from server: EOF|connection refused|connection reset by peer|shim disconnected|is reserved for/;

/**
 * Whether a failure is the cluster's, so that it has a budget of its own and says nothing about the user's code. A pod
 * that was evicted for going over its own limits, ran out of memory or names a command that isn't there is the user's.
 */
export function isInfrastructure({ reason = '', message = '' }: Ended): boolean {
  if (always.has(reason)) return true;
  if (reason === TaskReasons.evicted) return !ownLimit.test(message);
  const neverRan = reason === TaskReasons.startError || reason === TaskReasons.createError;
  return neverRan && interruption.test(message);
}
