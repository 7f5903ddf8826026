import type { TaskTemplate } from '@osmo/crds';

/** One task of a compiled workflow. */
export interface GraphTask {
  /** Position among all tasks, in the order of the spec. */
  readonly index: number;
  /** Position of its group in `Graph.groups`. */
  readonly group: number;
  readonly name: string;
  /** Whether its end decides the group's; always true for the only task of a group. */
  readonly lead: boolean;
  readonly template: TaskTemplate;
  /** Where it is in the object, for messages: `spec.groups[0].tasks[1]`. */
  readonly path: string;
}

/** The unit that is started as a whole. A task outside of `groups` is the only one of the group `<task>-group`. */
export interface GraphGroup {
  readonly index: number;
  readonly name: string;
  readonly barrier: boolean;
  readonly ignoreNonleadStatus: boolean;
  readonly tasks: readonly GraphTask[];
  /** Groups that must complete first, each once, ascending. */
  readonly upstream: readonly number[];
  /** Groups that wait for this one, each once, ascending. */
  readonly downstream: readonly number[];
  readonly path: string;
}

/** A workflow's spec as a directed acyclic graph of groups, in the order of the spec. */
export interface Graph {
  readonly groups: readonly GraphGroup[];
  readonly tasks: readonly GraphTask[];
  readonly taskByName: ReadonlyMap<string, GraphTask>;
  readonly groupByName: ReadonlyMap<string, GraphGroup>;
}
