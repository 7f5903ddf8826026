import type { ObjectRef } from '../../client/types.ts';

/** Thrown by a reconcile when trying again is useless until something changes: counted and logged, not retried. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** Thrown when a reconcile takes longer than its controller allows. */
export class ReconcileTimeoutError extends Error {
  override readonly name = 'ReconcileTimeoutError';
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`the reconcile took longer than ${timeoutMs} ms`);
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown when an object to be created has the name of one that belongs to someone else. */
export class NameTakenError extends Error {
  override readonly name = 'NameTakenError';
  readonly kind: string;
  readonly ref: ObjectRef;
  /** UID of the object that is there. */
  readonly uid: string | undefined;

  constructor(kind: string, ref: ObjectRef, uid: string | undefined) {
    const where = ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`;
    super(`${kind} ${JSON.stringify(ref.name)}${where} exists and belongs to someone else`);
    this.kind = kind;
    this.ref = ref;
    this.uid = uid;
  }
}

/** A mistake in code rather than something that was observed: what Go would call a panic. */
export function isProgrammingError(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    error instanceof ReferenceError ||
    error instanceof SyntaxError ||
    !(error instanceof Error)
  );
}

/** Thrown instead of a write by a process that has lost its leadership. */
export class NotLeadingError extends Error {
  override readonly name = 'NotLeadingError';

  constructor() {
    super('leadership is lost; nothing may be written');
  }
}
