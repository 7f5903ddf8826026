import type { Callback } from './login/loopback.ts';
import type { Incoming, Outgoing } from './http/exchange.ts';

/** Where text goes, and bytes as they are. */
export interface Terminal {
  write(text: string | Uint8Array): void;
  /** Resolves once what was written has been taken, so that a slow reader slows down who writes. */
  drained(): Promise<void>;
  /** Whether a person looks at it. */
  readonly isTTY: boolean;
  /** Characters of a line; 0 where there is no such thing. */
  readonly columns: number;
}

/** All that a command sees of the machine it runs on; tests give their own. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home folder. */
  readonly home: string;
  /** Name of the user on this machine. */
  readonly user: string;
  readonly cwd: string;
  readonly out: Terminal;
  readonly err: Terminal;
  /** All of standard input. */
  readInput(): Promise<string>;
  /** Asks whoever sits at the terminal for a line; undefined when nobody does. */
  ask(question: string, options?: { hidden?: boolean }): Promise<string | undefined>;
  /** Lets whoever sits at the terminal change a text in an editor, as a file of that name; undefined when nobody does. */
  edit(text: string, name: string): Promise<string | undefined>;
  /** Sends a request; throws what keeps a connection from coming about. */
  exchange(address: string, request: Outgoing): Promise<Incoming>;
  /** Opens an address in a browser; false where there is none. */
  open(address: string): Promise<boolean>;
  /** Waits on a port of this machine, 0 for any free one, for a browser to come back with this state. */
  listen(port: number, state: string): Promise<Callback>;
  now(): Date;
  /** Resolves after so many ms, rejects when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Time zone in which times are shown; undefined: the machine's. */
  readonly timeZone: string | undefined;
  /** Aborts on Ctrl-C. */
  readonly signal: AbortSignal;
}
