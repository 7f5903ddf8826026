import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { poll } from '../system/poll.ts';
import { run, type RunOptions, type RunResult } from '../system/run.ts';
import type { AddressPlan } from './addresses.ts';
import type { Layout } from './layout.ts';

/**
 * Host PID of the namespaces' first process; undefined when it is gone. A process that merely has its old number is told
 * apart by its start time.
 */
export function initPid(layout: Layout): number | undefined {
  if (!existsSync(layout.init)) return undefined;
  const [pid = '', startTime = ''] = readFileSync(layout.init, 'utf8').trim().split(' ');
  try {
    // The name of the process may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const zombie = fields[0] === 'Z' || fields[0] === 'X';
    return !zombie && fields[19] === startTime ? Number(pid) : undefined;
  } catch {
    return undefined;
  }
}

/** Starts the namespaces with their first process, detached from this one, and gives that process's host PID. */
export async function startNamespaces(layout: Layout, addresses: AddressPlan, nodeName: string): Promise<number> {
  for (const folder of ['containerd', 'kubelet', 'etcd'])
    mkdirSync(join(layout.data, folder), { recursive: true, mode: 0o700 });
  for (const folder of [layout.pids, layout.paused, join(layout.logs, 'pods')]) mkdirSync(folder, { recursive: true });
  rmSync(layout.init, { force: true });
  const log = openSync(join(layout.logs, 'init.log'), 'a');
  const script = join(import.meta.dirname, 'init.sh');
  const child = spawn(
    'unshare',
    [...['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--'], 'sh', script],
    {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        STATE: layout.state,
        CGROUP: addresses.hostInterface,
        NODE_NAME: nodeName,
        NODE_INTERFACE: addresses.nodeInterface,
        NODE_ADDRESS: `${addresses.nodeAddress}/${addresses.linkPrefix}`,
        HOST_ADDRESS: addresses.hostAddress,
      },
    },
  );
  closeSync(log);
  let failure: string | undefined;
  child.once('error', (error) => (failure = error.message));
  child.once('exit', (code) => (failure = `unshare ended with ${code}`));
  child.unref();
  return poll('the namespaces of the node', async () => initPid(layout), {
    timeoutMs: 10_000,
    intervalMs: 10,
    giveUp: () => {
      if (failure === undefined) return;
      throw new Error(`${failure}:\n${readFileSync(join(layout.logs, 'init.log'), 'utf8').slice(-1000)}`);
    },
  });
}

/** Kills the first process and with it everything in the namespaces; resolves when nothing of it is left. */
export async function killNamespaces(layout: Layout): Promise<void> {
  const pid = initPid(layout);
  if (pid !== undefined) {
    process.kill(pid, 'SIGKILL');
    // The kernel lets the first process go only after all others.
    await poll('the end of the node', async () => (existsSync(`/proc/${pid}`) ? undefined : true), {
      timeoutMs: 30_000,
      intervalMs: 20,
    });
  }
  rmSync(layout.init, { force: true });
}

/** Arguments of nsenter(1) for all namespaces of the node. */
export function enterArguments(pid: number): string[] {
  return ['--target', String(pid), '--mount', '--net', '--pid', '--ipc', '--uts', '--'];
}

/**
 * Runs a program inside the node.
 *
 * @throws Error when the node doesn't run; RunError when the program fails.
 */
export async function runInNode(
  layout: Layout,
  command: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const pid = initPid(layout);
  if (pid === undefined) throw new Error(`cluster ${layout.name} is not running; start it with "up"`);
  return run('nsenter', [...enterArguments(pid), ...command], options);
}
