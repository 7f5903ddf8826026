import { type Credential, isUsableCredential, Labels, userDigest } from '@osmo/crds';
import { isForbidden, isNotFound, type KubeClient, KubeError, type Logger } from '@osmo/kube';
import type { Task } from '../group/task.ts';
import { Credentials } from '../kinds.ts';

/** How long an answer holds for pods of the same workflow, run and attempt. */
const heldMs = 30_000;
/** Answers that are remembered; the oldest go first. */
const mostAnswers = 2_000;
const timeoutMs = 10_000;
/** More than applies to anybody in one namespace. */
const mostEntries = 1_000;

interface Answer {
  until: number;
  entries: Promise<readonly Credential[]>;
}

/**
 * The credentials that apply to tasks by themselves. The hub is asked when a workflow's pods are to be made, and anew for another run or
 * attempt: what somebody set before they submitted, or before they had it run again, is there. Only entries are read, never a Secret.
 */
export class CredentialDirectory {
  readonly #hub: Pick<KubeClient, 'list'>;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #answers = new Map<string, Answer>();
  /** What was last known of a workflow, for when the hub is away. */
  readonly #last = new Map<string, readonly Credential[]>();

  constructor(hub: Pick<KubeClient, 'list'>, logger: Pick<Logger, 'warn'>) {
    this.#hub = hub;
    this.#logger = logger;
  }

  /**
   * Entries of registries and storage that the task's submitter may use.
   *
   * @throws KubeError when the hub doesn't answer and nothing is known of the workflow
   */
  async for({ metadata, spec, status }: Task, now: Date, signal: AbortSignal): Promise<readonly Credential[]> {
    const key = `${spec.workflow.uid} ${spec.run ?? 0} ${status?.attempt ?? 0}`;
    const known = this.#answers.get(key);
    if (known !== undefined && known.until > now.getTime()) return known.entries;
    const { namespace = '' } = metadata;
    const entries = this.#ask(namespace, spec.submittedBy, spec.workflow.uid, signal);
    remember(this.#answers, key, { until: now.getTime() + heldMs, entries });
    try {
      const found = await entries;
      remember(this.#last, spec.workflow.uid, found);
      return found;
    } catch (error) {
      this.#answers.delete(key);
      throw error;
    }
  }

  async #ask(
    namespace: string,
    user: string | undefined,
    uid: string,
    signal: AbortSignal,
  ): Promise<readonly Credential[]> {
    const owners = ['shared', ...(user === undefined ? [] : [userDigest(user)])].join(',');
    const labelSelector = `${Labels.credentialOwner} in (${owners}),${Labels.credentialType} in (registry,data)`;
    try {
      const options = { namespace, labelSelector, limit: mostEntries, signal, timeoutMs };
      const { items } = await this.#hub.list(Credentials, options);
      return items.filter((entry) => isUsableCredential(entry, user));
    } catch (error) {
      signal.throwIfAborted();
      if (isForbidden(error) || isNotFound(error)) {
        this.#logger.warn('credentials can not be looked up on the hub: none applies by itself', { namespace, error });
        return [];
      }
      const last = this.#last.get(uid);
      if (last === undefined || !(error instanceof KubeError)) throw error;
      return last;
    }
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= mostAnswers) return;
    map.delete(oldest);
  }
}
