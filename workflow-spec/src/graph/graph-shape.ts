import type { MatrixAxis, TaskTemplate } from '@osmo/crds';

/** One `count` or `matrix`. */
export interface FanOut {
  /** How many instances it makes. */
  readonly size: number;
  /** With `matrix`: what the instances differ in, the last axis changing first. */
  readonly axes: readonly MatrixAxis[];
}

/** A task of the spec that stands for several, since it or its group has `count` or `matrix`. */
export interface GraphEntry {
  readonly name: string;
  /** Of the task, for messages: `spec.tasks[1]`. */
  readonly path: string;
  /** Of its group, if that has one. */
  readonly outer: FanOut | undefined;
  /** Of itself, if it has one. */
  readonly inner: FanOut | undefined;
  /** Number of instances: the product of both. */
  readonly size: number;
  /** Indexes of the instances in `Graph.tasks`, instance 0 first. */
  readonly tasks: readonly number[];
}

/** One task of a compiled workflow. */
export interface GraphTask {
  /** Position among all tasks, in the order of the spec. */
  readonly index: number;
  /** Position of its group in `Graph.groups`. */
  readonly group: number;
  readonly name: string;
  /** Whether its end decides the group's; always true for the only task of a group. */
  readonly lead: boolean;
  /** Shared by the instances of an entry. */
  readonly template: TaskTemplate;
  /** Where it is in the object, for messages: `spec.groups[0].tasks[1]`. */
  readonly path: string;
  /** Set on the instances of an entry. */
  readonly entry: GraphEntry | undefined;
  /** Number of the instance within the entry, from 0: those of one group are next to each other. */
  readonly instance: number;
}

/** The unit that is started as a whole. A task outside of `groups` is the only one of the group `<task>-group`. */
export interface GraphGroup {
  readonly index: number;
  readonly name: string;
  readonly barrier: boolean;
  readonly ignoreNonleadStatus: boolean;
  readonly tasks: readonly GraphTask[];
  /** What must complete first, each once, ascending: groups and, from `Graph.groups.length` on, joins. */
  readonly upstream: readonly number[];
  /** What waits for this one, numbered alike. */
  readonly downstream: readonly number[];
  /** Position in `Graph.lanes`. */
  readonly lane: number;
  readonly path: string;
}

/**
 * Stands between all groups of an entry and all that need the whole entry, so that a thousand instances that need a
 * thousand others are two thousand edges and not a million. Complete when all `upstream` are.
 */
export interface GraphJoin {
  /** Groups and other joins, numbered as those of a group. */
  readonly upstream: readonly number[];
  readonly downstream: readonly number[];
}

/** Groups of which only so many may be started and not ended at a time. Lane 0 is of all that have no limit of their own. */
export interface GraphLane {
  readonly maxParallel: number | undefined;
}

/** A workflow's spec as a directed acyclic graph of groups, in the order of the spec, instances written out. */
export interface Graph {
  readonly groups: readonly GraphGroup[];
  readonly joins: readonly GraphJoin[];
  readonly lanes: readonly GraphLane[];
  readonly tasks: readonly GraphTask[];
  readonly taskByName: ReadonlyMap<string, GraphTask>;
  readonly groupByName: ReadonlyMap<string, GraphGroup>;
  readonly entryByName: ReadonlyMap<string, GraphEntry>;
}
