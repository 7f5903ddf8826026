import type { TaskDataInput, TaskDataOutput } from '@osmo/crds';
import { dataSecretName, parseStoreUrl, profileOf, type RateLimit, storeUrl } from '@osmo/storage';
import type { Access, CheckpointPlan, InputPlan, OutputPlan, StorePlan, TransferPlan } from '@osmo/task-runtime/plan';
import type { Task } from '../group/task.ts';
import { UnbuildableError } from '../group/unbuildable.ts';
import { checkpointPath } from './checkpoint-mounts.ts';

/** Intermediate storage of a backend. */
export interface DataSettings {
  /** URL of the store, with what reaches it as parameters. */
  url: string;
  /** Variables with its credentials; empty: what pods are allowed by themselves. */
  environment: Readonly<Record<string, string>>;
  /** How fast each container may use it. */
  rateLimit?: RateLimit | undefined;
  /** How long uploads may take after a command ended. */
  uploadSeconds: number;
}

/** What is moved for a pod, and the Secrets that its runtime containers see for that. */
export interface Transfers {
  plan: TransferPlan;
  /** Names of Secrets; the plan calls each by its number here. */
  credentials: string[];
}

/** More data credentials than this can't be mounted in one pod. */
const credentialsAtMost = 64;

/**
 * What is to be moved for a task: nothing (undefined) for most. Pure.
 *
 * @throws UnbuildableError when an input is in intermediate storage and the backend has none, or a URL can't be used
 */
export function transfersFor(task: Task, store: DataSettings | undefined): Transfers | undefined {
  const { spec } = task;
  const credentials: string[] = [];
  const inputs = [
    ...(spec.data?.inputs ?? []).map((input) => versionInput(task, input, store, credentials)),
    ...urlInputs(task, credentials),
  ].toSorted((a, b) => a.index - b.index);
  const outputs = [
    ...urlOutputs(task, credentials),
    ...(spec.data?.outputs ?? []).map((output) => versionOutput(task, output, credentials)),
  ].toSorted((a, b) => a.index - b.index);
  const checkpoints = checkpointsOf(task, credentials);
  const keep = spec.data?.keep && store !== undefined ? repositoryUrl(task, store, spec.workflow.uid) : undefined;
  if (inputs.length + outputs.length + checkpoints.length === 0 && keep === undefined) return undefined;
  if (credentials.length > credentialsAtMost) {
    throw new UnbuildableError(
      `spec.inputs, spec.outputs, spec.checkpoints: ${credentials.length} data credentials, at most ${credentialsAtMost} are allowed`,
    );
  }
  const intermediate = keep !== undefined || inputs.some((input) => input.intermediate);
  return {
    credentials,
    plan: {
      version: 1,
      ...(intermediate && store !== undefined && { store: storePlan(store) }),
      inputs,
      ...(keep !== undefined && { keep }),
      ...(keep !== undefined && spec.data?.keepPaths !== undefined && { keepPaths: spec.data.keepPaths }),
      outputs,
      checkpoints,
    },
  };
}

function storePlan({ url, environment, rateLimit }: DataSettings): StorePlan {
  return { url, environment: { ...environment }, ...(rateLimit !== undefined && { rateLimit }) };
}

/** Repository of a workflow's outputs. */
function repositoryUrl({ metadata: { namespace = '' } }: Task, { url }: DataSettings, workflowUid: string): string {
  const location = parseStoreUrl(url);
  const folder = `outputs/${namespace}/${workflowUid}`;
  if (location.kind === 'file') return storeUrl({ ...location, path: `${location.path}/${folder}` });
  return storeUrl({ ...location, prefix: location.prefix === '' ? folder : `${location.prefix}/${folder}` });
}

function versionInput(
  task: Task,
  input: TaskDataInput,
  store: DataSettings | undefined,
  credentials: string[],
): InputPlan {
  const { index, manifest, path, regex, folder, dataset } = input;
  const name = dataset === undefined ? `task ${input.task ?? '?'}` : `${dataset.name}:${dataset.version}`;
  return {
    kind: 'version',
    index,
    manifest,
    name,
    ...access(),
    ...(path !== undefined && { path }),
    ...(regex !== undefined && { regex }),
    ...(folder !== undefined && { folder }),
  };
  function access(): Access {
    if (input.url !== undefined) return accessOf(input.url, input.credential, credentials, `spec.data.inputs ${index}`);
    if (store === undefined) {
      throw new UnbuildableError(
        `spec.inputs[${index}]: backend ${task.spec.backend} has no storage for outputs of tasks; its operator needs --data-url`,
      );
    }
    return { url: repositoryUrl(task, store, input.workflowUID ?? task.spec.workflow.uid), intermediate: true };
  }
}

function urlInputs({ spec }: Task, credentials: string[]): InputPlan[] {
  return (spec.inputs ?? []).flatMap(({ url: transfer }, index): InputPlan[] => {
    if (transfer === undefined) return [];
    const { url, credential, regex } = transfer;
    return [
      {
        kind: 'url',
        index,
        ...accessOf(url, credential, credentials, `spec.inputs[${index}].url`),
        ...(regex !== undefined && { regex }),
      },
    ];
  });
}

function urlOutputs({ spec }: Task, credentials: string[]): OutputPlan[] {
  return (spec.outputs ?? []).flatMap(({ url: transfer }, index): OutputPlan[] => {
    if (transfer === undefined) return [];
    const { url, credential, regex } = transfer;
    return [
      {
        kind: 'url',
        index,
        ...accessOf(url, credential, credentials, `spec.outputs[${index}].url`),
        ...(regex !== undefined && { regex }),
      },
    ];
  });
}

function versionOutput({ spec }: Task, output: TaskDataOutput, credentials: string[]): OutputPlan {
  const { index, url, credential, base, dataset } = output;
  const { dataset: whole, updateDataset } = spec.outputs?.[index] ?? {};
  const metadata = (whole ?? updateDataset)?.metadata ?? [];
  const labels = (whole ?? updateDataset)?.labels ?? [];
  const path = whole?.path;
  return {
    kind: 'version',
    index,
    name: dataset.name,
    ...accessOf(url, credential, credentials, `spec.data.outputs ${index}`),
    ...(base !== undefined && { base }),
    paths: path === undefined ? [...(updateDataset?.paths ?? [])] : [path],
    ...(whole?.regex !== undefined && { regex: whole.regex }),
    metadata,
    labels,
  };
}

function checkpointsOf({ spec }: Task, credentials: string[]): CheckpointPlan[] {
  return (spec.checkpoints ?? []).map(({ path, url, frequencySeconds, regex, credential }, index) => ({
    index,
    path: checkpointPath(path),
    seconds: frequencySeconds,
    ...accessOf(url, credential, credentials, `spec.checkpoints[${index}].url`),
    ...(regex !== undefined && { regex }),
  }));
}

/** A URL with the number of the Secret that opens it: the one named, else the one of its profile. */
function accessOf(url: string, credential: string | undefined, credentials: string[], field: string): Access {
  const name = credential ?? secretOf(url, field);
  if (name === undefined) return { url };
  if (!credentials.includes(name)) credentials.push(name);
  return { url, credential: String(credentials.indexOf(name)) };
}

function secretOf(url: string, field: string): string | undefined {
  try {
    return parseStoreUrl(url).kind === 'file' ? undefined : dataSecretName(profileOf(url));
  } catch (error) {
    throw new UnbuildableError(`${field}: ${(error as Error).message}`);
  }
}
