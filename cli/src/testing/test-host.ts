import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../host.ts';
import { listenForCallback } from '../login/loopback.ts';
import { run } from '../run.ts';

/** A request as the gateway would see it. */
export interface SeenRequest {
  /** `GET /api/workflow?limit=20`, the query decoded. */
  line: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

/** What a request is answered with: JSON, a whole response, or an error of the connection. */
export type Answer = { json: unknown } | { response: Response } | { error: Error };

export interface TestHost extends Disposable {
  host: Host;
  /** A folder that is the working directory and holds the configuration. */
  folder: string;
  requests: SeenRequest[];
  /** ms that were waited, in order. */
  sleeps: number[];
  out(): string;
  err(): string;
  /** Runs a command line and gives its exit code. */
  run(...argv: string[]): Promise<number>;
}

/** The gateway of tests. */
export const url = 'http://gateway.test';

/** A machine without network: requests are answered by a function. */
export function testHost(
  answer: (request: SeenRequest) => Answer | Promise<Answer>,
  options: {
    env?: Record<string, string>;
    isTTY?: boolean;
    input?: string;
    now?: Date;
    /** What the person at the terminal answers to a question; nobody sits there when not given. */
    ask?: (question: string, hidden: boolean) => string | undefined;
    /** What a browser does with an address; there is none when not given. */
    open?: (address: string) => boolean;
    /** What that person makes of a text in an editor. */
    edit?: (text: string) => string;
  } = {},
): TestHost {
  const folder = mkdtempSync(join(tmpdir(), 'osmo-cli-'));
  const [outs, errs, requests, sleeps] = [[] as string[], [] as string[], [] as SeenRequest[], [] as number[]];
  const terminal = (into: string[]): Host['out'] => ({
    write: (text) => void into.push(typeof text === 'string' ? text : Buffer.from(text).toString('latin1')),
    drained: async () => undefined,
    isTTY: options.isTTY ?? false,
    columns: 0,
  });
  const interrupted = new AbortController();
  const host: Host = {
    env: { OSMO_CONFIG_FILE_DIR: folder, OSMO_URL: url, ...options.env },
    home: folder,
    user: 'machine-user',
    cwd: folder,
    out: terminal(outs),
    err: terminal(errs),
    readInput: async () => options.input ?? '',
    ask: async (question, { hidden = false } = {}) => options.ask?.(question, hidden),
    edit: async (text) => options.edit?.(text),
    exchange: async (address, { method, headers, body }) => {
      const { host: name, pathname, search } = new URL(address);
      const base = name === new URL(url).host ? '' : name;
      const request = {
        line: `${method} ${base}${pathname}${decodeURIComponent(search.replaceAll('+', ' '))}`,
        headers,
        body: body === undefined ? undefined : bodyOf(headers, body),
      };
      requests.push(request);
      const answered = await answer(request);
      if ('error' in answered) throw answered.error;
      const response = 'json' in answered ? Response.json(answered.json) : answered.response;
      const bytes = new Uint8Array(await response.arrayBuffer());
      const pieces = async function* pieces(): AsyncGenerator<Uint8Array> {
        yield bytes;
      };
      return { status: response.status, headers: Object.fromEntries(response.headers), body: pieces() };
    },
    open: async (address) => options.open?.(address) ?? false,
    listen: async (port, state) => listenForCallback(port, state, interrupted.signal),
    now: () => options.now ?? new Date('2026-02-01T00:00:00Z'),
    sleep: async (ms) => void sleeps.push(ms),
    timeZone: 'UTC',
    signal: interrupted.signal,
  };
  return {
    host,
    folder,
    requests,
    sleeps,
    out: () => outs.join(''),
    err: () => errs.join(''),
    run: (...argv) => run(argv, host),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** Forms as their fields, everything else as the JSON that it is. */
function bodyOf(headers: Readonly<Record<string, string>>, body: string): unknown {
  const isForm = headers['content-type'] === 'application/x-www-form-urlencoded';
  return isForm ? Object.fromEntries(new URLSearchParams(body)) : (JSON.parse(body) as unknown);
}
