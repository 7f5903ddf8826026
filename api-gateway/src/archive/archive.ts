import { ConditionTypes, type Task, type Workflow } from '@osmo/crds';
import { type Clock, findCondition, type Informer, type Logger } from '@osmo/kube';
import {
  archivedNamespaces,
  listRecords,
  type ObjectStore,
  readEntry,
  readRecord,
  type RecordEntry,
  type RecordSummary,
  summaryKey,
} from '@osmo/storage';
import { RequestError } from '../http/errors.ts';
import type { WorkflowRef } from '../workflows/ids.ts';
import { RecordIndex } from './record-index.ts';
import { workflowOfSummary } from './summary-view.ts';

/** Finished workflows whose objects are gone from the cluster. */
export interface Archive {
  /**
   * The latest workflow of a name, with its Tasks; undefined when there is none.
   *
   * @throws RequestError 503 when the archive can't be read
   */
  find(ref: WorkflowRef): Promise<ArchivedWorkflow | undefined>;
  /** Those that pass, the ones that ended last first; as far as lists show them. Looks at `mostLooked` at most. */
  page(request: ArchivePage, signal: AbortSignal): Promise<{ items: Workflow[]; more: boolean }>;
  /** Where the workflow of a UID was, as far as is known now. */
  named(uid: string): WorkflowRef | undefined;
  /** Names that are taken in a namespace, as far as is known now. */
  names(namespace: string): Iterable<string>;
}

export interface ArchivedWorkflow {
  workflow: Workflow;
  tasks: readonly Task[];
}

export interface ArchivePage {
  /** Whether workflows of a namespace may be shown. */
  readable: (namespaces: Iterable<string>) => Promise<(namespace: string) => boolean>;
  passes: (workflow: Workflow) => boolean;
  offset: number;
  limit: number;
}

/** Records that are known, those that ended last. */
const mostEntries = 50_000;
/** Records that one list looks at. */
export const mostLooked = 1_000;
/** Summaries that are kept when they have been read, of a kilobyte or so. */
const mostSummaries = 5_000;
/** Requests to the store that one list makes at a time. */
const readsAtOnce = 16;
/** Records that are read at a time: one may be of many megabytes. */
const recordsAtOnce = 2;
const mostRecordBytes = 64 << 20;
/** Workflows that end are noticed as they leave the cache; what was missed is found so often. */
const lookAgainMs = 3_600_000;
const tryAgainMs = 10_000;

/** The archive that the controllers write to. Read as lists and look-ups ask for it; nothing but names and times is kept of all. */
export function storedArchive(store: ObjectStore, live: Informer<Workflow>, clock: Clock, logger: Logger): Archive {
  const index = new RecordIndex(mostEntries);
  const summaries = new Map<string, RecordSummary>();
  let loading: Promise<void> | undefined;
  /** When to look through the archive again; 0: it never was. */
  let nextLook = 0;
  let nextTry = 0;
  live.onChange(({ old, new: now }) => {
    const entry = old !== undefined && now?.metadata.uid !== old.metadata.uid ? entryOf(old) : undefined;
    if (entry !== undefined) index.add([entry]);
  });
  const load = async (): Promise<void> => {
    for await (const namespace of archivedNamespaces(store)) {
      const found: RecordEntry[] = [];
      for await (const entry of listRecords(store, namespace)) {
        if (found.push(entry) === mostEntries) break;
      }
      index.add(found);
    }
  };
  /** Looks for what there is: the first who asks waits for it, and later ones don't. */
  const known = async (): Promise<void> => {
    const now = clock.now().getTime();
    if (now < nextLook) return;
    if (now < nextTry && nextLook === 0) throw new Error('the archive could not be looked through a moment ago');
    if (now < nextTry) return;
    loading ??= load()
      .then(
        () => void (nextLook = clock.now().getTime() + lookAgainMs),
        (error: unknown) => {
          nextTry = clock.now().getTime() + tryAgainMs;
          throw error;
        },
      )
      .finally(() => (loading = undefined));
    if (nextLook === 0) await loading;
    else loading.catch((error: unknown) => logger.warn('the archive could not be looked through', { error }));
  };
  const summaryOf = async (entry: RecordEntry, signal: AbortSignal): Promise<RecordSummary | undefined> => {
    const remembered = summaries.get(entry.uid);
    if (remembered !== undefined) return remembered;
    const summary = await readEntry(store, entry, { signal });
    if (summary === undefined) {
      // It was deleted without a record, or the record since.
      index.remove(entry.uid);
      return undefined;
    }
    summaries.set(entry.uid, summary);
    if (summaries.size > mostSummaries) {
      const oldest = summaries.keys().next();
      if (!oldest.done) summaries.delete(oldest.value);
    }
    return summary;
  };
  const isLive = ({ namespace, name, uid }: RecordEntry): boolean => live.get(namespace, name)?.metadata.uid === uid;
  const turn = turns(recordsAtOnce);
  return {
    async find({ namespace, name }) {
      return unlessBroken(logger, async () => {
        await known();
        for (const { uid } of index.named(namespace, name)) {
          // oxlint-disable-next-line no-await-in-loop
          const record = await turn(() => readRecord(store, { namespace, uid }, { limit: mostRecordBytes }));
          if (record === undefined) index.remove(uid);
          else return { workflow: record.workflow as unknown as Workflow, tasks: record.tasks as unknown as Task[] };
        }
        return undefined;
      });
    },
    async page({ readable, passes, offset, limit }, signal) {
      return unlessBroken(logger, async () => {
        await known();
        const all = index.newestFirst();
        const may = await readable(namespacesOf(all));
        const candidates: RecordEntry[] = [];
        for (const entry of all) {
          if (may(entry.namespace) && !isLive(entry) && candidates.push(entry) === mostLooked) break;
        }
        const items: Workflow[] = [];
        let skipped = 0;
        for (let at = 0; at < candidates.length; at += readsAtOnce) {
          const lot = candidates.slice(at, at + readsAtOnce);
          // oxlint-disable-next-line no-await-in-loop
          const found = await Promise.all(lot.map((entry) => summaryOf(entry, signal)));
          for (const summary of found) {
            const workflow = summary && workflowOfSummary(summary);
            if (workflow === undefined || !passes(workflow)) continue;
            if (items.length === limit) return { items, more: true };
            if (skipped < offset) skipped++;
            else items.push(workflow);
          }
        }
        return { items, more: false };
      });
    },
    named(uid) {
      const entry = index.get(uid);
      return entry && { namespace: entry.namespace, name: entry.name };
    },
    *names(namespace) {
      for (const entry of index.newestFirst()) if (entry.namespace === namespace) yield entry.name;
    },
  };
}

function* namespacesOf(entries: Iterable<RecordEntry>): Generator<string> {
  for (const { namespace } of entries) yield namespace;
}

/** The entry that the record of a finished workflow has, if it has one: the controllers write it before they delete. */
function entryOf({ metadata, status }: Workflow): RecordEntry | undefined {
  const { namespace = '', name, uid = '' } = metadata;
  const succeeded = findCondition(status?.conditions, ConditionTypes.succeeded);
  if (succeeded === undefined || succeeded.status === 'Unknown') return undefined;
  const completionTime = new Date(status?.completionTime ?? succeeded.lastTransitionTime);
  if (Number.isNaN(completionTime.getTime())) return undefined;
  const named = { namespace, name, uid, completionTime };
  return { ...named, key: summaryKey(named) };
}

/** Lets only so many do something at a time; the others wait their turn. */
function turns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

/** @throws RequestError 503 instead of what the store says, which is for the log */
async function unlessBroken<T>(logger: Logger, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    logger.warn('the archive could not be read', { error });
    const message = 'the archive of finished workflows can not be read now; try again';
    throw new RequestError(503, 'SERVER', message, { headers: { 'retry-after': '10' } });
  }
}
