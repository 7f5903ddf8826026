import { Annotations, Labels } from '@osmo/crds';
import type { ContainerState, Pod } from '@osmo/kube';
import type { LogRef } from '@osmo/storage';
import { attemptOfPod } from '../group/identity.ts';
import { filesSecretNameOf } from '../group/names.ts';
import { containersOf, isFinished } from '../group/pod-facts.ts';
import { isTransferVolume } from '../transfer/names.ts';
import { isMovingData } from '../transfer/outcome.ts';

/** A container whose log is to be stored. */
export interface LoggedContainer {
  name: string;
  /** Whether it has come to its end: then its log is all that there will be. */
  ended: boolean;
}

/**
 * The containers of a pod that have a log worth keeping: the task's command, and init containers that failed. Those that
 * haven't started have none.
 */
export function loggedContainers(pod: Pod): LoggedContainer[] {
  return containersOf(pod)
    .filter(({ role, state }) => (role === 'user' ? hasStarted(state) : role === 'init' && hasFailed(state)))
    .map(({ name, state }) => ({ name, ended: state.terminated !== undefined || isFinished(pod) }));
}

/** Whether nothing of the pod can start any more that would have a log. */
export function isSettled(pod: Pod): boolean {
  if (isFinished(pod)) return true;
  const ended = containersOf(pod).some(({ role, state }) => role === 'user' && state.terminated !== undefined);
  return ended && !isMovingData(pod);
}

/** Where the log of a container of a pod is stored; undefined when the marks that say so were removed from the pod. */
export function logRefOf(pod: Pod, container: string): LogRef | undefined {
  const { annotations = {}, labels = {} } = pod.metadata;
  const namespace = annotations[Annotations.taskNamespace];
  const workflowUid = labels[Labels.workflowUid];
  const taskUid = labels[Labels.taskUid];
  if (namespace === undefined || workflowUid === undefined || taskUid === undefined) return undefined;
  return { namespace, workflowUid, taskUid, attempt: attemptOfPod(pod), container };
}

/** Names of the Secrets that containers of the pod see as variables or files; its inline files are no secret. */
export function secretNamesOf(pod: Pod): string[] {
  const { containers, initContainers = [], volumes = [] } = pod.spec;
  const files = filesSecretNameOf(pod.metadata.name);
  const names = [
    ...[...containers, ...initContainers].flatMap(({ env = [], envFrom = [] }) => [
      ...env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name),
      ...envFrom.map(({ secretRef }) => secretRef?.name),
    ]),
    // What only our own containers see is in no log of theirs.
    ...volumes.filter(({ name }) => !isTransferVolume(name)).map(({ secret }) => secret?.secretName),
  ];
  return [...new Set(names.filter((name) => name !== undefined))].filter((name) => name !== files);
}

function hasStarted({ running, terminated }: ContainerState): boolean {
  return running !== undefined || (terminated?.containerID ?? '') !== '';
}

function hasFailed({ terminated }: ContainerState): boolean {
  return terminated !== undefined && terminated.exitCode !== 0 && (terminated.containerID ?? '') !== '';
}
