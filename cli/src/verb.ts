import type { Session } from './session.ts';

/** An option as `--help` shows it: `-n, --count <number>`; `<name...>` takes several values and may be repeated. */
export interface OptionSpec {
  flags: string;
  description: string;
  /** Allowed values; upper and lower case are the same. */
  choices?: readonly string[];
  /** How the value is read; a text when not given. */
  type?: 'integer' | 'date';
  /** Smallest integer; 0 when not given. */
  minimum?: number;
  default?: string | number;
}

export interface ArgumentSpec {
  /** `file`, or `ids...` for one or more. */
  name: string;
  description: string;
  optional?: boolean;
  /** What it may be, for shell completion. */
  choices?: readonly string[];
}

/** How a result may be printed: `text` is upstream's, `wide` has more columns. */
export type OutputFormat = 'text' | 'wide' | 'json' | 'yaml' | 'name';

/** What a command was called with. Asking for an option that the verb hasn't declared is a mistake of the program. */
export interface Input {
  readonly args: readonly string[];
  readonly format: OutputFormat;
  /** Words of the command, joined by '-': `data-upload`. */
  readonly command: string;
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  integer(option: string): number | undefined;
  flag(option: string): boolean;
}

/** One command, with everything that `--help`, the reference and shell completion are made of. */
export interface Verb {
  /** Words of the command: `['workflow', 'submit']`. */
  path: readonly string[];
  summary: string;
  /** More than the summary says. */
  description?: string;
  arguments?: readonly ArgumentSpec[];
  options?: readonly OptionSpec[];
  /** What can be copied, each with what it does; `osmo ` is put in front. */
  examples: readonly (readonly [command: string, what: string])[];
  /** Formats beside text: options `--output` (`-o` where that is free) and, unless `formatType` is `long`, `-t`. */
  formats?: readonly Exclude<OutputFormat, 'text'>[];
  formatType?: 'long';
  run(session: Session, input: Input): Promise<void>;
}
