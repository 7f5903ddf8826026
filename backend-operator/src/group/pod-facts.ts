import type { ContainerState, ContainerStatus, Pod, PodCondition } from '@osmo/kube';

/** Annotation by which `kubectl logs` and the operator know the user's container among those of a pod template. */
export const defaultContainerAnnotation = 'kubectl.kubernetes.io/default-container';

export type ContainerRole = 'user' | 'sidecar' | 'init';

export interface ContainerFact {
  name: string;
  role: ContainerRole;
  /** A restartable init container: its exit code has no part in the pod's verdict. */
  restartable: boolean;
  state: ContainerState;
}

/** The name of the user's container: the annotated one, else the first of the pod. */
export function userContainerName(pod: Pod): string {
  return pod.metadata.annotations?.[defaultContainerAnnotation] ?? pod.spec.containers[0]?.name ?? '';
}

/** Every container that the kubelet has reported on, init containers first, each with its part in the pod. */
export function containersOf(pod: Pod): ContainerFact[] {
  const user = userContainerName(pod);
  const restartable = new Set(
    (pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name),
  );
  const fact = (role: (name: string) => ContainerRole) => (status: ContainerStatus) => ({
    name: status.name,
    role: role(status.name),
    restartable: restartable.has(status.name),
    state: status.state ?? {},
  });
  return [
    ...(pod.status?.initContainerStatuses ?? []).map(fact(() => 'init')),
    ...(pod.status?.containerStatuses ?? []).map(fact((name) => (name === user ? 'user' : 'sidecar'))),
  ];
}

/** The condition of that type if its status is True. */
export function trueCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
}

/** The condition of that type whatever its status. */
export function conditionOf(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

/** True once the kubelet (or the pod garbage collector) has said the last word about the pod. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** When the deletion was asked for, in ms; `deletionTimestamp` itself is the end of the grace period. */
export function deletionRequestedAt(pod: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  if (deletionTimestamp === undefined) return undefined;
  return Date.parse(deletionTimestamp) - (deletionGracePeriodSeconds ?? 0) * 1000;
}

/** A container time, or undefined for the zero times that a kubelet writes for containers that never started. */
export function realTime(time: string | null | undefined): string | undefined {
  return time !== null && time !== undefined && Date.parse(time) > 0 ? time : undefined;
}

/** When the last container ended; undefined while one runs or when nothing says so. */
export function finishedAt(pod: Pod): string | undefined {
  if (!isFinished(pod)) return undefined;
  return latest(containersOf(pod).map(({ state }) => realTime(state.terminated?.finishedAt)));
}

export interface PodTimes {
  /** Pod created. */
  scheduling?: string;
  /** Node assigned. */
  initializing?: string;
  /** User's container started. */
  start?: string;
  /** Last container ended. */
  completion?: string;
}

/**
 * The four times of a task, taken from what the cluster recorded and never from when the operator looked: writing a status
 * late, or skipping one, loses nothing.
 */
export function timesOf(pod: Pod): PodTimes {
  const times: PodTimes = {};
  const set = (key: keyof PodTimes, time: string | undefined) => {
    if (time !== undefined) times[key] = time;
  };
  set('scheduling', pod.metadata.creationTimestamp);
  set('initializing', realTime(trueCondition(pod, 'PodScheduled')?.lastTransitionTime));
  set('start', startedAt(pod));
  set('completion', finishedAt(pod));
  return times;
}

function startedAt(pod: Pod): string | undefined {
  const started = containersOf(pod)
    .filter(({ role }) => role !== 'init')
    .map(({ role, state }) => ({ role, time: realTime(state.running?.startedAt ?? state.terminated?.startedAt) }));
  const own = started.find(({ role }) => role === 'user')?.time;
  return own ?? earliest(started.map(({ time }) => time));
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).toSorted((a, b) => Date.parse(a) - Date.parse(b))[0];
}

function latest(times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).toSorted((a, b) => Date.parse(b) - Date.parse(a))[0];
}
