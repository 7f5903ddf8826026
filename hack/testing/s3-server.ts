import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTail, startChild, type Child } from '../cluster/control-plane/child.ts';
import { obtain } from '../cluster/components/obtain.ts';
import { components } from '../cluster/components/table.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';

/** A real S3 server for tests. It dies with the process that started it. */
export interface S3Server {
  /** Base URL; buckets are in its path. The same after every restart. */
  readonly endpoint: string;
  /** It takes no other. */
  readonly region: string;
  readonly credentials: { accessKeyId: string; secretAccessKey: string };
  /** Where its buckets are, one folder each. */
  readonly folder: string;
  /** Makes an empty bucket. */
  makeBucket(name: string): void;
  /** Ends the server and leaves it down, with its data kept, until `start`. */
  interrupt(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const readyMs = 90_000;
const region = 'eu-test-1';
const credentials = { accessKeyId: 'test-access', secretAccessKey: 'test-secret-key' };

/**
 * Starts versitygw on a free port of 127.0.0.1 with a fresh folder. Resolves when it answers.
 *
 * @throws Error with the end of its log
 */
export async function startS3Server(): Promise<S3Server> {
  const program = await obtain(components.versitygw, (line) => process.stderr.write(`${line}\n`));
  const directory = mkdtempSync(join(tmpdir(), 'osmo-s3-'));
  for (const folder of ['root', 'side']) mkdirSync(join(directory, folder));
  // Another process may take the port between our look and our start: then start anew with another.
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await freePorts(1);
    const server = new RunningServer(program, directory, port);
    try {
      await server.start();
      return server;
    } catch (error) {
      await server.interrupt();
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (portTaken && attempt < 5) continue;
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }
}

class RunningServer implements S3Server {
  readonly endpoint: string;
  readonly region = region;
  readonly credentials = credentials;
  readonly #program: string;
  readonly #directory: string;
  readonly #port: number;
  #child: Child | undefined;

  constructor(program: string, directory: string, port: number) {
    this.#program = program;
    this.#directory = directory;
    this.#port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
  }

  get folder(): string {
    return join(this.#directory, 'root');
  }

  makeBucket(name: string): void {
    mkdirSync(join(this.folder, name));
  }

  async start(): Promise<void> {
    const logFile = join(this.#directory, 'versitygw.log');
    const child = startChild({
      name: 'versitygw',
      command: this.#program,
      arguments: [
        ...['--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey],
        ...['--region', region, '--port', `127.0.0.1:${this.#port}`, '--health', '/health', '--quiet'],
        ...['posix', '--sidecar', join(this.#directory, 'side'), join(this.#directory, 'root')],
      ],
      logFile,
    });
    this.#child = child;
    const ended = (): void => {
      if (child.ended() !== undefined) throw new Error(`versitygw did not start: ${child.ended()}`);
    };
    try {
      await poll(
        'an answer of versitygw',
        async () => {
          const answer = await fetch(`${this.endpoint}/health`, { signal: AbortSignal.timeout(5000) });
          await answer.body?.cancel();
          return answer.ok ? true : undefined;
        },
        { timeoutMs: readyMs, giveUp: ended },
      );
      // What has answered may be somebody else when ours could not have the port.
      ended();
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${logTail(logFile)}`, { cause: error });
    }
  }

  async interrupt(): Promise<void> {
    await this.#child?.end('SIGTERM');
  }

  async stop(): Promise<void> {
    await this.interrupt();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
