import { isAbort, isNotFound, isTransient, isUnauthorized, KubeError } from '../../client/errors.ts';
import { keyOf } from '../../client/resource.ts';
import { NameTakenError } from '../controller/errors.ts';
import type { Desired, Removal, StatusWrite } from '../plan.ts';

/** A write that the apiserver will not take, however often it is sent. */
export type RefusedWrite =
  { kind: 'apply'; desired: Desired } | { kind: 'remove'; removal: Removal } | { kind: 'status'; write: StatusWrite };

/** The object is larger than what can be stored (1.5 MiB) or sent. */
export function isTooLarge(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  if (error.status === 413) return true;
  // etcd's refusal reaches us as an internal error.
  return error.status === 500 && /request is too large|larger than max/.test(error.message);
}

/** The server understood and said no, for a reason that lies in the request or in its configuration. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof NameTakenError || isTooLarge(error)) return true;
  return error instanceof KubeError && [400, 403, 404, 405, 415, 422].includes(error.status);
}

/** Other requests would fare no better now. */
export function isFutile(error: unknown): boolean {
  return isAbort(error) || isUnauthorized(error) || (isTransient(error) && !isTooLarge(error));
}

/** The promise's value, or undefined when the server says that there is no such object. */
export async function ifFound<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** For the log: what was to be written. */
export function describeWrite(write: RefusedWrite): string {
  switch (write.kind) {
    case 'apply': {
      const { mode, type, object } = write.desired;
      return `${mode} ${type.kind} ${keyOf(object.metadata)}`;
    }
    case 'remove':
      return `remove ${write.removal.type.kind} ${keyOf(write.removal)}`;
    case 'status':
      return `status of ${write.write.type.kind} ${keyOf(write.write.object.metadata)}`;
  }
}
