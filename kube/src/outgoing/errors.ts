/** Why a call to the outside came to nothing. */
export const OutgoingReasons = {
  /** It must not be made: the URL or the address that it leads to is not allowed. Trying again won't help. */
  refused: 'Refused',
  /** The host has no address just now. */
  unresolved: 'Unresolved',
  /** The answer leads elsewhere, which is not followed. */
  redirected: 'Redirected',
  /** The answer is larger than what is taken. */
  tooLarge: 'TooLarge',
  timeout: 'Timeout',
  /** The connection could not be made, or broke. */
  failed: 'Failed',
} as const;
export type OutgoingReason = (typeof OutgoingReasons)[keyof typeof OutgoingReasons];

/** A call that came to nothing. The message names hosts, never paths, queries or headers: those may be secrets. */
export class OutgoingError extends Error {
  override readonly name = 'OutgoingError';
  readonly reason: OutgoingReason;

  constructor(reason: OutgoingReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }

  /** Whether the same call may come to something later. */
  get mayPass(): boolean {
    return this.reason !== OutgoingReasons.refused && this.reason !== OutgoingReasons.redirected;
  }
}
