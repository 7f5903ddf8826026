import { ExitCodes, TaskReasons, type TaskResult, type TaskResultOutput } from '@osmo/crds';
import type { ContainerState, Pod } from '@osmo/kube';
import {
  type OutputResult,
  parseResult,
  RuntimeExit,
  type TransferResult,
  type VersionResult,
} from '@osmo/task-runtime/plan';
import { downloadContainerName, isTransferContainer, runtimeContainerName } from './names.ts';

/** Exit code of what got SIGKILL. */
const killed = 137;

/** How a container that moves data ended badly. */
export interface TransferFailure {
  container: string;
  /** As users know it: 2000 and more. */
  exitCode: number;
  reason: string;
  message: string;
}

/** Whether something is to be uploaded when the command of the pod has ended. */
export function uploads({ spec }: Pod): boolean {
  return (spec.initContainers ?? []).some(({ name }) => name === runtimeContainerName);
}

/** Whether a container that moves data runs. */
export function isMovingData(pod: Pod): boolean {
  return (pod.status?.initContainerStatuses ?? []).some(
    ({ name, state }) => isTransferContainer(name) && state?.running !== undefined,
  );
}

/**
 * What of a finished pod's transfers failed. A runtime that was killed, or that the kubelet knows nothing of, has not
 * uploaded what it should: that is a failure too.
 */
export function transferFailures(pod: Pod): TransferFailure[] {
  const states = new Map((pod.status?.initContainerStatuses ?? []).map(({ name, state }) => [name, state]));
  const containers = (pod.spec.initContainers ?? []).filter(({ name }) => isTransferContainer(name));
  const isUnknown = pod.status?.phase === 'Succeeded';
  return containers.flatMap(({ name }) =>
    failureOf(name, states.get(name), {
      isUnknown,
      outOfTime: name === runtimeContainerName ? outOfTime(pod, states.get(name)) : undefined,
    }),
  );
}

/** What to say of a runtime that was killed because the time for uploads was over; undefined for any other end. */
function outOfTime({ spec, status }: Pod, state: ContainerState | undefined): string | undefined {
  const end = state?.terminated;
  const { terminationGracePeriodSeconds: seconds } = spec;
  if (end?.exitCode !== killed || end.reason === 'OOMKilled' || seconds === undefined) return undefined;
  const commands = (status?.containerStatuses ?? []).map((each) =>
    Date.parse(each.state?.terminated?.finishedAt ?? ''),
  );
  const uploadedFor = (Date.parse(end.finishedAt ?? '') - Math.max(...commands)) / 1000;
  // Of times that aren't known nothing can be said.
  if (commands.length === 0 || Number.isNaN(uploadedFor) || uploadedFor < seconds - 1) return undefined;
  return `the outputs were not uploaded within ${seconds} s after the command ended; set timeouts.uploadSeconds of the workflow, or ask for as much storage as it writes`;
}

/** Of a pod that failed, a container without an end is one that never started. */
function failureOf(
  name: string,
  state: ContainerState | undefined,
  { isUnknown, outOfTime: late }: { isUnknown: boolean; outOfTime: string | undefined },
): TransferFailure[] {
  const end = state?.terminated;
  if (end?.exitCode === 0 || (end === undefined && !isUnknown)) return [];
  const result = parseResult(end?.message);
  const fallback = name === downloadContainerName ? RuntimeExit.download : RuntimeExit.upload;
  const code = result?.code ?? fallback;
  const how = end === undefined ? 'its end is not known' : `${end.reason ?? 'Error'}, exit code ${end.exitCode}`;
  // What it last logged is about how far it was.
  const message = late ?? result?.message ?? (end?.message?.trim() || how);
  return [{ container: name, exitCode: ExitCodes.runtimeOffset + code, reason: reasonOf(code), message }];
}

/** Download and upload failures are the cluster's or the network's; the others don't get better by trying again. */
function reasonOf(code: number): string {
  switch (code) {
    case RuntimeExit.download:
      return TaskReasons.downloadFailed;
    case RuntimeExit.upload:
      return TaskReasons.uploadFailed;
    case RuntimeExit.check:
    case RuntimeExit.unauthorized:
      return TaskReasons.dataDenied;
    default:
      return TaskReasons.dataError;
  }
}

/** What the pod's transfers say for the status of its Task; undefined when they say nothing. */
export function dataOf(pod: Pod): TaskResult | undefined {
  const results = (pod.status?.initContainerStatuses ?? [])
    .filter(({ name }) => isTransferContainer(name))
    .map(({ state }) => parseResult(state?.terminated?.message))
    .filter((result) => result !== undefined);
  const all: TransferResult = Object.assign({ version: 1 as const }, ...results);
  const data: TaskResult = {
    ...(all.input !== undefined && {
      input: {
        files: all.input.files,
        bytes: all.input.bytes,
        startTime: wholeSeconds(all.input.start),
        completionTime: wholeSeconds(all.input.end),
      },
    }),
    ...(all.output !== undefined && { output: versionOf(all.output) }),
    ...((all.outputs?.length ?? 0) > 0 && { outputs: all.outputs?.map(outputOf) }),
  };
  return Object.keys(data).length === 0 ? undefined : data;
}

/** The precision of `metav1.Time`. */
function wholeSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}

function versionOf({ manifest, files, bytes, stored }: VersionResult): NonNullable<TaskResult['output']> {
  return {
    files,
    bytes,
    ...(manifest !== undefined && { manifest }),
    ...(stored !== undefined && { storedBytes: stored }),
  };
}

function outputOf(output: OutputResult): TaskResultOutput {
  const { index, metadata, labels, omitted } = output;
  return {
    index,
    ...versionOf(output),
    ...(metadata !== undefined && { metadata }),
    ...(labels !== undefined && { labels }),
    ...(omitted !== undefined && { omitted }),
  };
}
