import type { Task } from '@osmo/crds';
import { isStoreError, listRecords, type ObjectStore, readRecord } from '@osmo/storage';

/** What a workflow that has left the cluster has left behind for others. */
export interface ArchivedWorkflow {
  readonly kind: 'found';
  readonly uid: string;
  /** Manifest of the output of each task by the task's name; undefined where its output folder was empty. */
  readonly outputs: ReadonlyMap<string, string | undefined>;
}

/** What the archive says of a name. */
export type Archived =
  | ArchivedWorkflow
  | { readonly kind: 'none' }
  /** It can't be asked, or its answer can't be used, for the time being. */
  | { readonly kind: 'failed'; readonly why: string; readonly retryAt: Date };

/** Records of a namespace whose names are looked at, the latest first. */
const mostEntries = 20_000;
/** Bytes of the text of a record: what ten thousand tasks have. */
const mostBytes = 128 * 1024 * 1024;
/** Answers that are kept. */
const mostKept = 256;
const timeoutMs = 30_000;
const retryMs = 30_000;

/**
 * Outputs of workflows that were archived, by name: of several of one name the latest. Lookups are answered from memory; what isn't known is noted,
 * and loaded by whoever asked.
 */
export class ArchivedOutputs {
  readonly #store: ObjectStore;
  readonly #answers = new Map<string, Archived>();
  readonly #loading = new Map<string, Promise<void>>();
  #wanted = new Set<string>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  /** What is known of a name; undefined: nothing yet, which is noted. */
  find(namespace: string, name: string, now: Date): Archived | undefined {
    const key = `${namespace}/${name}`;
    const answer = this.#answers.get(key);
    if (answer !== undefined && !(answer.kind === 'failed' && answer.retryAt <= now)) return answer;
    this.#wanted.add(key);
    return undefined;
  }

  /** What was asked for since the last call and isn't known. To be taken in the turn in which it was asked. */
  takeWanted(): string[] {
    const wanted = [...this.#wanted];
    this.#wanted = new Set();
    return wanted;
  }

  /** Looks names up, each once for all who ask. Never throws for the store: the answer says what is wrong. */
  async load(wanted: readonly string[], now: Date): Promise<void> {
    await Promise.all(
      wanted.map((key) => {
        const loading = this.#loading.get(key) ?? this.#load(key, now).finally(() => this.#loading.delete(key));
        this.#loading.set(key, loading);
        return loading;
      }),
    );
  }

  /** Something has happened to the workflow of this name in the cluster. */
  forget(namespace: string, name: string): void {
    this.#answers.delete(`${namespace}/${name}`);
  }

  async #load(key: string, now: Date): Promise<void> {
    const [namespace = '', name = ''] = key.split('/');
    const answer = await this.#asked(namespace, name).catch((error: unknown): Archived => {
      if (!isStoreError(error) && !(error instanceof DOMException)) throw error;
      return { kind: 'failed', why: (error as Error).message, retryAt: new Date(now.getTime() + retryMs) };
    });
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    for (const [oldest] of this.#answers) {
      if (this.#answers.size <= mostKept) break;
      this.#answers.delete(oldest);
    }
  }

  async #asked(namespace: string, name: string): Promise<Archived> {
    const signal = AbortSignal.timeout(timeoutMs);
    let looked = 0;
    for await (const entry of listRecords(this.#store, namespace, { signal })) {
      if (entry.name === name) {
        const record = await readRecord(this.#store, entry, { limit: mostBytes, signal });
        if (record !== undefined) return outputsOf(entry.uid, record.tasks as unknown as Task[]);
      }
      looked += 1;
      if (looked >= mostEntries) break;
    }
    return { kind: 'none' };
  }
}

function outputsOf(uid: string, tasks: readonly Task[]): ArchivedWorkflow {
  const outputs = new Map(tasks.map(({ spec, status }) => [spec.taskName, status?.data?.output?.manifest]));
  return { kind: 'found', uid, outputs };
}
