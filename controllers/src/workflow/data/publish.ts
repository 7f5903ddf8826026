import {
  Api,
  type Dataset,
  datasetObjectName,
  DatasetType,
  type DatasetVersion,
  datasetVersionName,
  DatasetVersionType,
  Labels,
  nameAsObject,
  type Provenance,
  type ProvenanceInput,
  type Task,
  type TaskDataOutput,
  type TaskInput,
  type TaskResultOutput,
} from '@osmo/crds';
import { controllerRef, type Desired } from '@osmo/kube';
import { Datasets } from '../../kinds.ts';
import type { Catalog } from './catalog.ts';
import { nextNumber } from './versions.ts';

/** Most inputs that a version names. */
const mostInputs = 256;

/** One output of a task that has ended, which is to be a version of a dataset. */
export interface Publication {
  readonly task: Task;
  readonly output: TaskDataOutput;
  readonly result: TaskResultOutput & { manifest: string };
}

/** Who submitted the workflow, and the inputs of a task that are URLs: a cached Task has neither. */
export interface PublicationContext {
  readonly namespace: string;
  readonly createdBy: string | undefined;
  readonly inputsOf: (task: Task) => readonly TaskInput[];
  /** A Task of the same workflow, by the name of the task. */
  readonly find: (taskName: string) => Task | undefined;
  readonly catalog: Catalog;
}

/** What a version was made for, so that it is made once: a value of the label `osmo.dev/origin`. */
export function originOf({ metadata, status }: Task, output: number): string {
  return [metadata.uid ?? '', status?.run ?? 0, status?.attempt ?? 0, output].join('.');
}

/** Outputs that a Task in its present run has written and that are to be versions; none before it has ended. */
export function publicationsOf(task: Task): Publication[] {
  const { spec, status } = task;
  const hasEnded = status?.phase === 'Completed' || status?.phase === 'Failed';
  if (!hasEnded || (status.run ?? 0) < (spec.run ?? 0)) return [];
  return (spec.data?.outputs ?? []).flatMap((output) => {
    const result = status.data?.outputs?.find(({ index }) => index === output.index);
    return result?.manifest === undefined ? [] : [{ task, output, result: { ...result, manifest: result.manifest } }];
  });
}

/** Whether there is a version for it. */
export function isPublished({ task, output }: Publication, catalog: Catalog): boolean {
  return catalog.madeFor(originOf(task, output.index)).length > 0;
}

/**
 * The objects to create: datasets that are missing, and versions of those that are there. Two that are to have the same
 * dataset in one plan have different numbers; whoever else takes a number meanwhile has it, and this is asked again.
 */
export function publish(publications: readonly Publication[], context: PublicationContext): Desired[] {
  const { namespace, catalog } = context;
  const numbers = new Map<string, number>();
  const desired = new Map<string, Desired>();
  for (const publication of publications) {
    const { bucket, name } = publication.output.dataset;
    const object = datasetObjectName(bucket, name);
    const dataset = catalog.dataset(namespace, object);
    if (dataset === undefined) {
      desired.set(object, newDataset(namespace, bucket, name));
      continue;
    }
    // Its versions go with it, and then there is room for another one.
    if (dataset.metadata.deletionTimestamp !== undefined) continue;
    const number = numbers.get(object) ?? nextNumber(dataset, catalog.versions(namespace, object));
    numbers.set(object, number + 1);
    const version = versionFor(publication, dataset, number, context);
    desired.set(version.object.metadata.name, version);
  }
  return [...desired.values()];
}

function newDataset(namespace: string, bucket: string, name: string): Desired {
  const object: Dataset = {
    apiVersion: Api.apiVersion,
    kind: 'Dataset',
    metadata: {
      name: datasetObjectName(bucket, name),
      namespace,
      labels: { [Labels.bucket]: bucket, [Labels.dataset]: nameAsObject(name) },
    },
    spec: { bucket, name, type: 'Dataset' },
  };
  return { mode: 'create', type: DatasetType, object, identityLabel: Labels.dataset };
}

function versionFor(publication: Publication, dataset: Dataset, version: number, context: PublicationContext): Desired {
  const { namespace, createdBy } = context;
  const { task, output, result } = publication;
  const object: DatasetVersion = {
    apiVersion: Api.apiVersion,
    kind: 'DatasetVersion',
    metadata: {
      name: datasetVersionName(dataset.metadata.name, version),
      namespace,
      labels: {
        [Labels.bucket]: dataset.spec.bucket,
        [Labels.dataset]: nameAsObject(dataset.spec.name),
        [Labels.workflow]: task.spec.workflow.name,
        [Labels.workflowUid]: task.spec.workflow.uid,
        [Labels.origin]: originOf(task, output.index),
      },
      ownerReferences: [controllerRef(dataset, Datasets, false)],
    },
    spec: {
      dataset: dataset.metadata.name,
      version,
      manifest: result.manifest,
      files: result.files,
      logicalBytes: result.bytes,
      storedBytes: result.storedBytes ?? 0,
      ...(createdBy !== undefined && { createdBy }),
      provenance: provenanceOf(publication, context),
      ...(output.dataset.tag !== undefined && { tag: output.dataset.tag }),
      ...(result.labels !== undefined && { labels: result.labels }),
      ...(result.metadata !== undefined && { metadata: result.metadata }),
    },
  };
  return { mode: 'create', type: DatasetVersionType, object, identityLabel: Labels.origin };
}

function provenanceOf({ task, output }: Publication, context: PublicationContext): Provenance {
  const { spec, status, metadata } = task;
  const inputs = [...base(output), ...inputsRead(task, context)].slice(0, mostInputs);
  return {
    workflow: { name: spec.workflow.name, uid: spec.workflow.uid },
    task: spec.taskName,
    ...(metadata.uid !== undefined && { taskUID: metadata.uid }),
    run: status?.run ?? 0,
    attempt: status?.attempt ?? 0,
    output: output.index,
    outcome: status?.phase === 'Failed' ? 'Failed' : 'Completed',
    image: spec.image,
    ...(status?.imageID !== undefined && { imageID: status.imageID }),
    ...(inputs.length > 0 && { inputs }),
  };
}

/**
 * What a task read, and what the tasks of its workflow read whose outputs it read, nearest first: outputs in intermediate
 * storage go with their workflow, so that the way back to the datasets must not lead through them alone.
 */
function inputsRead(start: Task, { inputsOf, find }: PublicationContext): ProvenanceInput[] {
  const found: ProvenanceInput[] = [];
  const due: (Task | undefined)[] = [start];
  const seen = new Set([start.spec.taskName]);
  for (let task = due.shift(); task !== undefined; task = due.shift()) {
    const by = task === start ? {} : { readBy: task.spec.taskName };
    found.push(...directly(task).map((input) => ({ ...input, ...by })));
    found.push(...inputsOf(task).flatMap(({ url }) => (url === undefined ? [] : [{ url: url.url, ...by }])));
    if (found.length >= mostInputs) break;
    for (const { task: name, workflowUID } of task.spec.data?.inputs ?? []) {
      if (name === undefined || workflowUID !== undefined || seen.has(name)) continue;
      seen.add(name);
      const upstream = find(name);
      if (upstream !== undefined) due.push(upstream);
    }
  }
  return found;
}

function directly({ spec }: Task): ProvenanceInput[] {
  return (spec.data?.inputs ?? []).map(({ manifest, dataset, task, workflowUID }) => ({
    ...(dataset !== undefined && {
      dataset: datasetObjectName(dataset.bucket, dataset.name),
      version: dataset.version,
    }),
    ...(task !== undefined && { task, workflowUID: workflowUID ?? spec.workflow.uid }),
    manifest,
  }));
}

function base({ dataset, base: manifest, baseVersion }: TaskDataOutput): ProvenanceInput[] {
  if (manifest === undefined || baseVersion === undefined) return [];
  return [{ dataset: datasetObjectName(dataset.bucket, dataset.name), version: baseVersion, manifest }];
}
