import type { Task } from '@osmo/crds';
import { workflow } from '../../controllers/src/testing/objects.ts';
import type { ModelGroup, ModelWorkflow, Step } from './arbitrary.ts';
import { specOf } from './arbitrary.ts';
import { Hub } from './hub.ts';
import { Kubelet } from './kubelet.ts';
import { Operator } from './operator.ts';
import { Scripts } from './scripts.ts';
import { instant, isOver, Store } from './store.ts';

/** One run: a workflow, the two processes, one node, and what happens to them. */
export class Play {
  readonly model: ModelWorkflow;
  readonly store: Store;
  readonly hub: Hub;
  readonly operator: Operator;
  readonly kubelet: Kubelet;
  /** What users did. */
  canceled = false;
  restarts = 0;
  /** Whether somebody took pods away or killed processes. */
  disturbed = false;

  constructor(model: ModelWorkflow) {
    this.model = model;
    const tasks = model.groups.flatMap((group) => group.tasks);
    const scripts = new Scripts(
      new Map(tasks.map(({ name, script }) => [name, script])),
      new Map(tasks.map(({ name, again }) => [name, again])),
    );
    const object = workflow(specOf(model));
    this.store = new Store({
      ...object,
      metadata: { ...object.metadata, creationTimestamp: instant(0).toISOString() },
    });
    this.kubelet = new Kubelet(this.store, scripts);
    this.hub = new Hub(this.store);
    this.operator = new Operator(this.store, this.kubelet);
  }

  /** The Tasks of a group that exist. */
  tasksOf(group: ModelGroup): Task[] {
    return [...this.store.tasks.values()].filter(({ spec }) => spec.group.name === group.name);
  }

  act([kind, pick, crash]: Step): void {
    const { store, hub, operator, kubelet } = this;
    const groups = operator.groups();
    const group = groups[pick % Math.max(groups.length, 1)];
    switch (kind) {
      case 'hub':
        hub.reconcile();
        return;
      case 'hubCrash':
        hub.reconcile(crash);
        return;
      case 'operator':
        if (group !== undefined) operator.reconcile(group);
        return;
      case 'operatorCrash':
        if (group !== undefined) operator.reconcile(group, crash);
        return;
      case 'kubelet':
        return kubelet.step(pick);
      case 'readTasks':
        return pick % 2 === 0 ? hub.readTasks() : operator.read('tasks');
      case 'readAll':
        return this.readAll();
      case 'time':
        store.time += pick % 30;
        return;
      case 'hubDies':
        return hub.restart();
      case 'operatorDies':
        return operator.restart();
      case 'deletePod':
        this.disturbed = true;
        return this.#deletePod(pick);
      case 'loseNode':
        this.disturbed = true;
        return kubelet.lose(pick);
      case 'vanish':
        this.disturbed = true;
        return kubelet.vanish(pick);
      case 'services':
        store.refusesServices = pick % 3 !== 0;
        return;
      case 'clocks':
        // Ours stay within a second of the apiserver's; those of nodes are anybody's.
        Object.assign(store.ahead, { processes: (pick % 3) - 1, nodes: (pick % 5) * 1800 - 3600 });
        return;
      case 'cancel':
        this.canceled = true;
        return store.editWorkflow({ cancel: { by: 'ada', ...(pick % 3 === 0 && { force: true }) } });
      case 'suspend':
        return store.editWorkflow({ suspend: true });
      case 'resume':
        return store.editWorkflow({ suspend: undefined });
      case 'restart':
        return this.restart({});
      case 'restartSome':
        return this.restart({ tasks: [this.#taskName(pick)] });
      case 'deleteTask':
        this.disturbed = true;
        return this.#deleteTask(pick);
      case 'maxParallel':
        return store.editWorkflow({ maxParallel: 1 + (pick % 3) });
    }
  }

  restart(more: { tasks?: string[] }): void {
    this.restarts += 1;
    this.store.editWorkflow({ restart: { id: `restart-${this.restarts}`, ...more } });
  }

  readAll(): void {
    this.hub.readTasks();
    this.hub.readWorkflow();
    for (const kind of ['tasks', 'pods', 'services'] as const) this.operator.read(kind);
  }

  /**
   * Lets everything come to its end. `interfere` is asked in each round, told whether all is at rest, and says whether it has more to do.
   *
   * @throws when it never comes to rest
   */
  drain(interfere: (atRest: boolean) => boolean = () => false): void {
    this.store.refusesServices = false;
    if (this.store.workflow.spec.suspend === true) this.store.editWorkflow({ suspend: undefined });
    let still = 0;
    for (let round = 0; round < 3000; round += 1) {
      const before = this.#fingerprint();
      const busy = interfere(still > 3);
      this.readAll();
      let planned = this.hub.reconcile();
      this.readAll();
      for (const group of this.operator.groups()) planned += this.operator.reconcile(group);
      this.store.collectTask(0);
      for (let index = this.store.pods.size - 1; index >= 0; index -= 1) this.kubelet.step(index);
      if (planned > 0 || before !== this.#fingerprint()) {
        still = 0;
        this.store.time += 1;
        continue;
      }
      still += 1;
      if (still > 3) {
        const next = this.#nextWake();
        if (next === undefined && !busy) return;
        this.store.time = Math.max(this.store.time + 1, (next ?? 0) - this.store.ahead.processes);
      }
    }
    throw new Error('never comes to rest');
  }

  /** Seconds since the start at a time in ms since the epoch. */
  secondsOf(time: number): number {
    return (time - instant(0).getTime()) / 1000;
  }

  /** Seconds at which a process asked to look again. */
  #nextWake(): number | undefined {
    const times = [this.hub.wakeAt, this.operator.wakeAt].filter((time) => time !== undefined);
    const next = Math.min(...times.map((time) => Math.ceil(this.secondsOf(time))));
    return Number.isFinite(next) ? next : undefined;
  }

  #deletePod(pick: number): void {
    const names = [...this.store.pods.keys()];
    const name = names[pick % Math.max(names.length, 1)];
    if (name !== undefined) this.store.deletePod(name, undefined);
  }

  /** How many groups of which Tasks haven't ended: of each entry that has a limit, and of all. */
  active(): { of: string; active: number; limit: number | undefined }[] {
    const isActive = (group: ModelGroup): boolean => this.tasksOf(group).some(({ status }) => !isOver(status));
    const all = Map.groupBy(this.model.groups.filter(isActive), ({ entry }) => entry?.name ?? '');
    const entries = [...all].map(([of, groups]) => ({
      of,
      active: groups.length,
      limit: groups[0]?.entry?.maxParallel,
    }));
    const sum = entries.reduce((total, { active }) => total + active, 0);
    return [...entries, { of: 'the workflow', active: sum, limit: this.model.maxParallel }];
  }

  /** Somebody deletes a Task that is under way: another one takes its place. */
  #deleteTask(pick: number): void {
    const { status } = this.store.workflow;
    if (status?.phase === 'Completed' || status?.phase === 'Failed') return;
    const open = [...this.store.tasks.values()].filter(({ status: own }) => !isOver(own));
    const task = open[pick % Math.max(open.length, 1)];
    if (task !== undefined) this.store.deleteTask(task.metadata.name, task.metadata.uid);
  }

  #taskName(pick: number): string {
    const names = this.model.groups.flatMap((group) => group.tasks.map((task) => task.name));
    return names[pick % names.length] ?? '';
  }

  #fingerprint(): string {
    const { workflow: object, tasks, pods, services } = this.store;
    return JSON.stringify([object.status, [...tasks.values()], [...pods.values()], [...services.keys()]]);
  }
}
