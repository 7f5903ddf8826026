import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

/** A program of the product as a process of its own. */
export class Program {
  readonly #child: ChildProcess;
  /** Its exit code, once all that it wrote is in `output`; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  output = '';

  /** @param main the file to run, e.g. `new URL('../main.ts', import.meta.url)`. */
  constructor(main: URL, args: readonly string[]) {
    this.#child = spawn(process.execPath, [fileURLToPath(main), ...args], { env: { PATH: process.env['PATH'] } });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('close', resolve);
      this.#child.on('error', reject);
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** A port that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return typeof address === 'object' && address !== null ? address.port : 0;
}
