import { Tasks } from '../kinds.ts';
import { isNotFound, type KubeClient } from '@osmo/kube';
import type { TaskRef } from './identity.ts';

/**
 * Tasks of which the hub itself has said that they do not exist. A cache can be behind, and its selector can hide a Task
 * whose label was changed; the answer to a direct read can't.
 */
export class GoneTasks {
  readonly #hub: KubeClient;
  readonly #uids = new Set<string>();

  constructor(hub: KubeClient) {
    this.#hub = hub;
  }

  /** UIDs; one that is in here never comes back. */
  get uids(): ReadonlySet<string> {
    return this.#uids;
  }

  /**
   * Asks the hub about these Tasks by name and UID, and remembers those that are gone.
   *
   * @throws what the hub answers other than the Task or `NotFound`; nothing is concluded from that
   */
  async ask(refs: readonly TaskRef[], signal: AbortSignal): Promise<void> {
    await Promise.all(
      refs.map(async (ref) => {
        if (await this.#isGone(ref, signal)) this.#uids.add(ref.uid);
      }),
    );
  }

  /** Nothing of the Task is left on the cluster: the answer is of no use any more. */
  forget(uid: string): void {
    this.#uids.delete(uid);
  }

  async #isGone({ namespace, name, uid }: TaskRef, signal: AbortSignal): Promise<boolean> {
    try {
      const task = await this.#hub.get(Tasks, { namespace, name }, { signal });
      return task.metadata.uid !== uid;
    } catch (error) {
      if (isNotFound(error)) return true;
      throw error;
    }
  }
}
