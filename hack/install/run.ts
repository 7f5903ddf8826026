import { spawnSync } from 'node:child_process';

/** Where and how a program is run. */
export interface RunOptions {
  cwd?: string;
  environment?: NodeJS.ProcessEnv;
  /** Show what it prints instead of keeping it. */
  show?: boolean;
}

/**
 * Runs a program to its end and gives what it printed on stdout.
 *
 * @throws Error with the command and what it printed on stderr when it can't be run or ends with another code than 0.
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): string {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', options.show ? 'inherit' : 'pipe', options.show ? 'inherit' : 'pipe'],
  });
  if (result.error) throw new Error(`${command}: ${result.error.message}`);
  if (result.status !== 0) {
    const why = result.signal ? `killed by ${result.signal}` : `exit code ${result.status}`;
    throw new Error(`${[command, ...args].join(' ')}: ${why}${result.stderr ? `\n${result.stderr.trim()}` : ''}`);
  }
  return result.stdout ?? '';
}
