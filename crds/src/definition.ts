import type * as z from 'zod';
import type { ResourceType } from './object.ts';

/** A column of `kubectl get`. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description: string;
  /** 1 = only with `-o wide`. */
  readonly priority?: 1;
}

/** All that makes a kind: what the CRD, the reference page and the validator are made from. */
export interface KindDefinition {
  readonly type: ResourceType;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** What the kind is, for `kubectl explain` and the head of its reference page. */
  readonly description: string;
  /** Limits on `metadata.name` where Kubernetes' own are too wide. */
  readonly name?: z.ZodString;
  /** What the name of an object must have to do with its spec: CEL on the whole object, and the same in TypeScript. */
  readonly nameRule?: {
    readonly rule: string;
    readonly message: string;
    readonly holds: (name: string, spec: unknown) => boolean;
  };
  /** Fields of the spec that can be changed after creation; absent when all can. */
  readonly mutable?: readonly string[];
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
}
