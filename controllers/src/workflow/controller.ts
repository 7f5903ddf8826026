import type { Backend, Bucket, Dataset, DatasetVersion, Platform, Pool, Task, Workflow } from '@osmo/crds';
import {
  changed,
  type Clock,
  type ControllerDefinition,
  defineController,
  deletionChanged,
  generationChanged,
  type Key,
  keyText,
  or,
  parseKey,
  watching,
} from '@osmo/kube';
import { type Caches, Indexes } from '../caches.ts';
import type { ObjectStore } from '@osmo/storage';
import { ArchivedOutputs } from '../archive/archived-outputs.ts';
import { waitFacts } from '../queue/facts.ts';
import { PoolQueues } from '../queue/pool-queues.ts';
import { Awaited, bucketsOf, datasetOf, tasksOf } from './data/awaited.ts';
import type { Catalog } from './data/catalog.ts';
import { observeWorkflow, type WorkflowSources } from './observe.ts';
import { planWorkflow } from './plan.ts';
import { WorkflowRecords } from './records.ts';
import { takeRefusal } from './refusals.ts';
import { WaitingWorkflows } from './waiting.ts';
import type { WorkflowWorld } from './world.ts';

/** Archived workflows that are looked up in a row for one that reads of them. */
const mostLooks = 64;

/**
 * Runs workflows: Workflow → Tasks in the order that their inputs ask for, Task status → Workflow status. Add it to the
 * manager that `caches` are of, before that starts.
 */
export function workflowController(
  caches: Caches,
  { clock, workers, archive }: { clock: Clock; workers: number; archive?: ObjectStore | undefined },
): ControllerDefinition<Workflow, WorkflowWorld> {
  const records = newRecords(caches, clock);
  const waiting = new WaitingWorkflows();
  const awaited = new Awaited();
  const queues = new PoolQueues();
  caches.tasks.onChange((change) => queues.taskChanged(change));
  const archived = archive === undefined ? undefined : new ArchivedOutputs(archive);
  if (archived !== undefined) {
    caches.workflows.onChange(({ old, new: now }) => {
      const { namespace = '', name = '' } = (now ?? old)?.metadata ?? {};
      if (old?.metadata.uid !== now?.metadata.uid) archived.forget(namespace, name);
    });
  }
  const sources = sourcesOf(caches, queues, archived, clock);
  const looked = (key: Key, now: Date): WorkflowWorld | undefined => {
    const world = observeWorkflow({ namespace: key.namespace ?? '', name: key.name }, now, sources, records);
    const waits = world?.admission?.verdict === 'waits';
    waiting.set(keyText(key), waits ? poolOf(world) : undefined);
    awaited.set(keyText(key), world?.awaits ?? []);
    return world;
  };
  return defineController({
    name: 'workflow',
    // Its own status is not news; what else changes comes through the caches below.
    for: { informer: caches.workflows, predicate: or<Workflow>(generationChanged, deletionChanged) },
    watches: [...watchesOf(caches, waiting, queues), ...dataWatches(caches, awaited)],
    workers,
    async observe(key, { now }) {
      let world = looked(key, now);
      if (archived !== undefined) world = await lookedUp(archived, now, world, () => looked(key, now));
      if (world?.status.room === 'none') noteTold(world, records);
      return world;
    },
    plan: planWorkflow,
    refused: (_, write, error) => takeRefusal(write, error, records, clock.now()),
  });
}

/** Looks again with what the archive says of names that the last look has asked for; who reads of more goes on in a moment. */
async function lookedUp<W>(archived: ArchivedOutputs, now: Date, first: W, look: () => W): Promise<W> {
  let world = first;
  for (let round = 0; round < mostLooks; round++) {
    const wanted = archived.takeWanted();
    if (wanted.length === 0) return world;
    // Each look may find one more.
    // oxlint-disable-next-line no-await-in-loop
    await archived.load(wanted, now);
    world = look();
  }
  archived.takeWanted();
  return world;
}

function newRecords(caches: Caches, clock: Clock): WorkflowRecords {
  const records = new WorkflowRecords((uid) => caches.tasks.byIndex(Indexes.workflowUid, uid));
  caches.tasks.onChange((change) => records.taskChanged(change));
  caches.workflows.onChange((change) => records.workflowChanged(change, clock.now()));
  return records;
}

/** The plan that follows says that the status can't be stored; one Event is enough. */
function noteTold({ workflow }: WorkflowWorld, records: WorkflowRecords): void {
  const record = records.find(workflow.metadata.uid);
  if (record !== undefined) record.status = { ...record.status, told: true };
}

const poolOf = ({ progress, workflow }: WorkflowWorld): string =>
  [...(progress?.pools.keys() ?? [])][0] ?? workflow.spec.pool;

function sourcesOf(
  caches: Caches,
  queues: PoolQueues,
  archived: ArchivedOutputs | undefined,
  clock: Clock,
): WorkflowSources {
  const { workflows, tasks, pools, platforms, backends } = caches;
  return {
    catalog: {
      ...catalogOf(caches),
      ...(archived !== undefined && {
        archived: (namespace: string, name: string) => archived.find(namespace, name, clock.now()),
      }),
    },
    workflow: (namespace, name) => workflows.get(namespace, name),
    task: (namespace, name) => tasks.get(namespace, name),
    pool: (name) => pools.get(undefined, name),
    platform: (name) => platforms.get(undefined, name),
    backend: (name) => backends.get(undefined, name),
    wait({ metadata }) {
      const wait = queues.waitOf(metadata.uid);
      if (wait === undefined) return undefined;
      const platform = wait.platform === undefined ? undefined : platforms.get(undefined, wait.platform);
      return waitFacts(wait, backends.get(undefined, wait.backend), platform);
    },
  };
}

function catalogOf({ workflows, tasks, buckets, datasets, datasetVersions }: Caches): Catalog {
  return {
    buckets: (namespace) => buckets.byIndex(Indexes.namespace, namespace),
    bucket: (namespace, name) => buckets.get(namespace, name),
    dataset: (namespace, name) => datasets.get(namespace, name),
    version: (namespace, name) => datasetVersions.get(namespace, name),
    versions: (namespace, dataset) => datasetVersions.byIndex(Indexes.dataset, `${namespace}/${dataset}`),
    madeFor: (origin) => datasetVersions.byIndex(Indexes.origin, origin),
    workflow: (namespace, name) => workflows.get(namespace, name),
    task: (namespace, name) => tasks.get(namespace, name),
  };
}

type Watches = NonNullable<ControllerDefinition['watches']>;

function watchesOf(
  { tasks, pools, platforms, backends }: Caches,
  waiting: WaitingWorkflows,
  queues: PoolQueues,
): Watches {
  const waitingFor = (affected: readonly Pool[]): Key[] =>
    affected.flatMap((pool) => waiting.of(pool.metadata.name)).map(parseKey);
  const named = (change: { old?: { metadata: { name: string } }; new?: { metadata: { name: string } } }): string =>
    (change.new ?? change.old)?.metadata.name ?? '';
  return [
    watching<Task>({
      informer: tasks,
      enqueue: ({ old, new: now }) => [...workflowKeys(now ?? old), ...queues.takeMovedUp().map(parseKey)],
    }),
    watching<Pool>({
      informer: pools,
      predicate: generationChanged,
      enqueue: (change) => waiting.of(named(change)).map(parseKey),
    }),
    watching<Platform>({
      informer: platforms,
      predicate: generationChanged,
      enqueue: (change) => waitingFor(pools.byIndex(Indexes.platform, named(change))),
    }),
    watching<Backend>({
      informer: backends,
      // What admission compares with; heartbeats and counts come too often and decide nothing.
      predicate: changed((backend) => [backend.metadata.uid, backend.status?.shapes?.map((shape) => shape.id)]),
      enqueue: (change) => waitingFor(pools.byIndex(Indexes.backend, named(change))),
    }),
  ];
}

/** What wakes workflows that wait for data. */
function dataWatches({ buckets, datasets, datasetVersions, workflows, tasks }: Caches, awaited: Awaited): Watches {
  const waking =
    <T extends { metadata: { namespace?: string } }>(thingOf: (object: T, namespace: string) => string) =>
    ({ old, new: now }: { old?: T; new?: T }): Key[] => {
      const object = now ?? old;
      return object === undefined ? [] : awaited.of(thingOf(object, object.metadata.namespace ?? '')).map(parseKey);
    };
  return [
    watching<Bucket>({
      informer: buckets,
      predicate: generationChanged,
      enqueue: waking<Bucket>((_, namespace) => bucketsOf(namespace)),
    }),
    watching<Dataset>({
      informer: datasets,
      predicate: or<Dataset>(generationChanged, deletionChanged),
      enqueue: waking<Dataset>(({ metadata }, namespace) => datasetOf(namespace, metadata.name)),
    }),
    watching<DatasetVersion>({
      informer: datasetVersions,
      predicate: or<DatasetVersion>(generationChanged, deletionChanged),
      enqueue: waking<DatasetVersion>(({ spec }, namespace) => datasetOf(namespace, spec.dataset)),
    }),
    // Of workflows whose outputs others read.
    watching<Workflow>({
      informer: workflows,
      predicate: changed(({ metadata }) => metadata.uid),
      enqueue: waking<Workflow>(({ metadata }, namespace) => tasksOf(namespace, metadata.name)),
    }),
    watching<Task>({
      informer: tasks,
      predicate: changed(({ status }) => [status?.phase, status?.run]),
      enqueue: waking<Task>(({ spec }, namespace) => tasksOf(namespace, spec.workflow.name)),
    }),
  ];
}

/**
 * By name, not by owner: a workflow waits for Tasks that an earlier one of its name left, and those are named after it.
 */
function workflowKeys(task: Task | undefined): Key[] {
  const { namespace, name = '' } = task?.metadata ?? {};
  const dot = name.indexOf('.');
  return dot < 0 || namespace === undefined ? [] : [{ namespace, name: name.slice(0, dot) }];
}
