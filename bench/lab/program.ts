import { join } from 'node:path';
import { type Child, logTail, startChild } from '../../hack/cluster/control-plane/child.ts';
import { freePorts } from '../../hack/cluster/system/free-port.ts';
import { poll } from '../../hack/cluster/system/poll.ts';
import { bundle } from '../../hack/install/bundle.ts';
import { nodeEnvironment, nodeFlags } from '../../hack/install/node-settings.ts';
import { parseExposition, type Sample } from './exposition.ts';
import { type Usage, usageOf } from './process-usage.ts';

/** One of our programs as a process of its own, as it is shipped: bundled, with its default settings. */
export interface Program {
  readonly name: string;
  usage(): Usage;
  metrics(): Promise<Sample[]>;
  /** @throws Error with the end of its log when it has ended. */
  check(): void;
  stop(): Promise<void>;
}

/**
 * Bundles and starts a program and waits until it is ready.
 *
 * @param logFolder gets `NAME.log`
 * @throws Error with the end of its log when it ends before it is ready, or isn't in time.
 */
export async function startProgram(
  root: string,
  name: string,
  args: readonly string[],
  logFolder: string,
): Promise<Program> {
  const { directory } = await bundle(root, name);
  const [metricsPort = 0, healthPort = 0] = await freePorts(2);
  const child = startChild({
    name,
    command: process.execPath,
    arguments: [
      ...nodeFlags,
      join(directory, 'main.js'),
      ...args,
      `--metrics-port=${metricsPort}`,
      `--health-port=${healthPort}`,
    ],
    environment: nodeEnvironment,
    logFile: join(logFolder, `${name}.log`),
  });
  const program = new RunningProgram(child, metricsPort);
  try {
    await program.ready(healthPort);
    return program;
  } catch (error) {
    await program.stop();
    throw new Error(`${name}: not ready; its log ends with:\n${logTail(child.spec.logFile)}`, { cause: error });
  }
}

class RunningProgram implements Program {
  readonly name: string;
  readonly #child: Child;
  readonly #metricsPort: number;

  constructor(child: Child, metricsPort: number) {
    this.name = child.spec.name;
    this.#child = child;
    this.#metricsPort = metricsPort;
  }

  async ready(healthPort: number): Promise<void> {
    const probe = async (): Promise<true | undefined> =>
      (await fetch(`http://127.0.0.1:${healthPort}/readyz`)).status === 200 ? true : undefined;
    await poll(`${this.name} ready`, probe, { timeoutMs: 60_000, giveUp: () => this.check() });
  }

  usage(): Usage {
    this.check();
    return usageOf(this.#child.pid);
  }

  async metrics(): Promise<Sample[]> {
    this.check();
    return parseExposition(await (await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`)).text());
  }

  check(): void {
    const ended = this.#child.ended();
    if (ended !== undefined) throw new Error(`${this.name} ended (${ended}):\n${logTail(this.#child.spec.logFile)}`);
  }

  stop(): Promise<void> {
    return this.#child.end('SIGTERM');
  }
}
