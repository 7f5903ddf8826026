import { homedir, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Host, Terminal } from './host.ts';
import { exchange } from './http/exchange.ts';

/** The machine that the process runs on. */
export function nodeHost(signal: AbortSignal): Host {
  return {
    env: process.env,
    home: homedir(),
    get user() {
      return nameOfUser();
    },
    cwd: process.cwd(),
    out: terminal(process.stdout),
    err: terminal(process.stderr),
    readInput,
    ask: async (question, options) => (await import('./terminal/ask.ts')).ask(question, options),
    edit: async (text, file) => (await import('./terminal/edit.ts')).edit(process.env, text, file),
    exchange,
    open: async (address) => (await import('./login/open-browser.ts')).openBrowser(address, process.env),
    listen: async (port, state) => (await import('./login/loopback.ts')).listenForCallback(port, state, signal),
    now: () => new Date(),
    sleep: (ms, stop) => delay(ms, undefined, stop === undefined ? {} : { signal: stop }),
    timeZone: undefined,
    signal,
  };
}

function terminal(stream: NodeJS.WriteStream): Terminal {
  return {
    write: (text) => void stream.write(text),
    drained: () =>
      stream.writableNeedDrain ? new Promise((resolve) => void stream.once('drain', resolve)) : Promise.resolve(),
    isTTY: stream.isTTY,
    columns: stream.columns ?? 0,
  };
}

/** A container's user may have no name. */
function nameOfUser(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env['USER'] ?? '';
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
