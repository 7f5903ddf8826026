import type { ContainerStatus, Pod, PodCondition, PodStatus } from '@osmo/kube';

/** The instant at which the fixtures' pods were created. */
export const t0 = Date.parse('2026-03-01T10:00:00Z');

/** RFC 3339, `offset` seconds after the pod's creation. */
export function at(offset: number): string {
  return `${new Date(t0 + offset * 1000).toISOString().slice(0, 19)}Z`;
}

/** The instant `offset` seconds after the pod's creation. */
export function atDate(offset: number): Date {
  return new Date(t0 + offset * 1000);
}

export const userContainer = 'train';
export const image = 'docker.io/library/python:3.12-slim';

/** A pod as the operator creates it, without status: what the apiserver holds before the scheduler saw it. */
export function newPod(status: PodStatus = { phase: 'Pending', qosClass: 'Guaranteed' }): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'hello-train-0',
      namespace: 'team-a',
      uid: '0b6a8b8e-2f3c-4a1e-9a55-6a1f1f0c9d10',
      creationTimestamp: at(0),
      finalizers: ['osmo.dev/pod-result'],
      annotations: { 'kubectl.kubernetes.io/default-container': userContainer },
    },
    spec: { restartPolicy: 'Never', containers: [{ name: userContainer, image }] },
    status,
  };
}

type State = NonNullable<ContainerStatus['state']>;

export function container(state: State, name = userContainer): ContainerStatus {
  const runs = state.running !== undefined;
  return { name, image, imageID: '', ready: runs, started: runs, restartCount: 0, state };
}

export function waiting(reason: string, message?: string): State {
  return { waiting: { reason, ...(message === undefined ? {} : { message }) } };
}

export function running(since = 4): State {
  return { running: { startedAt: at(since) } };
}

export function terminated(
  exitCode: number,
  reason = exitCode === 0 ? 'Completed' : 'Error',
  extra: object = {},
): State {
  return {
    terminated: { exitCode, reason, startedAt: at(4), finishedAt: at(20), containerID: 'containerd://c', ...extra },
  };
}

export function condition(
  type: string,
  status: 'True' | 'False' | 'Unknown',
  offset: number,
  more: object = {},
): PodCondition {
  return { type, status, lastProbeTime: null, lastTransitionTime: at(offset), ...more };
}

/** Conditions of a pod on a node whose containers aren't ready, in the kubelet's order. */
export function boundConditions(sandboxUp = true): PodCondition[] {
  const why = { reason: 'ContainersNotReady', message: `containers with unready status: [${userContainer}]` };
  return [
    condition('PodReadyToStartContainers', sandboxUp ? 'True' : 'False', 2),
    condition('Initialized', 'True', 2),
    condition('Ready', 'False', 2, why),
    condition('ContainersReady', 'False', 2, why),
    condition('PodScheduled', 'True', 1),
  ];
}

/** A status as the kubelet of a bound pod writes it. */
export function boundStatus(
  phase: NonNullable<PodStatus['phase']>,
  statuses: ContainerStatus[],
  more: Partial<PodStatus> = {},
): PodStatus {
  return {
    phase,
    conditions: boundConditions(),
    hostIP: '10.201.0.2',
    podIP: '10.244.0.7',
    podIPs: [{ ip: '10.244.0.7' }],
    startTime: at(2),
    containerStatuses: statuses,
    qosClass: 'Guaranteed',
    ...more,
  };
}

/** A pod on a node. */
export function boundPod(
  phase: NonNullable<PodStatus['phase']>,
  states: State | ContainerStatus[],
  more: Partial<PodStatus> = {},
): Pod {
  const pod = newPod(boundStatus(phase, Array.isArray(states) ? states : [container(states)], more));
  pod.spec.nodeName = 'node-1';
  return pod;
}

/** The same pod, asked to go at `requested` with that grace period, in seconds. */
export function deletedPod(pod: Pod, requested: number, grace = 30): Pod {
  return {
    ...pod,
    metadata: { ...pod.metadata, deletionTimestamp: at(requested + grace), deletionGracePeriodSeconds: grace },
  };
}

/** The same pod with one more condition. */
export function withCondition(pod: Pod, extra: PodCondition): Pod {
  return { ...pod, status: { ...pod.status, conditions: [...(pod.status?.conditions ?? []), extra] } };
}
