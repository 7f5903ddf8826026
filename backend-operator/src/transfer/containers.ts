import { Paths } from '@osmo/crds';
import type { Container, ResourceRequirements, SecurityContext, Volume, VolumeMount } from '@osmo/kube';
import { endingPath, endingPort, MountPaths } from '@osmo/task-runtime/plan';
import { containerNameOf } from '../group/names.ts';
import type { Task } from '../group/task.ts';
import { UnbuildableError } from '../group/unbuildable.ts';
import { nanosOf } from '../quantity/amounts.ts';
import { checkpointMounts, checkpointPaths } from './checkpoint-mounts.ts';
import {
  credentialVolumePrefix,
  downloadContainerName,
  isTransferContainer,
  planSecretNameOf,
  planVolumeName,
  runtimeContainerName,
} from './names.ts';
import type { DataSettings, Transfers } from './plan.ts';
import { uploadSecondsOf } from './upload-time.ts';

/** What a pod has besides, for its transfers. */
export interface TransferParts {
  initContainers: Container[];
  volumes: Volume[];
  /** In the container of the command. */
  commandMounts: VolumeMount[];
  /** Of the container of the command: the runtime is told when the pod is being deleted. */
  lifecycle?: object;
  /** How long the kubelet lets uploads go on after the command ended. */
  graceSeconds?: number;
}

export interface TransferOptions {
  podName: string;
  /** Image of the task runtime. */
  image: string;
  store?: DataSettings | undefined;
  /** The pod template runs the pod as a certain user: the runtime must be the same. */
  userIsFixed: boolean;
  /** Mounts of the command's container: folders of inputs and outputs, and of the node. */
  data: readonly VolumeMount[];
  host: readonly VolumeMount[];
}

const scratchVolume = 'osmo-scratch';
const runtimeUser = 65_532;

/**
 * The containers that move a pod's data, with their volumes. Inputs are downloaded by an init container; where anything is
 * to be uploaded a native sidecar runs, which the kubelet stops when the command has ended.
 *
 * @throws UnbuildableError when the task's own container has a name of theirs
 */
export function transferParts(task: Task, { plan, credentials }: Transfers, options: TransferOptions): TransferParts {
  const own = containerNameOf(task.spec.taskName);
  if (isTransferContainer(own)) {
    throw new UnbuildableError(
      `spec.taskName ${JSON.stringify(task.spec.taskName)}: the runtime has this name, choose another`,
    );
  }
  const uploads = plan.outputs.length + plan.checkpoints.length > 0 || plan.keep !== undefined;
  const downloads = plan.inputs.length + plan.outputs.length > 0;
  const checkpoints = checkpointMounts(checkpointPaths(task), [
    ...options.data.filter(({ mountPath }) => mountPath === Paths.output),
    ...options.host,
  ]);
  const common = commonMounts(credentials);
  const inputMounts = options.data.filter(({ mountPath }) => mountPath !== Paths.output);
  const outputMounts = options.data.filter(({ mountPath }) => mountPath === Paths.output);
  const download = container(task, options, downloadContainerName, 'download', [...common, ...inputMounts]);
  const runtime: Container = {
    ...container(task, options, runtimeContainerName, 'runtime', [
      ...common,
      ...outputMounts.map((mount) => ({ ...mount, readOnly: true })),
      ...checkpoints.runtime,
    ]),
    restartPolicy: 'Always',
    // A signal that comes before the program listens would be lost for good: the kubelet waits for this first.
    lifecycle: { preStop: { exec: { command: ['/usr/bin/node', '/app/main.js', 'listening'] } } },
    securityContext: options.userIsFixed ? confined({}) : readsEverything,
  };
  return {
    initContainers: [...(downloads ? [download] : []), ...(uploads ? [runtime] : [])],
    volumes: [...volumes(options.podName, credentials), ...checkpoints.volumes],
    commandMounts: checkpoints.command,
    ...(uploads &&
      !task.spec.hostNetwork && { lifecycle: { preStop: { httpGet: { path: endingPath, port: endingPort } } } }),
    ...(uploads && { graceSeconds: uploadSecondsOf(task, options.store?.uploadSeconds) }),
  };
}

function commonMounts(credentials: readonly string[]): VolumeMount[] {
  return [
    { name: planVolumeName, mountPath: MountPaths.plan, readOnly: true },
    { name: scratchVolume, mountPath: MountPaths.scratch },
    ...credentials.map((_, index) => ({
      name: `${credentialVolumePrefix}${index}`,
      mountPath: `${MountPaths.credentials}/${index}`,
      readOnly: true,
    })),
  ];
}

function volumes(podName: string, credentials: readonly string[]): Volume[] {
  return [
    { name: planVolumeName, secret: { secretName: planSecretNameOf(podName) } },
    { name: scratchVolume, emptyDir: {} },
    ...credentials.map((secretName, index) => ({
      name: `${credentialVolumePrefix}${index}`,
      // Without one the runtime uses what the pod is allowed by itself.
      secret: { secretName, optional: true },
    })),
  ];
}

function container(
  task: Task,
  { image, userIsFixed }: TransferOptions,
  name: string,
  command: string,
  volumeMounts: VolumeMount[],
): Container {
  return {
    name,
    image,
    args: [command],
    resources: resources(task),
    volumeMounts,
    securityContext: confined(userIsFixed ? {} : { runAsUser: runtimeUser, runAsGroup: runtimeUser }),
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
}

function confined(user: Pick<SecurityContext, 'runAsUser' | 'runAsGroup'>): SecurityContext {
  return {
    runAsNonRoot: true,
    ...user,
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/**
 * The command runs as whoever its image says, and may write files that nobody else can read. So the runtime is root with
 * the one capability that opens them (of the two that do, the one that the Baseline Pod Security Standard allows), sees
 * the folders that it uploads read-only, and nothing else of the command.
 */
const readsEverything: SecurityContext = {
  runAsUser: 0,
  runAsGroup: 0,
  runAsNonRoot: false,
  privileged: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'], add: ['DAC_OVERRIDE'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

const ownCpu = { request: '50m', limit: '2' };
const ownMemory = { request: '64Mi', limit: '1Gi' };

/** Where the task sets no amount, neither do its runtime containers; what they ask for is never more than the task itself. */
function resources({ spec: { resources: wanted } }: Task): ResourceRequirements {
  const { cpu, memory } = wanted;
  return {
    requests: {
      ...(cpu === undefined ? {} : { cpu: smaller(String(cpu), ownCpu.request) }),
      ...(memory === undefined ? {} : { memory: smaller(String(memory), ownMemory.request) }),
    },
    limits: {
      ...(cpu === undefined ? {} : { cpu: ownCpu.limit }),
      ...(memory === undefined ? {} : { memory: ownMemory.limit }),
    },
  };
}

function smaller(wanted: string, own: string): string {
  return (nanosOf(wanted) ?? 0n) < (nanosOf(own) ?? 0n) ? wanted : own;
}
