import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dieWithParent } from '../system/die-with-parent.ts';

/** A program to keep running beside us. */
export interface ChildSpec {
  name: string;
  command: string;
  arguments: string[];
  /** On top of ours. */
  environment?: Readonly<Record<string, string>>;
  /** Its output is appended here. */
  logFile: string;
}

/** A started program. */
export interface Child {
  readonly spec: ChildSpec;
  readonly pid: number;
  /** How it ended; undefined while it runs. */
  ended(): string | undefined;
  /** Sends a signal and waits for the end; after 2 s without one, kills. Does nothing when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts a program that the kernel kills when we end, in whatever way (setpriv's parent-death signal on Linux; elsewhere
 * only an orderly end is covered).
 */
export function startChild(spec: ChildSpec): Child {
  const log = openSync(spec.logFile, 'a');
  const [command, args] = dieWithParent(spec.command, spec.arguments);
  const child: ChildProcess = spawn(command, args, {
    stdio: ['ignore', log, log],
    env: { ...process.env, ...spec.environment },
  });
  closeSync(log);
  let ended: string | undefined;
  const over = new Promise<void>((done) => {
    child.once('error', (error) => done(void (ended = error.message)));
    child.once('exit', (code, signal) => done(void (ended = signal ?? `exit code ${code}`)));
  });
  // Our event loop may end while the program still runs: its owner decides when.
  child.unref();
  return {
    spec,
    pid: child.pid ?? -1,
    ended: () => ended,
    end: async (signal) => {
      if (ended !== undefined) return;
      child.ref();
      child.kill(signal);
      // The apiserver would drain its watches for a minute.
      const impatience = setTimeout(() => child.kill('SIGKILL'), 2000);
      await over;
      clearTimeout(impatience);
    },
  };
}

/** The last lines of a program's log, for an error message. */
export function logTail(file: string, lines = 8): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}
