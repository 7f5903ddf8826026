import { Api, FieldManagers, Labels } from '@osmo/crds';
import type { Task, TaskStatus } from '@osmo/crds';
import { isNotFound, type KubeClient, newInformer, silentLogger, systemClock } from '@osmo/kube';
import { timeOf } from '../conditions.ts';
import { Tasks } from '../kinds.ts';

/** What a task is to come to; 'hang': it runs until someone else ends it. */
export type Script = (task: Task) => Partial<TaskStatus> | 'hang';

/**
 * A backend without pods. As soon as all Tasks of a group are there, in the same run and none told to wait, it says that they
 * run, then how they ended; what is canceled ends at once. It keeps account of what it ran, so that a test can see what was
 * run twice.
 */
export class PlayedBackend {
  readonly #stop = new AbortController();
  readonly #client: KubeClient;
  readonly #script: Script;
  readonly #groups = new Map<string, Map<string, Task>>();
  /** UIDs of Tasks by name, in the order in which they were started: once for each run. */
  readonly ran = new Map<string, string[]>();
  readonly order: string[] = [];
  readonly errors: unknown[] = [];
  /** Runs of Tasks that were begun, and those that came to an end. */
  readonly #begun = new Set<string>();
  readonly #ended = new Set<string>();
  /** What is written about a Task, one after the other. */
  readonly #writes = new Map<string, Promise<void>>();

  constructor(client: KubeClient, name: string, script: Script) {
    this.#client = client;
    this.#script = script;
    const informer = newInformer({
      client,
      type: Tasks,
      labelSelector: `${Labels.backend}=${name}`,
      clock: systemClock,
      logger: silentLogger,
    });
    informer.onChange(({ old, new: now }) => {
      if (now !== undefined) this.#consider(this.#groupOf(now).set(now.metadata.name, now));
      else if (old !== undefined) this.#groupOf(old).delete(old.metadata.name);
    });
    informer.start(this.#stop.signal);
  }

  #groupOf(task: Task): Map<string, Task> {
    const key = `${task.spec.workflow.uid}/${task.spec.group.name}`;
    const group = this.#groups.get(key) ?? new Map<string, Task>();
    this.#groups.set(key, group);
    return group;
  }

  #consider(group: ReadonlyMap<string, Task>): void {
    const members = [...group.values()];
    for (const task of members) if (task.spec.cancel !== undefined) this.#cancel(task);
    const isWhole = members.every(({ spec }) => spec.group.size === members.length);
    const isOneRun = new Set(members.map(({ spec }) => spec.run ?? 0)).size === 1;
    const mayStart = members.every(({ spec }) => spec.hold !== true && spec.cancel === undefined);
    if (!isWhole || !isOneRun || !mayStart) return;
    for (const task of members) {
      if (task.status !== undefined && (task.status.run ?? 0) === (task.spec.run ?? 0)) continue;
      if (this.#begun.has(runOf(task))) continue;
      this.#begun.add(runOf(task));
      this.#then(task, () => this.#run(task));
    }
  }

  #cancel(task: Task): void {
    const isOver = task.status?.phase === 'Completed' || task.status?.phase === 'Failed';
    if (this.#ended.has(runOf(task)) || (isOver && (task.status?.run ?? 0) === (task.spec.run ?? 0))) return;
    this.#ended.add(runOf(task));
    const end = { phase: 'Failed', reason: 'Canceled', completionTime: timeOf(new Date()) } as const;
    this.#then(task, () => this.#write(task, end));
  }

  async #run(task: Task): Promise<void> {
    const { name, uid = '' } = task.metadata;
    this.ran.set(name, [...(this.ran.get(name) ?? []), uid]);
    this.order.push(name);
    const startTime = timeOf(new Date());
    if (this.#ended.has(runOf(task))) return;
    await this.#write(task, { phase: 'Running', startTime });
    const end = this.#script(task);
    if (end === 'hang' || this.#ended.has(runOf(task))) return;
    this.#ended.add(runOf(task));
    const completionTime = timeOf(new Date());
    await this.#write(task, { phase: 'Completed', exitCode: 0, startTime, completionTime, ...end });
  }

  #then(task: Task, write: () => Promise<void>): void {
    const key = task.metadata.uid ?? '';
    const former = this.#writes.get(key) ?? Promise.resolve();
    const next = former.then(write).catch((error: unknown) => {
      if (!isNotFound(error) && !this.#stop.signal.aborted) this.errors.push(error);
    });
    this.#writes.set(key, next);
  }

  async #write(task: Task, status: Partial<TaskStatus>): Promise<void> {
    const { name, namespace = '', uid = '' } = task.metadata;
    const { run } = task.spec;
    const metadata = { name, namespace, uid };
    const options = { fieldManager: FieldManagers.backendOperator, force: true, subresource: 'status' };
    const body = {
      apiVersion: Api.apiVersion,
      kind: 'Task' as const,
      metadata,
      status: { attempt: run ?? 0, conditions: [], ...(run !== undefined && { run }), ...status },
    };
    await this.#client.apply(Tasks, body, options);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#writes.values());
  }
}

const runOf = ({ metadata, spec }: Task): string => `${metadata.uid}/${spec.run ?? 0}`;
