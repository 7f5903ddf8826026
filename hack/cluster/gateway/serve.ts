import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePorts } from '../system/free-port.ts';
import { requestHttps } from '../system/https.ts';
import { poll } from '../system/poll.ts';
import { gatewayAuthority } from './authority.ts';

/** Where a cluster's gateway is served from. */
interface Served {
  pid: number;
  port: number;
  /** Start time of the process, by which it is told from a later one with its number. */
  started: string;
}

const stateFileOf = (state: string): string => join(state, 'gateway');

/** File that exports OSMO_URL; `env` sources it. */
const environmentOf = (state: string): string => join(state, 'env.d', 'gateway');

/** File with whom to trust, where the gateway serves TLS. */
const authorityOf = (state: string): string => join(state, 'gateway-ca.crt');

/**
 * Serves the gateway of a cluster on a port of 127.0.0.1 by a process that outlives this one, and exports its address as
 * OSMO_URL in the cluster's `env`, and as OSMO_CERTIFICATE_AUTHORITY whom to trust where it serves TLS. The port stays the same as long as
 * the cluster lives and nobody else takes it.
 *
 * @param state the cluster's folder
 * @returns the address
 * @throws TimeoutError when the gateway doesn't answer
 */
export async function serveGateway(state: string, kubeconfig: string, namespace: string): Promise<string> {
  const known = served(state);
  const authority = await gatewayAuthority(kubeconfig, namespace);
  if (known !== undefined && isRunning(known)) return answering(state, known.port, authority);
  const port = known !== undefined && (await isFree(known.port)) ? known.port : ((await freePorts(1))[0] ?? 0);
  const stateFile = stateFileOf(state);
  const log = openSync(join(state, 'gateway.log'), 'a');
  const program = join(import.meta.dirname, 'forward.ts');
  const child = spawn(process.execPath, [program, kubeconfig, namespace, String(port), stateFile], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: join(import.meta.dirname, '../../..'),
    env: { PATH: process.env['PATH'] },
  });
  closeSync(log);
  child.on('error', () => undefined);
  child.unref();
  const { pid = 0 } = child;
  writeFileSync(stateFile, `${pid} ${port} ${startTime(pid) ?? ''}\n`);
  return answering(state, port, authority);
}

/** Ends what `serveGateway` started. Idempotent. */
export async function stopGateway(state: string): Promise<void> {
  const known = served(state);
  rmSync(stateFileOf(state), { force: true });
  rmSync(environmentOf(state), { force: true });
  rmSync(authorityOf(state), { force: true });
  if (known === undefined || !isRunning(known)) return;
  process.kill(known.pid, 'SIGKILL');
  await poll('the end of the process that serves the gateway', async () => (isRunning(known) ? undefined : true), {
    timeoutMs: 60_000,
    intervalMs: 20,
  });
}

/** Tells of its address, and waits until it answers there. */
async function answering(state: string, port: number, ca: string | undefined): Promise<string> {
  const url = `${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}`;
  const lines = [`export OSMO_URL='${url}'\n`];
  if (ca !== undefined) {
    writeFileSync(authorityOf(state), ca);
    lines.push(`export OSMO_CERTIFICATE_AUTHORITY='${authorityOf(state).replaceAll("'", `'\\''`)}'\n`);
  }
  mkdirSync(join(state, 'env.d'), { recursive: true });
  writeFileSync(environmentOf(state), lines.join(''));
  await poll(
    `the gateway at ${url}`,
    async () => ((await isAnswering(`${url}/api/version`, ca)) ? (true as const) : undefined),
    { timeoutMs: 120_000 },
  );
  return url;
}

async function isAnswering(url: string, ca: string | undefined): Promise<boolean> {
  if (ca !== undefined) return (await requestHttps(url, { ca }, { timeoutMs: 10_000 })).status === 200;
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  await response.text();
  return response.ok;
}

function served(state: string): Served | undefined {
  const file = stateFileOf(state);
  if (!existsSync(file)) return undefined;
  const [pid = '', port = '', started = ''] = readFileSync(file, 'utf8').trim().split(' ');
  return { pid: Number(pid), port: Number(port), started };
}

function isRunning({ pid, started }: Served): boolean {
  return pid > 0 && started !== '' && startTime(pid) === started;
}

/** When a process was started, as the kernel counts; undefined when it is gone, or where there is no /proc. */
function startTime(pid: number): string | undefined {
  try {
    // The name of the process may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
