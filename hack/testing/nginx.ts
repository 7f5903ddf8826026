import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { logTail, startChild } from '../cluster/control-plane/child.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';
import { debianProgram } from './debian-program.ts';

/** nginx with the servers of a test. It dies with the process that started it. */
export interface Nginx {
  /** Base URL of each server, in the order of the configuration. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const readyMs = 90_000;
/**
 * Starts nginx with a server for each text of `servers`, on free ports of 127.0.0.1. Resolves when all answer.
 *
 * @param maps directives beside the servers
 * @throws Error with the end of its log
 */
export async function startNginx(servers: readonly string[], maps = ''): Promise<Nginx> {
  const program = await debianProgram('nginx', 'usr/sbin/nginx');
  const folder = mkdtempSync(join(tmpdir(), 'osmo-nginx-'));
  // Another process may take a port between our look and nginx's: then again with others.
  for (let attempt = 1; ; attempt++) {
    const ports = await freePorts(servers.length);
    const configuration = join(folder, 'nginx.conf');
    writeFileSync(configuration, configurationOf(folder, servers, ports, maps));
    const logFile = join(folder, 'nginx.log');
    const child = startChild({ name: 'nginx', command: program, arguments: ['-c', configuration], logFile });
    const urls = ports.map((port) => `http://127.0.0.1:${port}`);
    const stop = async (): Promise<void> => {
      await child.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await answerAll(urls, () => {
        if (child.ended() !== undefined) throw new Error(`nginx did not start: ${child.ended()}`);
      });
      return { urls, stop };
    } catch (error) {
      const said = logTail(logFile);
      if (said.includes('Address already in use') && attempt < 5) continue;
      await stop();
      throw new Error(`${(error as Error).message}\n${said}`, { cause: error });
    }
  }
}

async function answerAll(urls: readonly string[], giveUp: () => void): Promise<void> {
  for (const url of urls) {
    await poll(
      `an answer of nginx at ${url}`,
      async () => {
        const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
        await answer.body?.cancel();
        return true;
      },
      { timeoutMs: readyMs, giveUp },
    );
  }
  giveUp();
}

/** One process without a parent, that keeps all its files in a folder. */
function configurationOf(folder: string, servers: readonly string[], ports: readonly number[], maps: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
${maps}
${servers.map((text, at) => `  server {\n    listen 127.0.0.1:${ports[at]};\n${text}\n  }`).join('\n')}
}
`;
}
