import { Labels } from '@osmo/crds';
import type { Task, Workflow } from '@osmo/crds';
import { type Event, type Informer, type KubeClient, listPages, type Logger } from '@osmo/kube';
import { isStoreError, type ObjectStore, type RecordedObject, writeRecord } from '@osmo/storage';
import { Tasks } from '../kinds.ts';
import { eventsAbout, withoutManagedFields } from './events.ts';
import type { ArchiveMetrics } from './metrics.ts';
import type { Archived } from './plan.ts';
import { summaryOf } from './summary.ts';

const firstPauseMs = 5_000;
const longestPauseMs = 300_000;

export interface ArchiverOptions {
  store: ObjectStore;
  client: Pick<KubeClient, 'list'>;
  events: Pick<Informer<Event>, 'byIndex'>;
  metrics: ArchiveMetrics;
}

/** Writes records of finished workflows, and remembers which could not be written. */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #failures = new Map<string, { count: number; retryAt: Date }>();

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** To be told when a workflow is gone. */
  forget(uid: string | undefined): void {
    if (uid !== undefined) this.#failures.delete(uid);
  }

  /**
   * Makes sure that the record is in the archive. That the store fails is an answer; the next attempts come after 5 s, 10 s
   * and so on up to 5 minutes.
   *
   * @throws KubeError when the Tasks can't be read
   */
  async archive(
    workflow: Workflow,
    end: Date,
    { now, signal, logger }: { now: Date; signal: AbortSignal; logger: Logger },
  ): Promise<Archived> {
    const { store, metrics } = this.#options;
    const { uid = '' } = workflow.metadata;
    const failed = this.#failures.get(uid);
    if (failed !== undefined && now < failed.retryAt) return { state: 'Waiting', retryAt: failed.retryAt };
    const source = {
      summary: summaryOf(workflow, end),
      workflow: withoutManagedFields(workflow),
      ...this.#dependents(workflow, signal),
      imageOf,
    };
    try {
      const { url, outcome } = await writeRecord(store, source, { signal });
      this.#failures.delete(uid);
      metrics.stored();
      logger.info('the record of a workflow is in the archive', { url, outcome });
      return { state: 'Stored', url };
    } catch (error) {
      if (!isStoreError(error)) throw error;
      const count = (failed?.count ?? 0) + 1;
      const retryAt = new Date(now.getTime() + Math.min(firstPauseMs * 2 ** (count - 1), longestPauseMs));
      this.#failures.set(uid, { count, retryAt });
      metrics.failed();
      logger.error('the record of a workflow could not be archived', { error, failures: count, retryAt });
      return { state: 'Failed', message: error.message, retryAt };
    }
  }

  /** Tasks from the API itself, page by page: a cache may not have their last words yet. */
  #dependents(
    { metadata }: Workflow,
    signal: AbortSignal,
  ): { tasks: AsyncIterable<Task>; events: AsyncIterable<Event> } {
    const { client, events } = this.#options;
    const { namespace, uid = '' } = metadata;
    const subjects = [uid];
    async function* tasks(): AsyncGenerator<Task> {
      for await (const { items } of listPages(client, Tasks, {
        namespace,
        labelSelector: `${Labels.workflowUid}=${uid}`,
        signal,
      })) {
        for (const task of items) {
          subjects.push(task.metadata.uid ?? '');
          yield withoutManagedFields(task);
        }
      }
    }
    // Read after the tasks, whose UIDs it needs.
    async function* about(): AsyncGenerator<Event> {
      for (const subject of subjects) yield* eventsAbout(events, subject);
    }
    return { tasks: tasks(), events: about() };
  }
}

function imageOf(object: RecordedObject): { image: string; imageIDs: string[] } {
  const { spec, status } = object as Task;
  const ran = [...(status?.attempts ?? []), ...(status === undefined ? [] : [status])];
  return { image: spec.image, imageIDs: ran.map(({ imageID }) => imageID).filter((imageID) => imageID !== undefined) };
}
