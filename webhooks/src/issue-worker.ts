import { parentPort, workerData } from 'node:worker_threads';
import { issueGeneration } from './certificates/issue.ts';
import type { IssueRequest } from './certificates/issue-in-thread.ts';

const { names, policy, now } = workerData as IssueRequest;
// A thread has no origin, which only windows have.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(await issueGeneration(names, policy, now));
