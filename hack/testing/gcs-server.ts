import { generateKeyPairSync, createVerify } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, logTail, startChild } from '../cluster/control-plane/child.ts';
import { obtain } from '../cluster/components/obtain.ts';
import { components } from '../cluster/components/table.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';

/** A server that speaks the JSON API of Google Cloud Storage. It dies with the process that started it. */
export interface GcsServer {
  /** Base URL. */
  readonly endpoint: string;
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

const readyMs = 90_000;

/**
 * Starts fake-gcs-server on a free port of 127.0.0.1, with its data in memory. It takes every token. Resolves when it answers.
 *
 * @throws Error with the end of its log
 */
export async function startGcsServer(): Promise<GcsServer> {
  const program = await obtain(components['fake-gcs-server'], (line) => process.stderr.write(`${line}\n`));
  const directory = mkdtempSync(join(tmpdir(), 'osmo-gcs-'));
  // Another process may take the port between our look and our start: then start anew with another.
  for (let attempt = 1; ; attempt++) {
    const [port = 0] = await freePorts(1);
    try {
      return await start(program, directory, port);
    } catch (error) {
      const portTaken = error instanceof Error && error.message.includes('address already in use');
      if (portTaken && attempt < 5) continue;
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
  }
}

async function start(program: string, directory: string, port: number): Promise<GcsServer> {
  const endpoint = `http://127.0.0.1:${port}`;
  const logFile = join(directory, 'fake-gcs-server.log');
  const child = startChild({
    name: 'fake-gcs-server',
    command: program,
    arguments: [
      '-scheme',
      'http',
      '-host',
      '127.0.0.1',
      '-port',
      String(port),
      '-backend',
      'memory',
      '-log-level',
      'warn',
    ],
    logFile,
  });
  try {
    await poll('an answer of fake-gcs-server', () => answers(child, endpoint), {
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
  return {
    endpoint,
    makeBucket: async (name) => {
      const answer = await fetch(`${endpoint}/storage/v1/b?project=test`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`bucket ${name}: ${text} (HTTP ${answer.status})`);
    },
    stop: async () => {
      await child.end('SIGTERM');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function answers(child: Child, endpoint: string): Promise<true | undefined> {
  alive(child);
  const answer = await fetch(`${endpoint}/storage/v1/b?project=test`, { signal: AbortSignal.timeout(5000) });
  await answer.body?.cancel();
  return answer.ok ? true : undefined;
}

function alive(child: Child): void {
  if (child.ended() !== undefined) throw new Error(`fake-gcs-server did not start: ${child.ended()}`);
}

/** Gives tokens to a service account as Google does, where it is told by the account's key. */
export interface TokenServer {
  /** The key file of the account. */
  readonly accountKey: string;
  /** Tokens that it gave, in order. */
  readonly given: readonly string[];
  stop(): Promise<void>;
}

/** Starts a server of tokens on 127.0.0.1, which sees that what asks was signed with the account's key. */
export async function startTokenServer(): Promise<TokenServer> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const given: string[] = [];
  const server = createServer((request, response) => {
    void (async () => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const form = new URLSearchParams(Buffer.concat(pieces).toString());
      const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.');
      const isSigned = createVerify('RSA-SHA256').update(`${head}.${claims}`).verify(publicKey, signature, 'base64url');
      const token = `token-${given.length + 1}`;
      if (isSigned) given.push(token);
      response.writeHead(isSigned ? 200 : 400, { 'content-type': 'application/json' });
      const refused = { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' };
      response.end(
        JSON.stringify(isSigned ? { access_token: token, expires_in: 3600, token_type: 'Bearer' } : refused),
      );
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const accountKey = JSON.stringify({
    type: 'service_account',
    client_email: 'robot@project.iam.gserviceaccount.com',
    private_key_id: 'key-1',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    token_uri: `http://127.0.0.1:${port}/token`,
  });
  return { accountKey, given, stop: () => stopped(server) };
}

async function stopped(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
}
