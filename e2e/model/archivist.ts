import type { Task, Workflow } from '@osmo/crds';
import { deletionTime } from '../../controllers/src/archive/ended.ts';
import { planArchive } from '../../controllers/src/archive/plan.ts';
import type { Hub } from './hub.ts';
import type { Store } from './store.ts';

export interface Recorded {
  workflow: Workflow;
  tasks: Task[];
}

/** What the hub does after the end: it records the workflow of its cache, then removes what it recorded. */
export class Archivist {
  readonly #store: Store;
  readonly #hub: Hub;
  readonly #ttlSeconds: number;
  #record: Recorded | undefined;

  constructor(store: Store, hub: Hub, ttlSeconds: number) {
    this.#store = store;
    this.#hub = hub;
    this.#ttlSeconds = ttlSeconds;
  }

  /** Writes the record, if it is time: the workflow as the cache has it, its Tasks as they are. */
  record(): Recorded | undefined {
    const workflow = this.#hub.cached;
    const deleteAt = this.#deleteAt(workflow);
    this.#record = undefined;
    if (deleteAt === undefined || this.#store.processTime < deleteAt) return undefined;
    this.#record = structuredClone({ workflow, tasks: [...this.#store.tasks.values()] });
    return this.#record;
  }

  /** Removes what was recorded; whether it went. */
  remove(): boolean {
    const record = this.#record;
    const deleteAt = record && this.#deleteAt(record.workflow);
    if (record === undefined || deleteAt === undefined) return false;
    const archived = { state: 'Stored' as const, url: 'file:///archive' };
    const world = { now: this.#store.processTime, workflow: record.workflow, deleteAt, archived };
    const [removal] = planArchive(world).remove ?? [];
    return removal !== undefined && this.#store.deleteWorkflow(removal.resourceVersion);
  }

  #deleteAt(workflow: Workflow): Date | undefined {
    return deletionTime(workflow, { defaultTtlSeconds: this.#ttlSeconds, leastSeconds: 5 });
  }
}
