import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { logTail, startChild } from '../cluster/control-plane/child.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';
import { debianProgram } from './debian-program.ts';

/** An image registry (CNCF Distribution) without TLS, that keeps what it has in memory. It dies with the process that started it. */
export interface ImageRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  stop(): Promise<void>;
}

/** How it lets people in: by passwords (lines of htpasswd, bcrypt), or by the tokens of a service. */
export type RegistryAuth =
  { htpasswd: string } | { token: { realm: string; service: string; issuer: string; certificate: string } };

/**
 * Starts a registry that asks for a login; resolves when it does.
 *
 * @throws Error with the end of its log
 */
export async function startImageRegistry(auth: RegistryAuth): Promise<ImageRegistry> {
  const program = await debianProgram('docker-registry', 'usr/bin/docker-registry');
  const folder = mkdtempSync(join(tmpdir(), 'osmo-registry-'));
  // Another process may take the port between our look and the registry's: then again with another.
  for (let attempt = 1; ; attempt++) {
    const [port] = await freePorts(1);
    const file = join(folder, 'config.yml');
    const http = { addr: `127.0.0.1:${port}` };
    const storage = { inmemory: {} };
    writeFileSync(file, stringify({ version: 0.1, log: { level: 'info' }, storage, http, auth: authOf(folder, auth) }));
    const logFile = join(folder, 'registry.log');
    const child = startChild({ name: 'docker-registry', command: program, arguments: ['serve', file], logFile });
    const stop = async (): Promise<void> => {
      await child.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    };
    const asks = async (): Promise<true | undefined> => {
      const answer = await fetch(`http://127.0.0.1:${port}/v2/`, { signal: AbortSignal.timeout(5000) });
      await answer.body?.cancel();
      return answer.status === 401 ? true : undefined;
    };
    const giveUp = (): void => {
      if (child.ended() !== undefined) throw new Error(`the registry did not start: ${child.ended()}`);
    };
    try {
      await poll('an answer of the registry', asks, { timeoutMs: 90_000, giveUp });
      giveUp();
      return { host: `127.0.0.1:${port}`, stop };
    } catch (error) {
      const said = logTail(logFile);
      if (said.includes('address already in use') && attempt < 5) continue;
      await stop();
      throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
    }
  }
}

function authOf(folder: string, auth: RegistryAuth): object {
  if ('htpasswd' in auth) {
    const path = join(folder, 'htpasswd');
    writeFileSync(path, auth.htpasswd, { mode: 0o600 });
    return { htpasswd: { realm: 'registry', path } };
  }
  const { certificate, ...token } = auth.token;
  const rootcertbundle = join(folder, 'token.crt');
  writeFileSync(rootcertbundle, certificate);
  return { token: { ...token, rootcertbundle } };
}
