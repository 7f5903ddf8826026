import { TaskType } from '@osmo/crds';
import { type Clock, isNotFound, type KubeClient, type Logger } from '@osmo/kube';
import type { TaskRef } from './identity.ts';

/** How long an answer "it is there" or a failure to ask holds before the hub is asked again. */
const askAgainMs = 30_000;

/**
 * Asks the hub by name and UID whether a Task that the cache doesn't have is really gone. A cache can be behind, and its
 * selector can hide a Task whose label was changed; an answer to a direct read can't.
 */
export class TaskConfirmer {
  readonly #hub: KubeClient;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #gone = new Set<string>();
  readonly #asking = new Map<string, () => void>();

  constructor(hub: KubeClient, clock: Clock, logger: Logger) {
    this.#hub = hub;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** UIDs of the Tasks that the hub said do not exist. A UID never comes back. */
  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  /** Asks in the background, at most once at a time and every 30 s; `answered` is called whenever there is news. */
  ask(ref: TaskRef, answered: () => void): void {
    if (this.#asking.has(ref.uid) || this.#gone.has(ref.uid)) return;
    this.#asking.set(ref.uid, () => undefined);
    void this.#ask(ref).then((isGone) => {
      if (isGone) {
        this.#gone.add(ref.uid);
        this.#asking.delete(ref.uid);
        answered();
        return;
      }
      const cancel = this.#clock.setTimeout(askAgainMs, () => {
        this.#asking.delete(ref.uid);
        answered();
      });
      this.#asking.set(ref.uid, cancel);
    });
  }

  /** Nothing of the Task is left on the cluster: the answer is of no use any more. */
  forget(uid: string): void {
    this.#gone.delete(uid);
  }

  /** Cancels what is still to be asked. */
  stop(): void {
    for (const cancel of this.#asking.values()) cancel();
  }

  async #ask({ namespace, name, uid }: TaskRef): Promise<boolean> {
    try {
      const task = await this.#hub.get(TaskType, { namespace, name });
      return task.metadata.uid !== uid;
    } catch (error) {
      if (isNotFound(error)) return true;
      this.#logger.warn('cannot ask the hub about a task', { namespace, name, error: String(error) });
      return false;
    }
  }
}
