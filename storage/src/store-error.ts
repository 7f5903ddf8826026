/** Why an object store did not do what it was asked. */
export type StoreErrorReason =
  /** There is no object of that key. */
  | 'NotFound'
  /** `ifAbsent` was asked and there is an object of that key. */
  | 'AlreadyExists'
  /** Another version than the one that was asked for is there now, or none. */
  | 'Changed'
  /** The range begins behind the end of the object. */
  | 'InvalidRange'
  /** The object is larger than the reader allows. */
  | 'TooLarge'
  /** The store refuses these credentials, or this to them. */
  | 'Denied'
  /** The bucket or folder isn't there, or can't hold this object; nothing changes until somebody mends it. */
  | 'Misconfigured'
  /** The store can't be reached or failed; the same request may succeed later. */
  | 'Unavailable';

/** A request that an object store refused or failed. The message names the object's URL and never a credential. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;
  /** URL of the object or folder that it is about. */
  readonly url: string;

  constructor(reason: StoreErrorReason, url: string, detail: string, options?: { cause?: unknown }) {
    super(`${url}: ${detail}`, options);
    this.reason = reason;
    this.url = url;
  }
}

/** Whether an error is a StoreError, of one of these reasons when any are given. */
export function isStoreError(error: unknown, ...reasons: readonly StoreErrorReason[]): error is StoreError {
  return error instanceof StoreError && (reasons.length === 0 || reasons.includes(error.reason));
}
