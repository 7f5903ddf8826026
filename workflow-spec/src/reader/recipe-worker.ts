/**
 * The program of the threads in which recipes are read. It is a file of its own, so that it can be bundled beside the
 * program that uses it: see `RecipeReaderOptions.worker`.
 */
import { parentPort } from 'node:worker_threads';
import { type RecipeAnswer, type RecipeJob, runJob } from './job.ts';

// A thread has no origin, which only windows have.
const answer = (message: RecipeAnswer | 'ready'): void => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort?.postMessage(message);
};

parentPort?.on('message', (job: RecipeJob) => answer(runJob(job)));
answer('ready');
