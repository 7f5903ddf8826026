import { Finalizers, isReservedLabel, Names } from '@osmo/crds';
import type { Container, EnvVar, Pod, PodSpec, Toleration, Volume, VolumeMount } from '@osmo/kube';
import { refuseForeignSecrets } from '../credentials/foreign-secrets.ts';
import { barrierContainer, type StartTogether } from './barrier.ts';
import { fileData, fileVolume } from './files.ts';
import { groupOfTask, groupUuid, hostnameOf, serviceNameOf } from './identity.ts';
import { podAnnotations, podLabels } from './marks.ts';
import { containerNameOf, filesSecretNameOf, podNameOf } from './names.ts';
import { schedulerMarks } from './schedulers.ts';
import type { TransferParts } from '../transfer/containers.ts';
import { planSecretNameOf } from '../transfer/names.ts';
import type { DataSettings } from '../transfer/plan.ts';
import { withSidecars } from '../transfer/sidecars.ts';
import { dataVolumes, hostMounts, hostVolumes, ownVolumes } from './data-volumes.ts';
import { graceAnnotation, podTransfers } from './pod-transfers.ts';
import type { Task } from './task.ts';
import { mergeTemplate } from './template-merge.ts';
import { substitute } from './template-variables.ts';
import { templateVariables } from './variables.ts';

export interface PodOptions {
  /** Namespace of the pod on this cluster. */
  namespace: string;
  attempt: number;
  /** How long a pod stays bound to a node that is not ready or unreachable before Kubernetes evicts it. */
  nodeLostSeconds: number;
  /** The tasks that start together; undefined for a task that isn't held back: it is alone, or its peers run already. */
  start?: StartTogether;
  /** What moves the task's data; undefined: nobody does. */
  runtime?: { image: string; store?: DataSettings | undefined };
}

/**
 * The pod of one attempt of a task. Always the same for the same arguments.
 *
 * Order of precedence, lowest first: the workflow's labels; the pod template; what the task says; what the product must
 * be able to rely on (identity, finalizer, restart policy, service account token, service links).
 *
 * @throws UnbuildableError when no valid pod can be made; the message names the field
 */
export function podFor(task: Task, options: PodOptions): Pod {
  const { attempt, namespace } = options;
  const { spec } = task;
  const name = podNameOf({ name: task.metadata.name, uid: task.metadata.uid ?? '' }, attempt);
  const marks = schedulerMarks(task, groupUuid(groupOfTask(task)));
  const container = containerNameOf(spec.taskName);
  fileData(task);
  const template = substitute(spec.podTemplate ?? {}, templateVariables(task, attempt));
  const metadata = (template['metadata'] ?? {}) as {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  const templateSpec = (template['spec'] ?? {}) as Record<string, unknown>;
  const transfers = podTransfers(task, templateSpec, options.runtime, name);
  const podSpec = specFor(task, templateSpec, {
    ...options,
    podName: name,
    container,
    transfers,
    ...(marks.schedulerName === undefined ? {} : { schedulerName: marks.schedulerName }),
  });
  refuseForeignSecrets(podSpec, spec.submittedBy, [filesSecretNameOf(name), planSecretNameOf(name)]);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { ...freeLabels(spec.labels), ...metadata.labels, ...marks.labels, ...podLabels(task, attempt) },
      annotations: {
        ...metadata.annotations,
        ...marks.annotations,
        ...podAnnotations(task, container),
        ...graceAnnotation(transfers, templateSpec),
      },
      finalizers: [Finalizers.podResult],
    },
    spec: podSpec,
  };
}

/** The workflow's labels without those that aren't its to set; admission says so earlier where it can. */
function freeLabels(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !isReservedLabel(key)));
}

interface SpecOptions extends PodOptions {
  podName: string;
  container: string;
  transfers: TransferParts | undefined;
  schedulerName?: string;
}

function specFor(task: Task, template: Record<string, unknown>, options: SpecOptions): PodSpec {
  const { spec } = task;
  const { scheduling, group } = spec;
  const { transfers } = options;
  const initContainers = [
    ...(transfers?.initContainers ?? []),
    ...(options.start === undefined ? [] : [barrierContainer(task, options.start)]),
  ];
  const given = (template['volumes'] ?? []) as Volume[];
  const grace = Math.max(transfers?.graceSeconds ?? 0, Number(template['terminationGracePeriodSeconds'] ?? 0));
  const own: Partial<PodSpec> = {
    ...(initContainers.length === 0 ? {} : { initContainers }),
    containers: [userContainer(task, template, options)],
    volumes: [
      ...dataVolumes(task, given).volumes,
      ...hostVolumes(task),
      ...credentialVolumes(task),
      ...fileVolume(task, options.podName).volumes,
      ...(transfers?.volumes ?? []),
    ],
    ...(transfers?.graceSeconds === undefined ? {} : { terminationGracePeriodSeconds: grace }),
    ...(scheduling.nodeSelector === undefined ? {} : { nodeSelector: scheduling.nodeSelector }),
    ...(scheduling.priorityClassName === undefined ? {} : { priorityClassName: scheduling.priorityClassName }),
    ...(options.schedulerName === undefined ? {} : { schedulerName: options.schedulerName }),
    ...(spec.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(group.size > 1 ? { hostname: hostnameOf(task), subdomain: serviceNameOf(task) } : {}),
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
  };
  const usual = given.length === 0 ? template : { ...template, volumes: ownVolumes(given) };
  const both = mergeTemplate(usual, own) as unknown as PodSpec;
  const merged = transfers?.graceSeconds === undefined ? both : withSidecars(both, options.container);
  const tolerations = [...(merged.tolerations ?? []), ...((scheduling.tolerations ?? []) as Toleration[])];
  return {
    ...merged,
    tolerations: withNodeLost(tolerations, options.nodeLostSeconds),
    ...affinity(merged.affinity, scheduling.nodesExcluded ?? []),
  };
}

interface NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms: { matchFields?: object[] }[] };
}

/**
 * Keeps the pod away from nodes by name. Terms of a template are alternatives, so each of them gets the exclusions; the
 * apiserver takes one name a requirement.
 */
function affinity(template: object | undefined, nodesExcluded: readonly string[]): Pick<PodSpec, 'affinity'> {
  if (nodesExcluded.length === 0) return template === undefined ? {} : { affinity: template };
  const exclusions = nodesExcluded.map((name) => ({ key: 'metadata.name', operator: 'NotIn', values: [name] }));
  const { nodeAffinity = {} } = (template ?? {}) as { nodeAffinity?: NodeAffinity };
  const terms = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return {
    affinity: {
      ...template,
      nodeAffinity: {
        ...nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: terms.map((term) => ({
            ...term,
            matchFields: [...(term.matchFields ?? []), ...exclusions],
          })),
        },
      },
    },
  };
}

function userContainer(
  task: Task,
  template: Partial<PodSpec>,
  { container, podName, transfers }: SpecOptions,
): Container {
  const { spec } = task;
  const hasHook = template.containers?.some(({ name, lifecycle }) => name === container && lifecycle !== undefined);
  return {
    name: container,
    image: spec.pinnedImage ?? spec.image,
    command: spec.command,
    ...(spec.args === undefined ? {} : { args: spec.args }),
    env: environment(task),
    resources: resources(task),
    volumeMounts: [
      ...dataVolumes(task).mounts,
      ...hostMounts(task),
      ...credentialMounts(task),
      ...fileVolume(task, podName).mounts,
      ...(transfers?.commandMounts ?? []),
    ],
    ...(transfers?.lifecycle === undefined || hasHook ? {} : { lifecycle: transfers.lifecycle }),
    ...(spec.privileged ? { securityContext: { privileged: true } } : {}),
  };
}

/**
 * The user's variables and credentials. Without GPUs `NVIDIA_VISIBLE_DEVICES` is empty, whatever image or user say: else
 * the NVIDIA runtime would show every GPU of the node to a task that asked for none.
 */
function environment(task: Task): EnvVar[] {
  const { spec } = task;
  const entries: EnvVar[] = [
    ...(spec.env ?? []).map(({ name, value }) => ({ name, value })),
    ...(spec.credentials ?? []).flatMap((credential) =>
      (credential.env ?? []).map(({ name, key }) => ({
        name,
        valueFrom: { secretKeyRef: { name: credential.name, key } },
      })),
    ),
    ...((spec.resources.gpu ?? 0) > 0 ? [] : [{ name: 'NVIDIA_VISIBLE_DEVICES', value: '' }]),
  ];
  return [...new Map(entries.map((entry) => [entry.name, entry])).values()];
}

/** Requests equal limits: a task gets what it asked for, no less and no more. */
function resources(task: Task): NonNullable<Container['resources']> {
  const { cpu, memory, storage, gpu = 0 } = task.spec.resources;
  const amounts = {
    ...(cpu === undefined ? {} : { cpu: String(cpu) }),
    ...(memory === undefined ? {} : { memory: String(memory) }),
    ...(storage === undefined ? {} : { 'ephemeral-storage': String(storage) }),
    ...(gpu > 0 ? { [Names.gpuResource]: String(gpu) } : {}),
  };
  return { requests: amounts, limits: amounts };
}

function credentialVolumes(task: Task): Volume[] {
  return mountedCredentials(task).map(({ name, volume }) => ({ name: volume, secret: { secretName: name } }));
}

function credentialMounts(task: Task): VolumeMount[] {
  return mountedCredentials(task).map(({ volume, mountPath }) => ({ name: volume, mountPath, readOnly: true }));
}

function mountedCredentials(task: Task): { name: string; volume: string; mountPath: string }[] {
  return (task.spec.credentials ?? []).flatMap(({ name, mountPath }, index) =>
    mountPath === undefined ? [] : [{ name, volume: `osmo-credential-${index}`, mountPath }],
  );
}

const nodeTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Kubernetes evicts from a lost node when the pod's toleration of it runs out; a template may have set its own time. */
function withNodeLost(tolerations: readonly Toleration[], seconds: number): Toleration[] {
  const tolerated = (key: string) =>
    tolerations.some((t) => (t.key ?? key) === key && (t.effect ?? 'NoExecute') === 'NoExecute');
  const missing = nodeTaints.filter((key) => !tolerated(key));
  return [
    ...tolerations,
    ...missing.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: seconds })),
  ];
}
