#!/usr/bin/env node
import { basename } from 'node:path';
import { ExitCodes } from './exit-codes.ts';
import { nodeHost } from './node-host.ts';
import { run } from './run.ts';

/** To remove what isn't whole. Whatever still waits for something then: who presses Ctrl-C wants the prompt back. */
const tidyMs = 2000;
const interrupted = new AbortController();
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(ExitCodes.interrupted);
  interrupted.abort(new Error('interrupted'));
  setTimeout(() => process.exit(ExitCodes.interrupted), tidyMs);
});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone, as in `osmo workflow logs … | head`: nobody is left to tell anything.
  if (error.code === 'EPIPE') process.exit(ExitCodes.ok);
  process.stderr.write(`Error message: standard output can't be written: ${error.message}\nError code: 1\n`);
  process.exit(ExitCodes.usage);
});
// What can't be told is no reason to do any less.
process.stderr.on('error', () => undefined);

const name = basename(process.argv0).startsWith('kubectl-osmo') ? 'kubectl osmo' : 'osmo';
async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), nodeHost(interrupted.signal), name);
  if (interrupted.signal.aborted) process.exit(ExitCodes.interrupted);
}

void main();
