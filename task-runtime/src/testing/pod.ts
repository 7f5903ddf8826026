import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodFiles } from '../data/pod-files.ts';
import { untilListening } from '../data/ending-server.ts';
import { encodePlan, planKey, type TransferPlan } from '../plan/index.ts';

/** How a program of a pod ended. */
export interface PodEnd {
  code: number | null;
  signal: string | null;
  /** Its termination message; undefined when it left none. */
  message: string | undefined;
  said: string;
}

/** A program of a pod that runs. */
export interface Running {
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
  ended: Promise<PodEnd>;
}

/** What a pod mounts, all below one folder of this machine. */
export const filesBelow = (root: string): PodFiles => ({
  plan: join(root, 'plan'),
  folders: {
    input: join(root, 'input'),
    output: join(root, 'output'),
    credentials: join(root, 'credentials'),
    checkpoints: join(root, 'checkpoints'),
  },
  socket: join(root, 'runtime.sock'),
  terminationLog: join(root, 'termination-log'),
});

/** Lays out a pod with this plan and these credentials (by the name of their folder). */
export async function layOut(
  root: string,
  plan: Partial<TransferPlan>,
  credentials: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<PodFiles> {
  const files = filesBelow(root);
  const { input, output, credentials: keys, checkpoints } = files.folders;
  await Promise.all([files.plan, input, output, keys, checkpoints].map((folder) => mkdir(folder, { recursive: true })));
  await writeFile(
    join(files.plan, planKey),
    encodePlan({ version: 1, inputs: [], outputs: [], checkpoints: [], ...plan }),
  );
  const fields = Object.entries(credentials).flatMap(([name, values]) =>
    Object.entries(values).map(([field, value]) => ({ folder: join(keys, name), field, value })),
  );
  await Promise.all(
    fields.map(async ({ folder, field, value }) => {
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, field), value);
    }),
  );
  return files;
}

/** Starts the program as a process of its own, so that it can be killed. */
export function start(command: 'download' | 'runtime', root: string, terminationLog?: string): Running {
  const log = terminationLog ?? filesBelow(root).terminationLog;
  const program = join(import.meta.dirname, 'pod-program.ts');
  const child = spawn(process.execPath, [program, command, root, log], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, 'close').then(async ([code, signal]): Promise<PodEnd> => ({
    code: code as number | null,
    signal: signal as string | null,
    message: await readFile(filesBelow(root).terminationLog, 'utf8').catch(() => undefined),
    said,
  }));
  return { kill: (signal) => void child.kill(signal), ended };
}

/** Starts the runtime and tells it that the command has ended, as the kubelet does, so that it uploads. */
export async function startUpload(root: string, terminationLog?: string): Promise<Running> {
  const running = start('runtime', root, terminationLog);
  // Two minutes: it takes a second to start where nothing else happens.
  if (!(await untilListening(filesBelow(root).socket, 2400))) throw new Error('the runtime does not listen');
  running.kill('SIGTERM');
  return running;
}
