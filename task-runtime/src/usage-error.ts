/** A command line that can't be used; the message names the flag, its value and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
