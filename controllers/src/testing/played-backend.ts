import { Api, FieldManagers, Labels } from '@osmo/crds';
import type { Task, TaskStatus } from '@osmo/crds';
import { isNotFound, type KubeClient, newInformer, silentLogger, systemClock } from '@osmo/kube';
import { timeOf } from '../conditions.ts';
import { Tasks } from '../kinds.ts';

/** What a task is to come to; 'hang': it runs until someone else ends it. */
export type Script = (task: Task) => Partial<TaskStatus> | 'hang';

/**
 * A backend without pods: as soon as all Tasks of a group are there it says that they run, then how they ended. It keeps
 * account of what it ran, so that a test can see what was run twice.
 */
export class PlayedBackend {
  readonly #stop = new AbortController();
  readonly #client: KubeClient;
  readonly #script: Script;
  readonly #groups = new Map<string, Map<string, Task>>();
  /** UIDs of Tasks by name, in the order in which they were started. */
  readonly ran = new Map<string, string[]>();
  readonly order: string[] = [];
  readonly errors: unknown[] = [];
  #writes: Promise<unknown> = Promise.resolve();

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
      if (old === undefined && now !== undefined) this.#added(now);
      else if (old !== undefined && now === undefined) this.#groupOf(old).delete(old.metadata.name);
    });
    informer.start(this.#stop.signal);
  }

  #groupOf(task: Task): Map<string, Task> {
    const key = `${task.spec.workflow.uid}/${task.spec.group.name}`;
    const group = this.#groups.get(key) ?? new Map<string, Task>();
    this.#groups.set(key, group);
    return group;
  }

  #added(task: Task): void {
    const group = this.#groupOf(task).set(task.metadata.name, task);
    if (group.size !== task.spec.group.size) return;
    for (const member of group.values()) {
      if (member.status !== undefined) continue;
      this.#writes = Promise.all([this.#writes, this.#run(member)]);
    }
  }

  async #run(task: Task): Promise<void> {
    const { name, uid = '' } = task.metadata;
    this.ran.set(name, [...(this.ran.get(name) ?? []), uid]);
    this.order.push(name);
    try {
      const startTime = timeOf(new Date());
      await this.#write(task, { phase: 'Running', startTime });
      const end = this.#script(task);
      if (end === 'hang') return;
      await this.#write(task, {
        phase: 'Completed',
        exitCode: 0,
        startTime,
        completionTime: timeOf(new Date()),
        ...end,
      });
    } catch (error) {
      if (!isNotFound(error) && !this.#stop.signal.aborted) this.errors.push(error);
    }
  }

  async #write(task: Task, status: Partial<TaskStatus>): Promise<void> {
    const { name, namespace = '', uid = '' } = task.metadata;
    const metadata = { name, namespace, uid };
    const options = { fieldManager: FieldManagers.backendOperator, force: true, subresource: 'status' };
    const body = {
      apiVersion: Api.apiVersion,
      kind: 'Task' as const,
      metadata,
      status: { attempt: 0, conditions: [], ...status },
    };
    await this.#client.apply(Tasks, body, options);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#writes;
  }
}
