import { Annotations, datasetObjectName } from '@osmo/crds';
import type { Backend, Platform, Pool, Task, TaskInput, Workflow, WorkflowSpec } from '@osmo/crds';
import { type Graph, taskObjectName } from '@osmo/workflow-spec/graph';
import type { WaitFacts } from '../queue/explain.ts';
import { sinceItMay } from '../queue/facts.ts';
import { admit, type Admission } from './admission.ts';
import { batchLimit, nextBatch, surplusTasks } from './batch.ts';
import { cancellationOf } from './cancel.ts';
import { groupsToStart } from './lanes.ts';
import type { Need, Surroundings } from '@osmo/workflow-spec/admission';
import { controllerUidOf, type WorkflowRecord, type WorkflowRecords } from './records.ts';
import { setCanceled, type Progress } from './progress.ts';
import { isAtRest, isUnseen, openRestart, refuseRestart, restartStep, type RestartStep } from './restart.ts';
import { cancellations, holds, releases, type FindTask, type Told } from './signals.ts';
import { isFinal } from './status.ts';
import { datasetOf } from './data/awaited.ts';
import { type Catalog, Missing } from './data/catalog.ts';
import { isPublished, publicationsOf, publish } from './data/publish.ts';
import { resolveData, transfersOf } from './data/resolve.ts';
import type { Candidate, StatusWriting, WorkflowWorld } from './world.ts';

/** What a workflow is observed through: reads of caches. */
export interface WorkflowSources {
  workflow(namespace: string, name: string): Workflow | undefined;
  task(namespace: string, name: string): Task | undefined;
  pool(name: string): Pool | undefined;
  platform(name: string): Platform | undefined;
  backend(name: string): Backend | undefined;
  /** What the workflow waits for, if it does for nodes. */
  wait(workflow: Workflow): WaitFacts | undefined;
  /** Datasets, and workflows whose outputs others read. */
  readonly catalog: Catalog;
}

/**
 * A snapshot of one workflow and of all that it depends on, at a cost that doesn't grow with its tasks. Undefined when
 * there is nothing to do any more; the record is then forgotten.
 */
export function observeWorkflow(
  key: { namespace: string; name: string },
  now: Date,
  sources: WorkflowSources,
  records: WorkflowRecords,
): WorkflowWorld | undefined {
  const workflow = sources.workflow(key.namespace, key.name);
  if (workflow === undefined) return undefined;
  const restart = openRestart(workflow);
  if (isAtRest(workflow) || workflow.metadata.deletionTimestamp !== undefined) {
    records.forget(workflow.metadata.uid);
    return undefined;
  }
  const record = records.recordOf(workflow);
  const { compiled, hindrance } = record;
  const idle = { batch: [], surplus: [], tell: [], suspended: false, publish: [], unpublished: 0, awaits: [] };
  const base: WorkflowWorld & { restart?: RestartStep } = {
    now,
    workflow,
    hindrance,
    status: writingAt(record.status, now),
    ...idle,
  };
  if ('problems' in compiled) {
    return { ...base, problems: compiled.problems, ...(restart !== undefined && { restart: refuseRestart() }) };
  }
  const { graph, needs, progress, consumed } = compiled;
  const find: FindTask = (task) => sources.task(key.namespace, taskObjectName(key.name, task.name));
  const own: FindTask = (task) => {
    const found = find(task);
    return found !== undefined && controllerUidOf(found) === workflow.metadata.uid ? found : undefined;
  };
  const due = publishing(workflow, record, sources);
  Object.assign(base, due);
  const cancellation = cancellationOf(workflow);
  setCanceled(progress, cancellation !== undefined);
  if (cancellation !== undefined) {
    const tell = cancellations(progress, cancellation.cancel, batchLimit, own);
    if (isFinal(workflow.status) && tell.length === 0 && due.unpublished === 0 && !isUnseen(workflow)) {
      records.forget(workflow.metadata.uid);
      return undefined;
    }
    return { ...base, progress, canceled: cancellation.message, tell, surplus: surplusTasks(progress, own) };
  }
  // What the last run wrote is recorded before the next one begins, which would forget it.
  if (due.unpublished > 0) return { ...base, progress };
  if (restart !== undefined) {
    const step = restartStep(restart, workflow, progress, batchLimit, own);
    if (step.kind === 'marking') return { ...base, progress, restart: step, tell: step.told };
    if (step.kind === 'told' || isFinal(workflow.status)) return { ...base, progress, restart: step };
    base.restart = step;
  }
  if (workflow.spec.suspend === true) {
    const tell = holds(progress, batchLimit, own);
    return { ...base, progress, suspended: true, tell, surplus: surplusTasks(progress, own) };
  }
  const { maxParallel } = workflow.spec;
  const { batch, missing } = withData(nextBatch(progress, maxParallel, find), workflow, graph, sources, own);
  const surplus = surplusTasks(progress, own);
  const held = releasable(progress, maxParallel, own, workflow, sources);
  const { tell } = held;
  const all = [...missing, ...held.missing];
  const data = {
    missing: all[0]?.message,
    dataRetryAt: nextLookFor(all, now),
    awaits: [...new Set(all.flatMap(({ awaits }) => awaits))],
  };
  const started = progress.pools.size > 0;
  const facts = progress.groupCounts.active > 0 ? sources.wait(workflow) : undefined;
  const wait = facts && sinceItMay(facts, workflow.status?.conditions ?? []);
  if (started && batch.length === 0) return { ...base, ...data, progress, batch, surplus, tell, wait };
  const surroundings = surroundingsOf([...progress.pools.keys()][0] ?? workflow.spec.pool, sources);
  const admission = admissionOf(record, workflow.spec, needs, surroundings, started);
  const { pool, platforms } = surroundings;
  const context = pool === undefined ? undefined : { workflow, graph, pool, platforms, consumed };
  return { ...base, ...data, progress, admission, context, batch, surplus, tell, wait };
}

/** What was asked for comes within moments. */
const soonMs = 1000;

function nextLookFor(missing: readonly Missing[], now: Date): Date | undefined {
  const times = missing.flatMap(({ retryAt }) =>
    retryAt === undefined ? [] : [retryAt === 'soon' ? now.getTime() + soonMs : retryAt.getTime()],
  );
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

/** The candidates whose data is there, with what it is, and what the others miss. */
function withData(
  candidates: readonly Candidate[],
  workflow: Workflow,
  graph: Graph,
  { catalog }: WorkflowSources,
  find: FindTask,
): { batch: Candidate[]; missing: Missing[] } {
  const batch: Candidate[] = [];
  const missing: Missing[] = [];
  for (const candidate of candidates) {
    const data = resolveData(candidate.task, { workflow, graph, catalog, find });
    if (data instanceof Missing) missing.push(data);
    else batch.push(Object.keys(data).length === 0 ? candidate : { ...candidate, data });
  }
  return { batch, missing };
}

/**
 * Tasks that were told to wait and may go now: those of groups whose turn it is, and those that went already. What runs
 * again reads what its inputs are now; pinned, the versions of datasets that it read before.
 */
function releasable(
  progress: Progress,
  maxParallel: number | undefined,
  find: FindTask,
  workflow: Workflow,
  { catalog }: WorkflowSources,
): { tell: Told[]; missing: Missing[] } {
  const { graph, lanes, groupCounts } = progress;
  const starting = groupsToStart({ graph, lanes, active: groupCounts.active }, maxParallel, batchLimit);
  const isPinned = workflow.spec.restart?.pinned === true;
  const missing: Missing[] = [];
  const tell = releases(progress, starting, batchLimit, find, ({ spec }) => {
    const task = graph.taskByName.get(spec.taskName);
    if (task === undefined) return {};
    const found = resolveData(task, { workflow, graph, catalog, find }, isPinned ? spec.data : undefined);
    if (found instanceof Missing) {
      missing.push(found);
      return undefined;
    }
    // A list that is left out would stay as it was.
    const inputs = found.inputs ?? (spec.data?.inputs === undefined ? undefined : []);
    if (inputs === undefined && found.outputs === undefined) return {};
    return { data: { keep: spec.data?.keep ?? false, ...found, ...(inputs !== undefined && { inputs }) } };
  });
  return { tell, missing };
}

/** Dataset versions that tasks have written and that aren't there yet. Costs nothing where there are none. */
function publishing(
  workflow: Workflow,
  { compiled }: WorkflowRecord,
  sources: WorkflowSources,
): Pick<WorkflowWorld, 'publish' | 'unpublished' | 'awaits'> {
  if ('problems' in compiled || compiled.publishing.size === 0) return { publish: [], unpublished: 0, awaits: [] };
  const { catalog } = sources;
  const { graph, publishing: names } = compiled;
  const { namespace = '', annotations } = workflow.metadata;
  const due = [...names].flatMap((name) => {
    const task = sources.task(namespace, name);
    const open = task === undefined ? [] : publicationsOf(task).filter((each) => !isPublished(each, catalog));
    if (open.length === 0) names.delete(name);
    return open;
  });
  const inputsOf = ({ spec }: Task): readonly TaskInput[] => {
    const task = graph.taskByName.get(spec.taskName);
    return task === undefined ? [] : transfersOf(task, workflow, graph).inputs;
  };
  const createdBy = annotations?.[Annotations.submittedBy];
  const first = due.slice(0, batchLimit);
  const find = (taskName: string): Task | undefined =>
    sources.task(namespace, taskObjectName(workflow.metadata.name, taskName));
  const awaits = first.map(({ output: { dataset } }) =>
    datasetOf(namespace, datasetObjectName(dataset.bucket, dataset.name)),
  );
  return {
    publish: publish(first, { namespace, createdBy, inputsOf, find, catalog }),
    unpublished: names.size,
    awaits: [...new Set(awaits)],
  };
}

/** A status that could not be stored is tried again when its time has come. */
function writingAt(status: StatusWriting, now: Date): StatusWriting {
  const due = status.room === 'none' && (status.retryAt === undefined || status.retryAt <= now);
  return due ? { ...status, room: 'compact' } : status;
}

function surroundingsOf(poolName: string, sources: WorkflowSources): Surroundings {
  const pool = sources.pool(poolName);
  const platforms = (pool?.spec.platforms ?? []).map((name): [string, Platform | undefined] => [
    name,
    sources.platform(name),
  ]);
  return {
    poolName,
    pool,
    backend: pool === undefined ? undefined : sources.backend(pool.spec.backend),
    platforms: new Map(platforms.filter((entry): entry is [string, Platform] => entry[1] !== undefined)),
  };
}

/** Asks again only when one of the objects that the last answer was made from has changed. */
function admissionOf(
  record: WorkflowRecord,
  spec: WorkflowSpec,
  needs: readonly Need[],
  surroundings: Surroundings,
  started: boolean,
): Admission {
  const { pool, backend, platforms } = surroundings;
  const objects = [pool, backend, ...platforms.values()];
  const versions = [started, ...objects.map((object) => `${object?.metadata.uid}@${object?.metadata.resourceVersion}`)];
  const version = versions.join(' ');
  if (record.admission?.versions !== version) {
    record.admission = { versions: version, answer: admit(spec, needs, surroundings, started) };
  }
  return record.admission.answer;
}
