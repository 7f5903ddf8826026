import { ExitCodes, TaskReasons } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { isTransferContainer } from '../transfer/names.ts';
import { type TransferFailure, transferFailures } from '../transfer/outcome.ts';
import { barrierContainerName } from './barrier.ts';
import { type ContainerFact, containersOf } from './pod-facts.ts';
import { sentence, shorten, type Verdict } from './verdict.ts';

type Ended = Omit<Verdict, 'times'>;
type Terminated = ContainerFact & { state: { terminated: NonNullable<ContainerFact['state']['terminated']> } };

/** Pod reasons that name the cause by themselves. */
const podReasons: Readonly<Record<string, { reason: string; exitCode: number }>> = {
  Evicted: { reason: TaskReasons.evicted, exitCode: ExitCodes.evicted },
  StartError: { reason: TaskReasons.startError, exitCode: ExitCodes.startError },
  UnexpectedAdmissionError: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  NodeLost: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  NodeShutdown: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  Shutdown: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  Terminated: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  Preempting: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  NodeAffinity: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  NodePorts: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  PodOSNotSupported: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
  TaintToleration: { reason: TaskReasons.backendError, exitCode: ExitCodes.backendError },
};

/** The kubelet refuses a pod that no longer fits as `OutOfcpu`, `OutOfmemory`, `OutOfpods`, `OutOfnvidia.com/gpu` … */
const outOfResource = /^OutOf\S+$/;

/** Added to the code of an init container named `preflight-test`, as upstream's users know it. */
const preflightOffset = 1000;

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

/** Every command ended well; so did the task unless its outputs are missing. */
export function succeeded(pod: Pod): Ended | undefined {
  if (pod.status?.phase !== 'Succeeded') return undefined;
  const failures = transferFailures(pod);
  return failures.length === 0 ? { phase: 'Completed', exitCode: 0 } : fromTransfers(failures);
}

/** Row 5: the pod failed; the containers say how. The largest code wins where several failed. */
export function ended(pod: Pod): Ended | undefined {
  if (pod.status?.phase !== 'Failed') return undefined;
  const failures = failuresOf(pod);
  const transfers = transferFailures(pod);
  const commands = failures.filter(({ name }) => !isTransferContainer(name));
  if (transfers.length === 0) return fromContainers(pod, failures);
  if (commands.length === 0) return fromTransfers(transfers);
  // The command decides what it was, the largest code is told, as upstream's users know it.
  const own = fromContainers(pod, commands);
  const lost = fromTransfers(transfers);
  return {
    ...own,
    message: sentence(own.message, lost.message),
    exitCode: Math.max(own.exitCode ?? 0, lost.exitCode ?? 0),
  };
}

/** Data that could not be moved; the largest code wins. */
function fromTransfers(failures: readonly TransferFailure[]): Ended {
  const worst = failures.toSorted((a, b) => b.exitCode - a.exitCode)[0];
  const message = shorten(failures.map(({ container, message: why }) => `container ${container}: ${why}`).join('; '));
  return { phase: 'Failed', reason: worst?.reason ?? TaskReasons.dataError, message, exitCode: worst?.exitCode ?? 0 };
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
  if (failures.length > 0 && failures.every(({ name }) => name === barrierContainerName)) {
    // Nothing of the user's has run.
    return failed(TaskReasons.backendError, Math.max(...failures.map(codeOf)));
  }
  if (has('OOMKilled')) return failed(TaskReasons.oomKilled, ExitCodes.evicted);
  if (has('ContainerStatusUnknown')) return failed(TaskReasons.backendError, ExitCodes.backendError);
  if (failures.some(({ state }) => startErrors.has(state.terminated.reason ?? ''))) {
    return failed(TaskReasons.startError, ExitCodes.startError);
  }
  if (failures.length === 0) return failed(TaskReasons.unknown, ExitCodes.unknown);
  return failed(TaskReasons.error, Math.max(...failures.map(codeOf)));
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
  if (name === 'preflight-test') return preflightOffset + code;
  if (name === 'osmo-ctrl' || name === barrierContainerName) return ExitCodes.runtimeOffset + code;
  return role === 'init' ? ExitCodes.initOffset + code : code;
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
