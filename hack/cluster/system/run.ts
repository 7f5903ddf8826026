import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a finished program wrote and how it ended. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Text for its standard input. */
  input?: string;
  environment?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Gives a non-zero exit code back instead of throwing. */
  allowFailure?: boolean;
  timeoutMs?: number;
  /** Told each whole line of stderr as it comes. */
  onErrorLine?: (line: string) => void;
}

/** A program that ended with a code other than 0, or that could not be started. */
export class RunError extends Error {
  override name = 'RunError';
  readonly result: RunResult | undefined;
  constructor(command: string, result: RunResult | undefined, why: string) {
    super(`${command}: ${why}`);
    this.result = result;
  }
}

/**
 * Runs a program to its end and collects its output.
 *
 * @throws RunError with the end of stderr when it can't be started or ends with a code other than 0.
 */
export async function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.environment && { env: options.environment }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  if (options.onErrorLine) createInterface({ input: child.stderr }).on('line', options.onErrorLine);
  // A program that ends without reading its input must not take us down with EPIPE.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const name = [command, ...args.slice(0, 3)].join(' ');
  // Node's own limit goes on ticking when there is no such program.
  const limit =
    options.timeoutMs !== undefined ? setTimeout(() => child.kill('SIGKILL'), options.timeoutMs) : undefined;
  const code = await new Promise<number>((done, failed) => {
    child.once('error', (error) => failed(new RunError(name, undefined, error.message)));
    child.once('close', (exit, signal) => done(exit ?? (signal ? 137 : 1)));
  }).finally(() => clearTimeout(limit));
  const result = { code, ...output };
  if (code !== 0 && !options.allowFailure) {
    throw new RunError(name, result, `ended with ${code}: ${(output.stderr || output.stdout).trim().slice(-1500)}`);
  }
  return result;
}
