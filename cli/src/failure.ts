import { type ExitCode, ExitCodes } from './exit-codes.ts';

/** What ends a command: a message for its user, and what the process ends with. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  /** HTTP status of the answer that it comes from; 1 where there is none, as upstream prints it. */
  readonly code: number;

  constructor(exitCode: ExitCode, message: string, code = 1) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** The command line, or a file that it names, can't be used. */
export const usageFailure = (message: string): Failure => new Failure(ExitCodes.usage, message);
