import type { Task, Workflow } from '@osmo/crds';
import type { Admission } from './admission.ts';
import { compileGraph, type Graph, type Problem, writtenGroups } from '@osmo/workflow-spec/graph';
import { needsOf, type Need } from '@osmo/workflow-spec/admission';
import { isAtRest } from './restart.ts';
import { consumedTasks } from './data/keep.ts';
import { publicationsOf } from './data/publish.ts';
import type { StatusWriting } from './world.ts';
import { applyTaskChange, rebuildProgress, type Progress } from './progress.ts';

/** What is kept in memory about one workflow that has not ended. All of it can be made again from the caches. */
export interface WorkflowRecord {
  readonly uid: string;
  readonly generation: number | undefined;
  readonly compiled:
    | {
        readonly graph: Graph;
        readonly needs: readonly Need[];
        readonly progress: Progress;
        /** See `consumedTasks`. */
        readonly consumed: ReadonlySet<string>;
        /** Names of Task objects that have ended and whose outputs are to be versions of datasets: some may be already. */
        readonly publishing: Set<string>;
      }
    | { readonly problems: readonly Problem[] };
  /** The last answer of admission and the versions of the objects that it was made from. */
  admission: { versions: string; answer: Admission } | undefined;
  hindrance: string | undefined;
  status: StatusWriting;
}

/** UID of the Workflow that controls a Task. */
export function controllerUidOf(task: Task): string | undefined {
  return task.metadata.ownerReferences?.find((owner) => owner.controller === true && owner.kind === 'Workflow')?.uid;
}

const isToPublish = (task: Task): boolean => publicationsOf(task).length > 0;

/**
 * The records of all workflows that are under way: a workflow's graph is compiled once, and its progress is counted once
 * and then follows each change of a Task.
 */
export class WorkflowRecords {
  readonly #records = new Map<string, WorkflowRecord>();
  readonly #tasksOf: (workflowUid: string) => Iterable<Task>;

  /** `tasksOf` reads the cache that `taskChanged` is called by; it is asked when a record is made. */
  constructor(tasksOf: (workflowUid: string) => Iterable<Task>) {
    this.#tasksOf = tasksOf;
  }

  /** The record of this workflow, made now if there is none for its generation. */
  recordOf(workflow: Workflow): WorkflowRecord {
    const { uid = '', generation } = workflow.metadata;
    const known = this.#records.get(uid);
    if (known !== undefined && known.generation === generation) return known;
    const record: WorkflowRecord = {
      uid,
      generation,
      compiled: this.#compile(workflow, uid),
      admission: undefined,
      hindrance: undefined,
      status: known?.status ?? { room: 'full' },
    };
    this.#records.set(uid, record);
    return record;
  }

  #compile(workflow: Workflow, uid: string): WorkflowRecord['compiled'] {
    const { graph, problems } = compileGraph(workflow.spec);
    if (graph === undefined) return { problems };
    const needs = needsOf(
      workflow.spec,
      writtenGroups(workflow.spec).flatMap(({ tasks }) => tasks),
    );
    const tasks = [...this.#tasksOf(uid)];
    const publishing = new Set(tasks.filter(isToPublish).map(({ metadata }) => metadata.name));
    return { graph, needs, progress: rebuildProgress(graph, tasks), consumed: consumedTasks(graph), publishing };
  }

  /** The record with this UID, if there is one. */
  find(uid: string | undefined): WorkflowRecord | undefined {
    return uid === undefined ? undefined : this.#records.get(uid);
  }

  /** Takes a change of the cache over. Call it for every change, in order, before anyone reads a record. */
  taskChanged({ old, new: now }: { old?: Task; new?: Task }): void {
    const before = old === undefined ? undefined : controllerUidOf(old);
    const after = now === undefined ? undefined : controllerUidOf(now);
    if (before !== after) this.#change(before, old, undefined);
    this.#change(after ?? before, before === after ? old : undefined, now);
  }

  #change(uid: string | undefined, before: Task | undefined, after: Task | undefined): void {
    const record = this.find(uid);
    if (record === undefined || 'problems' in record.compiled) return;
    if (after !== undefined && before === undefined) record.hindrance = undefined;
    applyTaskChange(record.compiled.progress, before, after);
    if (after !== undefined && isToPublish(after)) record.compiled.publishing.add(after.metadata.name);
    else record.compiled.publishing.delete((after ?? before)?.metadata.name ?? '');
  }

  /** Takes a change of a Workflow over: what is gone or has come to rest is forgotten, else the status may have changed. */
  workflowChanged({ old, new: now }: { old?: Workflow; new?: Workflow }, at: Date): void {
    const uid = now?.metadata.uid;
    if (old !== undefined && old.metadata.uid !== uid) this.forget(old.metadata.uid);
    if (now !== undefined && isAtRest(now)) this.forget(uid);
    const record = this.find(uid);
    // Without a new generation it is the status that changed, and only we write that.
    if (old !== undefined && record !== undefined && old.metadata.generation === now?.metadata.generation) {
      record.status = { ...record.status, at };
    }
  }

  /** Forgets a workflow that has ended or is gone. */
  forget(uid: string | undefined): void {
    if (uid !== undefined) this.#records.delete(uid);
  }

  get size(): number {
    return this.#records.size;
  }
}
