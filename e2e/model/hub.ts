import type { Task, Workflow } from '@osmo/crds';
import { backend, pool } from '../../controllers/src/testing/objects.ts';
import { emptyCatalog } from '../../controllers/src/workflow/data/catalog.ts';
import { observeWorkflow } from '../../controllers/src/workflow/observe.ts';
import { planWorkflow } from '../../controllers/src/workflow/plan.ts';
import { controllerUidOf, WorkflowRecords } from '../../controllers/src/workflow/records.ts';
import type { Store } from './store.ts';

/**
 * The hub's controllers: they see the world through a cache that may be behind, wait until it holds their own writes, and
 * can die between any two of them.
 */
export class Hub {
  readonly #store: Store;
  readonly #pool = pool();
  readonly #backend = backend();
  #workflow: Workflow;
  #isGone = false;
  #tasks = new Map<string, Task>();
  #records: WorkflowRecords;
  /** Kinds written since they were read last. */
  readonly #unseen = new Set<'tasks' | 'workflow'>();
  /** When it asked to look again, in ms since the epoch. */
  wakeAt: number | undefined;

  constructor(store: Store) {
    this.#store = store;
    this.#workflow = store.workflow;
    this.#records = this.#newRecords();
    this.restart();
  }

  /** The process starts anew, from what the apiserver holds. */
  restart(): void {
    this.#unseen.clear();
    this.#workflow = this.#store.workflow;
    this.#isGone = this.#store.isWorkflowGone;
    this.#tasks = new Map(this.#store.tasks);
    this.#records = this.#newRecords();
  }

  #newRecords(): WorkflowRecords {
    return new WorkflowRecords((uid) => [...this.#tasks.values()].filter((task) => controllerUidOf(task) === uid));
  }

  /** The cache of Tasks catches up. */
  readTasks(): void {
    const { tasks } = this.#store;
    const names = new Set([...this.#tasks.keys(), ...tasks.keys()]);
    for (const name of names) {
      const [old, now] = [this.#tasks.get(name), tasks.get(name)];
      if (old?.metadata.resourceVersion === now?.metadata.resourceVersion && old?.metadata.uid === now?.metadata.uid) {
        continue;
      }
      if (now === undefined) this.#tasks.delete(name);
      else this.#tasks.set(name, now);
      this.#records.taskChanged({ ...(old !== undefined && { old }), ...(now !== undefined && { new: now }) });
    }
    this.#unseen.delete('tasks');
  }

  /** The cache of Workflows catches up. */
  readWorkflow(): void {
    const [old, now] = [this.#workflow, this.#store.workflow];
    this.#workflow = now;
    this.#isGone = this.#store.isWorkflowGone;
    this.#unseen.delete('workflow');
    if (this.#isGone) return this.#records.forget(now.metadata.uid);
    const record = this.#records.find(now.metadata.uid);
    if (record !== undefined && old !== now && old.metadata.generation === now.metadata.generation) {
      record.status = { ...record.status, at: this.#store.processTime };
    }
  }

  /** The workflow as its cache has it. */
  get cached(): Workflow {
    return this.#workflow;
  }

  /** One reconcile; with `crashAfter` the process dies after that many writes. Returns how many writes there were. */
  reconcile(crashAfter = Number.POSITIVE_INFINITY): number {
    if (this.#unseen.size > 0) return 0;
    const writes = this.#writes();
    if (!this.#store.perform(writes, crashAfter)) this.restart();
    return writes.length;
  }

  #writes(): (() => void)[] {
    const store = this.#store;
    const { name, namespace = '' } = this.#workflow.metadata;
    const sources = {
      workflow: () => (this.#isGone ? undefined : this.#workflow),
      task: (_: string, task: string) => this.#tasks.get(task),
      pool: () => this.#pool,
      platform: () => undefined,
      backend: () => this.#backend,
      wait: () => undefined,
      catalog: emptyCatalog,
    };
    const world = observeWorkflow({ namespace, name }, store.processTime, sources, this.#records);
    const plan = world === undefined ? {} : planWorkflow(world);
    this.wakeAt = plan.wakeAt?.getTime();
    const { apply = [], remove = [], status, events = [] } = plan;
    const on = (kind: 'tasks' | 'workflow', write: () => void) => () => {
      this.#unseen.add(kind);
      write();
    };
    return [
      ...apply.map(({ mode, object }) =>
        on('tasks', () => (mode === 'create' ? store.createTask(object as Task) : store.tellTask(object as Task))),
      ),
      ...remove.map((removal) => on('tasks', () => store.deleteTask(removal.name, removal.uid))),
      ...(status === undefined ? [] : [on('workflow', () => store.writeWorkflowStatus(status, events.length))]),
    ];
  }
}
