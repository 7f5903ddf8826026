import type { Task, Workflow } from '@osmo/crds';
import type { WaitFacts } from '../queue/explain.ts';
import type { Admission } from './admission.ts';
import type { GraphTask, Problem } from '@osmo/workflow-spec/graph';
import type { Progress } from './progress.ts';
import type { RestartStep } from './restart.ts';
import type { Told } from './signals.ts';
import type { Desired } from '@osmo/kube';
import type { ResolvedData } from './data/resolve.ts';
import type { TaskContext } from './tasks.ts';

/** A task to create, and the object that has its name, if there is one. */
export interface Candidate {
  readonly task: GraphTask;
  /** A Task of this name that belongs to someone else. */
  readonly occupant?: Task | undefined;
  /** What its inputs and outputs were found to be. */
  readonly data?: ResolvedData | undefined;
}

/** What is known about writing the status, besides the status itself. */
export interface StatusWriting {
  /** When the status was last seen to change; undefined when that isn't known. */
  readonly at?: Date | undefined;
  /** How much of it can be stored: all, without what can be left out, or nothing for the time being. */
  readonly room: 'full' | 'compact' | 'none';
  /** When to try again, with room 'none'. */
  readonly retryAt?: Date | undefined;
  /** Whether an Event has said that nothing can be stored. */
  readonly told?: boolean | undefined;
}

/** All that the plan of one workflow depends on. */
export interface WorkflowWorld {
  readonly now: Date;
  readonly workflow: Workflow;
  /** Why the spec can't be run; then nothing below is there. */
  readonly problems?: readonly Problem[] | undefined;
  readonly progress?: Progress | undefined;
  /** Asked only when there are Tasks to create or none was. */
  readonly admission?: Admission | undefined;
  readonly context?: TaskContext | undefined;
  /** Tasks to create now, at most `batchLimit`. */
  readonly batch: readonly Candidate[];
  /** Tasks that exist and are to be told something, at most `batchLimit`. */
  readonly tell: readonly Told[];
  /** Who canceled it and why, if it was. */
  readonly canceled?: string | undefined;
  readonly suspended: boolean;
  /** Set when Tasks wait for nodes and none has one. */
  readonly wait?: WaitFacts | undefined;
  /** Set while a restart that is asked for has not taken place. */
  readonly restart?: RestartStep | undefined;
  /** Tasks of groups that can't be started, to be removed, at most `batchLimit`. */
  readonly surplus: readonly Task[];
  /** Versions of datasets, and datasets, to create since tasks have written them. Nothing is started before they are there. */
  readonly publish: readonly Desired[];
  /** How many tasks have written versions that aren't there yet. */
  readonly unpublished: number;
  /** What data a task whose turn has come misses. */
  readonly missing?: string | undefined;
  /** When to look for that data again, where nothing tells of news. */
  readonly dataRetryAt?: Date | undefined;
  /** What may have news for the data of it: see data/awaited.ts. */
  readonly awaits: readonly string[];
  /** What keeps Tasks from being created for the time being, in the API's words. */
  readonly hindrance?: string | undefined;
  readonly status: StatusWriting;
}
