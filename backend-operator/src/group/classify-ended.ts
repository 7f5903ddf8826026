import type { Pod } from '@osmo/kube';
import { exitCode } from './exit-codes.ts';
import { type ContainerFact, containersOf } from './pod-facts.ts';
import { sentence, shorten, type Verdict } from './verdict.ts';

type Ended = Omit<Verdict, 'times'>;
type Terminated = ContainerFact & { state: { terminated: NonNullable<ContainerFact['state']['terminated']> } };

/** Pod reasons that name the cause by themselves. */
const podReasons: Readonly<Record<string, { reason: string; exitCode: number }>> = {
  Evicted: { reason: 'Evicted', exitCode: exitCode.evicted },
  StartError: { reason: 'StartError', exitCode: exitCode.startError },
  UnexpectedAdmissionError: { reason: 'BackendError', exitCode: exitCode.backendError },
  NodeLost: { reason: 'BackendError', exitCode: exitCode.backendError },
  NodeShutdown: { reason: 'BackendError', exitCode: exitCode.backendError },
  Shutdown: { reason: 'BackendError', exitCode: exitCode.backendError },
  Terminated: { reason: 'BackendError', exitCode: exitCode.backendError },
  Preempting: { reason: 'BackendError', exitCode: exitCode.backendError },
  NodeAffinity: { reason: 'BackendError', exitCode: exitCode.backendError },
  NodePorts: { reason: 'BackendError', exitCode: exitCode.backendError },
  PodOSNotSupported: { reason: 'BackendError', exitCode: exitCode.backendError },
  TaintToleration: { reason: 'BackendError', exitCode: exitCode.backendError },
};

/** The kubelet refuses a pod that no longer fits as `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `OutOfnvidia.com/gpu` … */
const outOfResource = /^OutOf\S+$/;

/** Container reasons for a process that never started; their codes (127, 128) are the runtime's, not the user's. */
const startErrors: ReadonlySet<string> = new Set(['StartError', 'ContainerCannotRun']);

/** Row 7: the pod's own reason names the cause. */
export function endedByReason(pod: Pod): Ended | undefined {
  const name = pod.status?.reason;
  if (name === undefined || pod.status?.phase === 'Succeeded') return undefined;
  const known = Object.hasOwn(podReasons, name) ? podReasons[name] : undefined;
  const cause = known ?? (outOfResource.test(name) ? podReasons['UnexpectedAdmissionError'] : undefined);
  if (cause === undefined) return undefined;
  return { phase: 'Failed', ...cause, message: sentence(name, pod.status?.message) };
}

/** Row 5: the pod failed; the containers say how. The largest code wins where several failed. */
export function ended(pod: Pod): Ended | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  const failures = failuresOf(pod);
  return fromContainers(pod, failures);
}

/**
 * Row 4: the pod still runs, but a container could not be started, or the user's container has ended while containers that
 * a pod template added go on: the user's container decides.
 */
export function endedWhileRunning(pod: Pod): Ended | undefined {
  if (pod.status?.phase !== 'Running') return undefined;
  const containers = containersOf(pod);
  const unstarted = terminated(containers).filter(({ state }) => startErrors.has(state.terminated.reason ?? ''));
  if (unstarted.length > 0) return fromContainers(pod, unstarted);
  const user = terminated(containers).find(({ role }) => role === 'user');
  const othersRun = containers.some(({ role, state }) => role === 'sidecar' && state.running !== undefined);
  if (user === undefined || !othersRun) return undefined;
  return user.state.terminated.exitCode === 0 ? { phase: 'Completed', exitCode: 0 } : fromContainers(pod, [user]);
}

function fromContainers(pod: Pod, failures: readonly Terminated[]): Ended {
  const message = describe(pod, failures);
  const has = (reason: string) => failures.some(({ state }) => state.terminated.reason === reason);
  const failed = (reason: string, code: number): Ended => ({ phase: 'Failed', reason, message, exitCode: code });
  if (has('OOMKilled')) return failed('OOMKilled', exitCode.evicted);
  if (has('ContainerStatusUnknown')) return failed('BackendError', exitCode.backendError);
  if (failures.some(({ state }) => startErrors.has(state.terminated.reason ?? ''))) {
    return failed('StartError', exitCode.startError);
  }
  if (failures.length === 0) return failed('Unknown', exitCode.unknown);
  return failed('Error', Math.max(...failures.map(codeOf)));
}

function failuresOf(pod: Pod): Terminated[] {
  return terminated(containersOf(pod)).filter(
    ({ restartable, state }) => !restartable && state.terminated.exitCode !== 0,
  );
}

function terminated(containers: readonly ContainerFact[]): Terminated[] {
  return containers.filter((container): container is Terminated => container.state.terminated !== undefined);
}

function codeOf({ name, role, state }: Terminated): number {
  const code = state.terminated.exitCode;
  if (name === 'preflight-test') return exitCode.preflightOffset + code;
  if (name === 'osmo-ctrl') return exitCode.ctrlOffset + code;
  return role === 'init' ? exitCode.initOffset + code : code;
}

function describe(pod: Pod, failures: readonly Terminated[]): string {
  const parts = failures.map(({ name, state: { terminated: end } }) => {
    const how = end.reason === undefined || end.reason === 'Error' ? '' : ` (${end.reason})`;
    return sentence(`container ${name} exited with code ${end.exitCode}${how}`, end.message?.trim());
  });
  const own = [pod.status?.reason, pod.status?.message].filter((part) => part !== undefined && part !== '').join(': ');
  const all = [...(own === '' ? [] : [own]), ...parts];
  return all.length === 0 ? 'the pod failed and no container says why' : shorten(all.join('; '));
}
