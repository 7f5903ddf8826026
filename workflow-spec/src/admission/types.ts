import type { AdmissionData } from './data.ts';
import type { Backend, Platform, Pool, Workflow } from '@osmo/crds';

/** One thing that is wrong with a field of a Workflow, in the words of the person who has to mend it. */
export interface FieldProblem {
  /** From the root, as the apiserver prints it: `spec.tasks[2].resource`. */
  readonly path: string;
  /** What was found there; long ones are cut. */
  readonly value?: unknown;
  /** What is wrong, what is allowed and what to do, as the end of a sentence that begins with the path. */
  readonly message: string;
}

/** RFC 6902. Only what adds or replaces: a default takes nothing away. */
export interface JsonPatchOperation {
  readonly op: 'add' | 'replace';
  /** RFC 6901: `/spec/pool`. */
  readonly path: string;
  readonly value: unknown;
}

/** Who submits: as the apiserver tells a webhook. */
export interface AdmissionUser {
  readonly name: string;
  readonly groups?: readonly string[];
}

/** All that a Workflow is judged by, besides itself. */
export interface AdmissionWorld {
  /** By name. */
  readonly pools: ReadonlyMap<string, Pool>;
  /** By name. */
  readonly platforms: ReadonlyMap<string, Platform>;
  /** By name; undefined when they are not known: nothing is then compared with nodes that exist. */
  readonly backends?: ReadonlyMap<string, Backend> | undefined;
  /** Pool of a Workflow that names none: the namespace's, else the user's. */
  readonly defaultPool?: string | undefined;
  /** Types of the credentials of the namespace, by name of the Secret; undefined when they are not known: then none is checked. */
  readonly credentials?: ReadonlyMap<string, string> | undefined;
  /** What the namespace has of the data that the workflow names; undefined when it isn't known: then none is checked. */
  readonly data?: AdmissionData | undefined;
  /** At an update: the object before it. Only what can still be changed is then judged. */
  readonly old?: Workflow | undefined;
  readonly user: AdmissionUser;
}

/** The answer to a submission: it is refused when there is a problem. */
export interface AdmissionAnswer {
  /** In the order of the spec, at most 100; the last then says how many more there are. */
  readonly problems: readonly FieldProblem[];
  /** What the object gets that its author left out. */
  readonly defaults: readonly JsonPatchOperation[];
  /** What does not keep it from being stored: what it will wait for, and what will be cut. */
  readonly warnings: readonly string[];
}
