import type { Task, TaskStatus, Workflow, WorkflowStatus } from '@osmo/crds';
import type { Pod, Secret, Service } from '@osmo/kube';

/** What two processes and a kubelet share: the objects as the apiserver holds them. */
export interface Objects {
  workflow: Workflow;
  readonly tasks: Map<string, Task>;
  readonly pods: Map<string, Pod>;
  readonly services: Map<string, Service>;
  readonly secrets: Map<string, Secret>;
}

/** Seconds since the start of the run, as an instant. */
export const instant = (seconds: number): Date => new Date(Date.parse('2026-03-01T10:00:00Z') + seconds * 1000);

/** RFC 3339 in whole seconds. */
export const timestamp = (seconds: number): string => `${instant(seconds).toISOString().slice(0, 19)}Z`;

type Rank = Record<TaskStatus['phase'], number>;
const ranks: Rank = { Pending: 0, Scheduling: 1, Initializing: 2, Running: 3, Completed: 4, Failed: 4 };
/** Whether a Task has ended. */
export const isOver = (status: TaskStatus | undefined): boolean =>
  status?.phase === 'Completed' || status?.phase === 'Failed';

/**
 * The apiserver, as far as its rules matter here: names are taken once, what has a finalizer goes in two steps, a write
 * about another UID is refused. It notes everything that must never happen.
 */
export class Store implements Objects {
  workflow: Workflow;
  readonly tasks = new Map<string, Task>();
  readonly pods = new Map<string, Pod>();
  readonly services = new Map<string, Service>();
  readonly secrets = new Map<string, Secret>();
  readonly violations: string[] = [];
  /** Seconds since the start. */
  time = 0;
  /** Requests that changed something. */
  writes = 0;
  /** Events that were told with these. */
  events = 0;
  /** Pods that were ever created, by Task UID and attempt. */
  readonly created = new Map<string, number>();
  /** After how many more effects the process dies that is about to do one; undefined: none does. */
  fuse: number | undefined;
  /** Effects of the processes so far. */
  effects = 0;
  /** The cluster takes no Services now. */
  refusesServices = false;
  /** By how much the processes' and the nodes' clocks are ahead, seconds. */
  readonly ahead = { processes: 0, nodes: 0 };
  /** The workflow was deleted; its Tasks follow one by one. */
  isWorkflowGone = false;
  #uids = 0;
  #versions = 1;

  constructor(workflow: Workflow) {
    this.workflow = workflow;
  }

  uid(): string {
    this.#uids += 1;
    return `uid-${this.#uids}`;
  }

  version(): string {
    this.#versions += 1;
    return String(this.#versions);
  }

  violate(what: string): void {
    this.violations.push(`${what} (at ${this.time} s)`);
  }

  /** Does these effects of a process one after the other; false when it died before the last of them. */
  perform(effects: readonly (() => void)[], crashAfter: number): boolean {
    for (const [index, effect] of effects.entries()) {
      if (index >= crashAfter || this.fuse === 0) {
        this.fuse = undefined;
        return false;
      }
      if (this.fuse !== undefined) this.fuse -= 1;
      this.effects += 1;
      effect();
    }
    return true;
  }

  /** What the processes take the time for. */
  get processTime(): Date {
    return instant(this.time + this.ahead.processes);
  }

  /** The workflow is deleted, if it is still of that version. */
  deleteWorkflow(version = this.workflow.metadata.resourceVersion): boolean {
    if (this.isWorkflowGone || version !== this.workflow.metadata.resourceVersion) return false;
    this.isWorkflowGone = true;
    return true;
  }

  /** The garbage collector removes a Task of a workflow that is gone. */
  collectTask(pick: number): boolean {
    const names = this.isWorkflowGone ? [...this.tasks.keys()] : [];
    return this.tasks.delete(names[pick % Math.max(names.length, 1)] ?? '');
  }

  /** A user edits the workflow's spec. */
  editWorkflow(change: Partial<Workflow['spec']>): void {
    if (this.isWorkflowGone) return;
    const { metadata, spec } = this.workflow;
    const next = Object.fromEntries(Object.entries({ ...spec, ...change }).filter(([, value]) => value !== undefined));
    this.workflow = {
      ...this.workflow,
      metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1, resourceVersion: this.version() },
      spec: next as Workflow['spec'],
    };
  }

  /** `events` are told of it. */
  writeWorkflowStatus(status: WorkflowStatus, events: number): void {
    this.writes += 1;
    if (this.isWorkflowGone) return;
    this.events += events;
    const former = this.workflow.status;
    const ended = former?.phase === 'Completed' || former?.phase === 'Failed';
    if (ended && (status.run ?? 0) === (former.run ?? 0) && status.phase !== former.phase) {
      this.violate(`the workflow went from ${former.phase} to ${status.phase} within a run`);
    }
    if (former?.phase === 'Running' && status.phase === 'Pending' && (status.run ?? 0) === (former.run ?? 0)) {
      this.violate('the workflow went from Running to Pending within a run');
    }
    const metadata = { ...this.workflow.metadata, resourceVersion: this.version() };
    this.workflow = { ...this.workflow, metadata, status: structuredClone(status) };
  }

  /** @throws when the name is taken, as the apiserver would refuse it. */
  createTask(object: Task): void {
    this.writes += 1;
    const { name } = object.metadata;
    if (this.tasks.has(name)) throw new Error(`Task ${name} exists`);
    const metadata = {
      ...structuredClone(object.metadata),
      uid: this.uid(),
      generation: 1,
      resourceVersion: this.version(),
      creationTimestamp: timestamp(this.time),
    };
    this.tasks.set(name, { ...structuredClone(object), metadata });
  }

  /** Server-side apply by the hub of the fields that may change; what is left out is taken back. Refused for another UID. */
  tellTask(object: Pick<Task, 'metadata' | 'spec'>): void {
    this.writes += 1;
    const task = this.tasks.get(object.metadata.name);
    if (task === undefined || task.metadata.uid !== object.metadata.uid) return;
    const { run: _run, hold: _hold, cancel: _cancel, pinnedImage: _pinned, ...fixed } = task.spec;
    if ((object.spec.run ?? 0) < (task.spec.run ?? 0)) this.violate(`${task.metadata.name}: run went back`);
    const metadata = {
      ...task.metadata,
      generation: (task.metadata.generation ?? 0) + 1,
      resourceVersion: this.version(),
    };
    this.tasks.set(task.metadata.name, { ...task, metadata, spec: { ...fixed, ...structuredClone(object.spec) } });
  }

  deleteTask(name: string, uid: string | undefined): void {
    this.writes += 1;
    if (uid === undefined || this.tasks.get(name)?.metadata.uid === uid) this.tasks.delete(name);
  }

  /** `events` are told of it. */
  writeTaskStatus({ metadata }: Task, status: TaskStatus, events: number): void {
    this.writes += 1;
    this.events += events;
    const task = this.tasks.get(metadata.name);
    if (task === undefined || task.metadata.uid !== metadata.uid) return;
    const old = task.status;
    const where = `${metadata.name}: `;
    const sameRun = (old?.run ?? 0) === (status.run ?? 0);
    const sameAttempt = (old?.attempt ?? 0) === status.attempt;
    if ((status.run ?? 0) < (old?.run ?? 0)) this.violate(`${where}run of the status went back`);
    if (status.attempt < (old?.attempt ?? 0)) this.violate(`${where}attempt went back`);
    if (sameRun && isOver(old)) this.violate(`${where}written after its end`);
    if (sameRun && sameAttempt && ranks[status.phase] < ranks[old?.phase ?? 'Pending']) {
      this.violate(`${where}went from ${old?.phase} back to ${status.phase}`);
    }
    if ((status.attempts?.length ?? 0) > 16) this.violate(`${where}remembers more than 16 attempts`);
    const next = { ...task, metadata: { ...task.metadata, resourceVersion: this.version() } };
    this.tasks.set(metadata.name, { ...next, status: structuredClone(status) });
  }

  /** Whether it was taken. */
  createService(service: Service): boolean {
    this.writes += 1;
    if (!this.refusesServices) this.services.set(service.metadata.name, structuredClone(service));
    return !this.refusesServices;
  }

  /** A create of a name that is taken does nothing: the operator takes that for its own earlier create. */
  createPod(pod: Pod, key: string): void {
    this.writes += 1;
    if (this.pods.has(pod.metadata.name)) return;
    const times = (this.created.get(key) ?? 0) + 1;
    this.created.set(key, times);
    if (times > 1) this.violate(`${pod.metadata.name}: a second pod for one attempt`);
    const metadata = {
      ...structuredClone(pod.metadata),
      uid: this.uid(),
      resourceVersion: this.version(),
      creationTimestamp: timestamp(this.time),
    };
    this.pods.set(pod.metadata.name, { ...structuredClone(pod), metadata, status: { phase: 'Pending' } });
  }

  putPod(pod: Pod): void {
    this.pods.set(pod.metadata.name, { ...pod, metadata: { ...pod.metadata, resourceVersion: this.version() } });
  }

  /** Asks a pod to go: one that is on no node, or without grace, has nothing left to end. */
  deletePod(name: string, uid: string | undefined, graceSeconds = 30): void {
    const pod = this.pods.get(name);
    if (pod === undefined || (uid !== undefined && pod.metadata.uid !== uid)) return;
    const grace = pod.spec.nodeName === undefined ? 0 : graceSeconds;
    const until = timestamp(this.time + grace);
    const former = pod.metadata.deletionTimestamp;
    if (former !== undefined && former <= until) return;
    this.putPod({
      ...pod,
      metadata: { ...pod.metadata, deletionTimestamp: until, deletionGracePeriodSeconds: grace },
    });
  }

  releasePod(name: string, uid: string | undefined): void {
    const pod = this.pods.get(name);
    if (pod === undefined || pod.metadata.uid !== uid) return;
    this.putPod({ ...pod, metadata: { ...pod.metadata, finalizers: [] } });
  }

  /** The pod is gone, however it went. */
  dropPod(name: string): void {
    this.pods.delete(name);
  }
}
