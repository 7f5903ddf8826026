import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { collectSeldom } from '@osmo/storage/transfer';
import {
  decodePlan,
  encodeResult,
  endingPath,
  endingPort,
  planKey,
  RuntimeExit,
  type TransferResult,
} from '../plan/index.ts';
import type { DataContext } from './context.ts';
import { download } from './download.ts';
import { listenForEnding } from './ending-server.ts';
import { failureOf } from './failure.ts';
import type { PodFiles } from './pod-files.ts';
import { runtime } from './runtime.ts';

/** What the commands that move data are given by the program. */
export interface DataProgram {
  say: (line: string) => void;
  environment: Readonly<Record<string, string | undefined>>;
  files: PodFiles;
}

/**
 * The command `download`: inputs are there when it ends well.
 *
 * @returns the exit code; what it means is in the termination message
 */
export async function runDownload(program: DataProgram, signal: AbortSignal): Promise<number> {
  // What it makes is for a command that may be any user.
  process.umask(0);
  return told(program, async () => download(await contextOf(program), signal), 'download');
}

/**
 * The command `runtime`: beside the command of the pod, and after it.
 *
 * @param stop aborts when the kubelet says to end
 * @returns as `runDownload`
 */
export async function runRuntime(program: DataProgram, stop: AbortSignal): Promise<number> {
  const deleted = new AbortController();
  const { socket } = program.files;
  await rm(socket, { force: true });
  const server = await listenForEnding({
    port: endingPort,
    path: endingPath,
    socket,
    onEnding: () => deleted.abort(new Error('the pod is being deleted')),
  });
  try {
    return await told(
      program,
      async () => runtime(await contextOf(program), { stop, deleted: deleted.signal }),
      'upload',
    );
  } finally {
    await server.close();
  }
}

async function contextOf({ say, environment, files }: DataProgram): Promise<DataContext> {
  return {
    plan: decodePlan(await readFile(join(files.plan, planKey))),
    folders: files.folders,
    environment,
    kept: {},
    now: () => new Date(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
    say,
  };
}

async function told(
  { say, files }: DataProgram,
  act: () => Promise<TransferResult>,
  direction: 'download' | 'upload',
): Promise<number> {
  // Images let the heap grow by a fifth before it is collected, which is meant for programs that stay (hack/install/node-settings.ts): what moves
  // data has a small heap, and would collect it all the time. What only downloads ends soon; for the other it is V8's own measure.
  if (direction === 'download') collectSeldom();
  else setFlagsFromString('--heap-growing-percent=0');
  let result: TransferResult;
  try {
    result = await act();
  } catch (error) {
    const { code, message } = failureOf(error, direction, direction);
    say(message);
    result = { version: 1, code, message: message.slice(0, 1024) };
  }
  try {
    await writeFile(files.terminationLog, encodeResult(result));
  } catch (error) {
    // Nobody hears of it then: what it has stored counts as not stored. The kubelet takes the end of what is said here instead.
    say(`what became of the ${direction} can't be told: ${files.terminationLog}: ${(error as Error).message}`);
    return result.code ?? RuntimeExit.fileOperation;
  }
  return result.code ?? 0;
}
