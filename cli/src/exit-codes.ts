/** What the process ends with; upstream's numbers, which scripts rely on. */
export const ExitCodes = {
  ok: 0,
  /** A submission was refused for what it says: error codes USAGE, RESOURCE and, when submitting, CREDENTIAL. */
  submission: 1,
  /** A wrong command line, or any other refusal. */
  usage: 2,
  interrupted: 3,
  /** A workflow that was waited for has failed. */
  failed: 4,
  /** The gateway failed, can't be reached or doesn't speak JSON. */
  server: 10,
  /** Told to come back later (HTTP 429) more often than this program is ready to wait. */
  busy: 75,
} as const;

export type ExitCode = (typeof ExitCodes)[keyof typeof ExitCodes];
