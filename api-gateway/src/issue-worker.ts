import { parentPort, workerData } from 'node:worker_threads';
import type { IssueRequest } from '@osmo/kube/certificates';
import { issueGeneration } from '@osmo/kube/certificates/issue';

const { names, policy, now } = workerData as IssueRequest;
// A thread has no origin, which only windows have.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(await issueGeneration(names, policy, now));
