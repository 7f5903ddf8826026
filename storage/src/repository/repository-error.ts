/** Why a repository did not do what it was asked. */
export type RepositoryErrorReason =
  /** An object of the store does not say what was written. */
  | 'Corrupt'
  /** What was given can't be in a version. */
  | 'Refused'
  /** The store holds no repository, or one of a form that this program doesn't know. */
  | 'Format'
  /** The commit stood still for so long that garbage collection took what it refers to; doing it again helps. */
  | 'Conflict';

/** A failure of a repository, apart from those of its store (`StoreError`). */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
  readonly reason: RepositoryErrorReason;

  constructor(reason: RepositoryErrorReason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.reason = reason;
  }
}

/** Whether an error is a RepositoryError, of one of these reasons when any are given. */
export function isRepositoryError(
  error: unknown,
  ...reasons: readonly RepositoryErrorReason[]
): error is RepositoryError {
  return error instanceof RepositoryError && (reasons.length === 0 || reasons.includes(error.reason));
}
