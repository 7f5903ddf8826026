import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTail, startChild, type Child } from '../cluster/control-plane/child.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';

/** An emulator of Azure Blob Storage for tests. It dies with the process that started it. */
export interface Azurite {
  readonly account: string;
  /** Base64. */
  readonly key: string;
  /** Base URL of the account. */
  readonly endpoint: string;
  stop(): Promise<void>;
}

const readyMs = 90_000;

/**
 * Starts Azurite on a free port of 127.0.0.1, with its data in memory. Resolves when it answers.
 *
 * @throws Error with the end of its log
 */
export async function startAzurite(): Promise<Azurite> {
  const program = createRequire(import.meta.url).resolve('azurite/dist/src/blob/main.js');
  const directory = mkdtempSync(join(tmpdir(), 'osmo-azurite-'));
  // Another process may take the port between our look and our start: then start anew with another.
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await freePorts(1);
    try {
      return await start(program, directory, port);
    } catch (error) {
      const portTaken = error instanceof Error && error.message.includes('EADDRINUSE');
      if (portTaken && attempt < 5) continue;
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }
}

async function start(program: string, directory: string, port: number): Promise<Azurite> {
  const account = 'testaccount';
  const key = randomBytes(64).toString('base64');
  const endpoint = `http://127.0.0.1:${port}/${account}`;
  const logFile = join(directory, 'azurite.log');
  const child = startChild({
    name: 'azurite',
    command: process.execPath,
    arguments: [
      program,
      ...['--silent', '--inMemoryPersistence', '--disableTelemetry', '--skipApiVersionCheck'],
      ...['--blobHost', '127.0.0.1', '--blobPort', String(port)],
    ],
    environment: { AZURITE_ACCOUNTS: `${account}:${key}` },
    logFile,
  });
  const stop = async (): Promise<void> => {
    await child.end('SIGTERM');
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await poll('an answer of Azurite', () => answers(child, endpoint), {
      timeoutMs: readyMs,
      giveUp: () => alive(child),
    });
    // What has answered may be somebody else when ours could not have the port.
    alive(child);
  } catch (error) {
    const text = `${(error as Error).message}\n${logTail(logFile)}`;
    await child.end('SIGTERM');
    throw new Error(text, { cause: error });
  }
  return { account, key, endpoint, stop };
}

async function answers(child: Child, endpoint: string): Promise<true | undefined> {
  alive(child);
  const answer = await fetch(`${endpoint}/?comp=list`, { signal: AbortSignal.timeout(5000) });
  await answer.body?.cancel();
  // Refused for want of a signature, which is an answer.
  return answer.status < 500 ? true : undefined;
}

function alive(child: Child): void {
  if (child.ended() !== undefined) throw new Error(`azurite did not start: ${child.ended()}`);
}
