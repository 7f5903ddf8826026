import type { Pod } from '@osmo/kube';
import { at, condition } from './pods.ts';

/** What becomes of a pod: its process ends with a code or runs until it is killed, or the cluster fails it. */
export type Script =
  | { exit: number }
  | 'forever'
  | 'bad image'
  | 'no node'
  | 'out of memory'
  | 'evicted'
  | 'preempted'
  | 'interrupted start';

/** The next state of a pod at `time` (s); the same object when nothing changes, undefined when it is gone. */
export function progress(
  pod: Pod,
  { script, time, secrets }: { script: Script | undefined; time: number; secrets: ReadonlySet<string> },
): Pod | undefined {
  const { phase } = pod.status ?? {};
  const ended = phase === 'Succeeded' || phase === 'Failed';
  if (pod.metadata.deletionTimestamp !== undefined) {
    if (!ended && pod.spec.nodeName !== undefined) return end(pod, 137, time);
    return (pod.metadata.finalizers ?? []).length === 0 ? undefined : pod;
  }
  if (ended) return pod;
  if (pod.spec.nodeName === undefined) return script === 'no node' ? pod : bind(pod, time);
  if (phase === 'Pending') return start(pod, script, time, secrets);
  if (script === 'out of memory') return end(pod, 137, time, 'OOMKilled');
  if (script === 'evicted') return evict(pod, time);
  if (script === 'preempted') return preempt(pod, time);
  return typeof script === 'object' ? end(pod, script.exit, time) : pod;
}

function bind(pod: Pod, time: number): Pod {
  const conditions = [condition('PodScheduled', 'True', time)];
  return { ...pod, spec: { ...pod.spec, nodeName: 'node-1' }, status: { phase: 'Pending', conditions } };
}

function start(pod: Pod, script: Script | undefined, time: number, secrets: ReadonlySet<string>): Pod {
  const base = { name: nameOf(pod), image: '', imageID: '', ready: false, restartCount: 0 };
  if (script === 'bad image') {
    const state = { waiting: { reason: 'ErrImagePull', message: 'not found' } };
    return { ...pod, status: { ...pod.status, containerStatuses: [{ ...base, state }] } };
  }
  if (script === 'interrupted start') {
    const message = 'failed to create containerd task: context canceled';
    const state = { terminated: { exitCode: 128, reason: 'StartError', message, finishedAt: at(time) } };
    return { ...pod, status: { ...pod.status, phase: 'Failed', containerStatuses: [{ ...base, state }] } };
  }
  const files = pod.spec.volumes?.find((volume) => volume.name === 'osmo-files')?.secret?.secretName;
  if (files !== undefined && !secrets.has(files)) return pod;
  const state = { running: { startedAt: at(time) } };
  return { ...pod, status: { ...pod.status, phase: 'Running', containerStatuses: [{ ...base, state }] } };
}

function end(pod: Pod, exitCode: number, time: number, reason = exitCode === 0 ? 'Completed' : 'Error'): Pod {
  const startedAt = pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? at(time);
  const state = { terminated: { exitCode, reason, startedAt, finishedAt: at(time) } };
  const containerStatuses = [{ name: nameOf(pod), image: '', imageID: '', ready: false, restartCount: 0, state }];
  return { ...pod, status: { ...pod.status, phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses } };
}

function evict(pod: Pod, time: number): Pod {
  const message = 'The node was low on resource: memory.';
  const killed = end(pod, 137, time);
  return { ...killed, status: { ...killed.status, reason: 'Evicted', message } };
}

/** The scheduler says so and deletes the pod. */
function preempt(pod: Pod, time: number): Pod {
  const target = condition('DisruptionTarget', 'True', time, { reason: 'PreemptionByScheduler', message: 'preempted' });
  return {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: at(time + 30), deletionGracePeriodSeconds: 30 },
    status: { ...pod.status, conditions: [...(pod.status?.conditions ?? []), target] },
  };
}

function nameOf(pod: Pod): string {
  return pod.spec.containers[0]?.name ?? '';
}
