import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Clock, systemClock } from '../clock.ts';
import { type ClientFactory, clientFactory } from './client-factory.ts';
import type { Logger } from '../logger.ts';
import { ServerClock } from '../server-clock.ts';
import { type RuntimeMetrics, runtimeMetrics } from '../metrics/runtime-metrics.ts';
import { type ProcessLike, runProcess } from './process.ts';

/** A command line that can't be run. The message names the flag, what was given and what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What a program runs with. */
export interface ProgramContext extends ClientFactory {
  clock: Clock;
  logger: Logger;
  metrics: RuntimeMetrics;
  /** Unlike that of any other process, also of the same pod: the pod's name (POD_NAME, else the host's) and a suffix. */
  identity: string;
}

export interface Program<O> {
  /** Sent to the apiserver as `NAME/VERSION`. */
  name: string;
  version: string;
  /**
   * The cluster, as `connect` names it, whose apiserver's time the program goes by, once it has an answer of it. Absent: the time
   * of day of its own machine.
   */
  timeOf?: string | undefined;
  /** What `--help` prints. */
  usage: string;
  /** @throws UsageError */
  parseOptions(argv: readonly string[]): O;
  logger(options: O): Logger;
  /** Runs until `signal` aborts; see `runProcess`. */
  run(options: O, context: ProgramContext, signal: AbortSignal): Promise<void>;
}

/** The part of `process` that is used. */
export interface ProgramHost extends ProcessLike {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  exitCode?: number | string | null | undefined;
}

/**
 * A program's `main`: prints its usage for `--help`, refuses a wrong command line with 2, else runs it and sets the exit
 * code of `runProcess`.
 *
 * @param parts what a test puts in the place of the real ones; the limits of `runProcess` go by that clock too.
 */
export async function startProgram<O>(
  program: Program<O>,
  host: ProgramHost = process,
  parts: { clock?: Clock; metrics?: RuntimeMetrics } = {},
): Promise<void> {
  const { name, version, usage } = program;
  const argv = host.argv.slice(2);
  if (argv.includes('--help')) {
    host.stdout.write(usage);
    return;
  }
  let options: O;
  try {
    options = program.parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.stderr.write(`${error.message}\n\n${usage}`);
    host.exitCode = 2;
    return;
  }
  const { clock: local = systemClock, metrics = runtimeMetrics() } = parts;
  const logger = program.logger(options);
  const { clock, ...time } = clockOf(program.timeOf, local, logger);
  const identity = `${host.env['POD_NAME'] ?? hostname()}-${randomUUID().slice(0, 8)}`;
  const clients = clientFactory({ userAgent: `${name}/${version}`, metrics, clock, env: host.env, ...time });
  host.exitCode = await runProcess(
    (signal) => {
      logger.info('starting', { version, identity });
      return program.run(options, { clock, logger, metrics, identity, ...clients }, signal);
    },
    { process: host, clock, logger },
  );
}

/** The time that a program goes by, and what hears of it. */
function clockOf(
  cluster: string | undefined,
  local: Clock,
  logger: Logger,
): Pick<ProgramContext, 'clock'> & Pick<Parameters<typeof clientFactory>[0], 'heard'> {
  if (cluster === undefined) return { clock: local };
  const told = (what: 'strays' | 'stepped', byMs: number): void => {
    const seconds = Math.round(byMs / 1000);
    if (what === 'strays') logger.warn('the time of the cluster jumped; ours goes on as it was', { cluster, seconds });
    else logger.warn('the time of the cluster stayed where it had jumped to; ours follows', { cluster, seconds });
  };
  const clock = new ServerClock(local, { told });
  return { clock, heard: (name, time) => name === cluster && clock.heard(time) };
}
