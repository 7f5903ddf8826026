import { ExitCodes, TaskReasons } from '@osmo/crds';
import type { Pod } from '@osmo/kube';
import { runtimeContainerName } from '../transfer/names.ts';
import { barrierContainerName } from './barrier.ts';
import { conditionOf, type ContainerFact, containersOf, trueCondition } from './pod-facts.ts';
import { type Limits, sentence, type Verdict } from './verdict.ts';

type Waiting = Omit<Verdict, 'times'>;

/** Waiting reasons of an ordinary start. */
const ordinary: ReadonlySet<string> = new Set(['ContainerCreating', 'PodInitializing']);

interface Trouble {
  reason: string;
  exitCode: number;
  /** Kubernetes may mend it: fail only after this long. */
  after?: Exclude<keyof Limits, 'startSeconds' | 'startFrom'>;
}

const troubles: Readonly<Record<string, Trouble>> = {
  ErrImagePull: { reason: TaskReasons.imagePull, exitCode: ExitCodes.errImagePull },
  ImagePullBackOff: { reason: TaskReasons.imagePull, exitCode: ExitCodes.imagePullBackOff },
  CreateContainerConfigError: {
    reason: TaskReasons.backendError,
    exitCode: ExitCodes.backendError,
    after: 'createConfigErrorSeconds',
  },
  ContainerStatusUnknown: {
    reason: TaskReasons.backendError,
    exitCode: ExitCodes.backendError,
    after: 'statusUnknownSeconds',
  },
  ContainerCreateConfigError: { reason: TaskReasons.createError, exitCode: ExitCodes.createContainerConfigError },
  CrashLoopBackOff: { reason: TaskReasons.error, exitCode: ExitCodes.crashLoopBackOff },
};

/** `InvalidImageName`, `CreateContainerError`, `ErrImageNeverPull`, `ImageInspectError`, `RegistryUnavailable` … */
const otherTrouble: Trouble = { reason: TaskReasons.createError, exitCode: ExitCodes.createContainerError };

/**
 * Row 6: a container waits for something that goes wrong. The largest code wins where several do. A pull that fails once
 * fails the task, as upstream's users expect; the message names the image and the kubelet's words.
 */
export function waitingTrouble(pod: Pod, now: Date, limits: Limits): Waiting | undefined {
  if (pod.status?.phase === 'Failed') return undefined;
  const verdicts = containersOf(pod)
    .map((container) => troubleOf(pod, container, now, limits))
    .filter((verdict) => verdict !== undefined);
  return verdicts.toSorted((a, b) => (b.exitCode ?? 0) - (a.exitCode ?? 0))[0];
}

function troubleOf(pod: Pod, container: ContainerFact, now: Date, limits: Limits): Waiting | undefined {
  const waiting = container.state.waiting;
  if (waiting?.reason === undefined || ordinary.has(waiting.reason)) return undefined;
  // The command goes on without it; what isn't uploaded in the end is told then.
  if (container.name === runtimeContainerName && waiting.reason === 'CrashLoopBackOff') return undefined;
  const { reason, exitCode: code, after } = troubleFor(waiting.reason);
  const message = sentence(
    `container ${container.name}`,
    waiting.reason,
    imageOf(pod, container.name),
    waiting.message,
  );
  const failed: Waiting = { phase: 'Failed', reason, message, exitCode: code };
  if (after === undefined) return failed;
  const deadline = new Date(notReadySince(pod) + limits[after] * 1000);
  if (now >= deadline) return { ...failed, message: sentence(`for more than ${limits[after]} s`, message) };
  return { phase: 'Scheduling', reason: waiting.reason, message, wakeAt: deadline };
}

function troubleFor(reason: string): Trouble {
  return (Object.hasOwn(troubles, reason) ? troubles[reason] : undefined) ?? otherTrouble;
}

function imageOf(pod: Pod, container: string): string | undefined {
  return [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find(({ name }) => name === container)?.image;
}

/** Since when the pod has not been ready, in ms: the clock of troubles that Kubernetes goes on retrying. */
function notReadySince(pod: Pod): number {
  const ready = conditionOf(pod, 'Ready');
  const time = ready?.status === 'False' ? ready.lastTransitionTime : undefined;
  return Date.parse(time ?? pod.status?.startTime ?? pod.metadata.creationTimestamp ?? '');
}

/**
 * Rows 2, 3 and 9: not running yet. Without a node it is Scheduling; on a node Initializing, and a failure if volumes and
 * network have not come up within `startTimeoutSeconds`. Pulling a large image is not bounded: the sandbox is up by then.
 */
export function starting(pod: Pod, now: Date, limits: Limits): Waiting {
  const scheduled = trueCondition(pod, 'PodScheduled');
  if (scheduled === undefined) return queued(pod);
  if (pod.status?.phase === 'Unknown') return { phase: 'Running', reason: TaskReasons.nodeUnreachable };
  const initializing = startedInitializing(pod);
  const phase = initializing ? 'Initializing' : 'Scheduling';
  if (isAtBarrier(pod)) {
    const message = 'ready, and waits for the other tasks of its group';
    return { phase, reason: TaskReasons.waitingForPeers, message };
  }
  if (!stuckBeforeSandbox(pod)) return { phase };
  const since = scheduled.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '';
  const deadline = new Date(Date.parse(since) + limits.startTimeoutSeconds * 1000);
  if (now < deadline) return { phase, wakeAt: deadline };
  return {
    phase: 'Failed',
    reason: TaskReasons.startTimeout,
    message: `volumes and network of pod ${pod.metadata.name} were not ready within ${limits.startTimeoutSeconds} s of reaching node ${pod.spec.nodeName ?? ''}`,
    exitCode: ExitCodes.startTimeout,
  };
}

/** The same verdict, unless the pod has a node for longer than the task may take to start. */
export function inTime(pod: Pod, verdict: Waiting, now: Date, { startSeconds, startFrom }: Limits): Waiting {
  const onNode = trueCondition(pod, 'PodScheduled')?.lastTransitionTime;
  if (startSeconds === undefined || onNode === undefined || onNode === null) return verdict;
  if (verdict.phase !== 'Scheduling' && verdict.phase !== 'Initializing') return verdict;
  const deadline = new Date(Date.parse(startFrom ?? onNode) + startSeconds * 1000);
  const { wakeAt = deadline } = verdict;
  if (now < deadline) return { ...verdict, wakeAt: wakeAt < deadline ? wakeAt : deadline };
  return {
    phase: 'Failed',
    reason: TaskReasons.startTimeout,
    message: sentence(
      startFrom === undefined
        ? `the command did not run within ${startSeconds} s of reaching node ${pod.spec.nodeName ?? ''}`
        : `the command did not run within ${startSeconds} s of the group having all its nodes`,
      verdict.reason,
      verdict.message,
    ),
    exitCode: ExitCodes.startTimeout,
  };
}

function queued(pod: Pod): Waiting {
  const condition = conditionOf(pod, 'PodScheduled');
  if (condition?.reason === undefined) return { phase: 'Scheduling' };
  const message = sentence(condition.message);
  return { phase: 'Scheduling', reason: condition.reason, ...(message === '' ? {} : { message }) };
}

function isAtBarrier(pod: Pod): boolean {
  return containersOf(pod).some(({ name, state }) => name === barrierContainerName && state.running !== undefined);
}

function startedInitializing(pod: Pod): boolean {
  return containersOf(pod).length > 0 || pod.status?.startTime !== undefined;
}

function stuckBeforeSandbox(pod: Pod): boolean {
  if (trueCondition(pod, 'PodReadyToStartContainers') !== undefined) return false;
  return containersOf(pod).every(({ state }) => state.running === undefined && state.terminated === undefined);
}
