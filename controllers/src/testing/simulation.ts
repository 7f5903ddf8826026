import { Labels } from '@osmo/crds';
import type {
  Backend,
  Bucket,
  Dataset,
  DatasetVersion,
  Platform,
  Pool,
  Task,
  TaskStatus,
  Workflow,
  WorkflowStatus,
} from '@osmo/crds';
import type { EventIntent, Plan } from '@osmo/kube';
import { timeOf } from '../conditions.ts';
import type { Archived } from '../archive/archived-outputs.ts';
import { observeWorkflow, type WorkflowSources } from '../workflow/observe.ts';
import { planWorkflow } from '../workflow/plan.ts';
import { controllerUidOf, WorkflowRecords } from '../workflow/records.ts';
import type { Catalog } from '../workflow/data/catalog.ts';
import { waitFacts } from '../queue/facts.ts';
import { PoolQueues } from '../queue/pool-queues.ts';
import { backend, pool } from './objects.ts';

/**
 * One workflow in a cluster that is held in memory: `reconcile` does what the plan says, `setTask` plays its backend. No
 * write is lost or late here; the integration tests are about that.
 */
export class Simulation {
  workflow: Workflow;
  readonly tasks = new Map<string, Task>();
  readonly pools = new Map<string, Pool>([['default', pool()]]);
  readonly platforms = new Map<string, Platform>();
  readonly backends = new Map<string, Backend>([['local', backend()]]);
  readonly buckets = new Map<string, Bucket>();
  readonly datasets = new Map<string, Dataset>();
  readonly versions = new Map<string, DatasetVersion>();
  /** Other workflows; their Tasks are among `tasks`. */
  readonly others = new Map<string, Workflow>();
  /** What is known of archived workflows by their names; absent: nothing is archived. */
  archive: Map<string, Archived> | undefined;
  readonly events: EventIntent[] = [];
  readonly statuses: WorkflowStatus[] = [];
  now = new Date('2026-01-01T12:00:00Z');
  /** Tasks of other workflows may be put into it too. */
  readonly queues = new PoolQueues();
  records = this.#newRecords();
  #uids = 0;

  constructor(workflow: Workflow) {
    this.workflow = workflow;
  }

  #newRecords(): WorkflowRecords {
    return new WorkflowRecords((uid) => [...this.tasks.values()].filter((task) => controllerUidOf(task) === uid));
  }

  get sources(): WorkflowSources {
    return {
      workflow: () => this.workflow,
      task: (_, name) => this.tasks.get(name),
      pool: (name) => this.pools.get(name),
      platform: (name) => this.platforms.get(name),
      backend: (name) => this.backends.get(name),
      catalog:
        this.archive === undefined
          ? this.#catalog
          : { ...this.#catalog, archived: (_, name) => this.archive?.get(name) },
      wait: ({ metadata }) => {
        const wait = this.queues.waitOf(metadata.uid);
        return wait && waitFacts(wait, this.backends.get(wait.backend), this.platforms.get(wait.platform ?? ''));
      },
    };
  }

  readonly #catalog: Catalog = {
    buckets: () => [...this.buckets.values()],
    bucket: (_, name) => this.buckets.get(name),
    dataset: (_, name) => this.datasets.get(name),
    version: (_, name) => this.versions.get(name),
    versions: (_, dataset) => [...this.versions.values()].filter(({ spec }) => spec.dataset === dataset),
    madeFor: (origin) =>
      [...this.versions.values()].filter(({ metadata }) => metadata.labels?.[Labels.origin] === origin),
    workflow: (_, name) => this.others.get(name),
    task: (_, name) => this.tasks.get(name),
  };

  /** The controller's process ends and another one starts. */
  restart(): void {
    this.records = this.#newRecords();
  }

  advance(milliseconds: number): void {
    this.now = new Date(this.now.getTime() + milliseconds);
  }

  plan(): Plan<Workflow> {
    const { name, namespace = '' } = this.workflow.metadata;
    const world = observeWorkflow({ namespace, name }, this.now, this.sources, this.records);
    return world === undefined ? {} : planWorkflow(world);
  }

  /** Plans once and does it. @throws when the plan does what the apiserver would refuse. */
  reconcile(): Plan<Workflow> {
    const plan = this.plan();
    for (const write of this.#writesOf(plan)) write();
    this.events.push(...(plan.events ?? []));
    return plan;
  }

  /** Plans once, does the first `writes` writes and dies: another process starts. Returns whether there were more. */
  crash(writes: number): boolean {
    const all = this.#writesOf(this.plan());
    for (const write of all.slice(0, writes)) write();
    this.restart();
    return all.length > writes;
  }

  #writesOf({ apply = [], remove = [], status }: Plan<Workflow>): (() => void)[] {
    return [
      ...apply.map(({ mode, object }) =>
        mode === 'create' ? () => this.#createAny(object) : () => this.#tell(object as Task),
      ),
      ...remove.map(({ name, uid }) => () => {
        const there = this.tasks.get(name);
        if (there !== undefined && (uid === undefined || there.metadata.uid === uid)) this.putTask(name, undefined);
      }),
      ...(status === undefined ? [] : [() => this.#writeStatus(status)]),
    ];
  }

  /** Server-side apply of signals: those that are left out are taken back. */
  #tell({ metadata, spec }: Task): void {
    const task = this.tasks.get(metadata.name);
    if (task === undefined || task.metadata.uid !== metadata.uid) throw new Error(`conflict: ${metadata.name} is gone`);
    const { run: _run, hold: _hold, cancel: _cancel, pinnedImage: _image, ...fixed } = task.spec;
    this.putTask(metadata.name, { ...task, spec: { ...fixed, ...spec } });
  }

  /** A user changes what may be changed of the spec. */
  edit(change: Partial<Workflow['spec']>): void {
    const { metadata, spec } = this.workflow;
    const next = Object.fromEntries(Object.entries({ ...spec, ...change }).filter(([, value]) => value !== undefined));
    const generation = (metadata.generation ?? 0) + 1;
    this.workflow = { ...this.workflow, metadata: { ...metadata, generation }, spec: next as Workflow['spec'] };
  }

  #createAny(object: { kind?: string; metadata: { name: string } }): void {
    const { name } = object.metadata;
    if (object.kind === 'Task') return this.#create(object as Task);
    const kept = object.kind === 'Dataset' ? this.datasets : this.versions;
    if (kept.has(name)) throw new Error(`${object.kind} ${name} exists already`);
    const there = { ...object, metadata: { ...object.metadata, uid: `uid-of-${name}` } };
    (kept as Map<string, unknown>).set(name, there);
  }

  #create(object: Task): void {
    const { name } = object.metadata;
    if (this.tasks.has(name)) throw new Error(`Task ${name} exists already`);
    this.#uids += 1;
    const metadata = { ...object.metadata, uid: `task-${this.#uids}`, creationTimestamp: timeOf(this.now) };
    this.putTask(name, { ...object, metadata });
  }

  #writeStatus(status: WorkflowStatus): void {
    this.workflow = { ...this.workflow, status };
    this.statuses.push(status);
    const record = this.records.find(this.workflow.metadata.uid);
    if (record !== undefined) record.status = { ...record.status, at: this.now };
  }

  /** Any change of a Task object, seen by the controller at once. */
  putTask(name: string, task: Task | undefined): void {
    const old = this.tasks.get(name);
    if (task === undefined) this.tasks.delete(name);
    else this.tasks.set(name, task);
    const change = { ...(old !== undefined && { old }), ...(task !== undefined && { new: task }) };
    this.queues.taskChanged(change);
    this.records.taskChanged(change);
  }

  /** What the backend reports about a task. */
  setTask(name: string, status: Partial<TaskStatus> & Pick<TaskStatus, 'phase'>): void {
    const task = this.tasks.get(name);
    if (task === undefined) throw new Error(`no Task ${name}`);
    const at = timeOf(this.now);
    const times = status.phase === 'Running' ? { startTime: at } : { completionTime: at };
    const { run } = task.spec;
    const former = (task.status?.run ?? 0) < (run ?? 0) ? undefined : task.status;
    this.putTask(name, {
      ...task,
      status: { ...former, conditions: [], attempt: 0, ...(run !== undefined && { run }), ...times, ...status },
    });
  }

  /** Reconciles until a reconcile does nothing. */
  settle(): void {
    for (let round = 0; round < 1000; round++) {
      const plan = this.reconcile();
      if (isEmpty(plan)) return;
    }
    throw new Error('the plan never becomes empty');
  }
}

/** Whether a plan writes nothing. */
export function isEmpty(plan: Plan<Workflow>): boolean {
  return (plan.apply ?? []).length === 0 && (plan.remove ?? []).length === 0 && plan.status === undefined;
}
