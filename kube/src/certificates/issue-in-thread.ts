import { Worker } from 'node:worker_threads';
import type { Generation } from './generation.ts';
import type { CertificatePolicy } from './policy.ts';

/** What the thread is told. */
export interface IssueRequest {
  readonly names: readonly string[];
  readonly policy: CertificatePolicy;
  readonly now: Date;
}

/**
 * Makes a generation in a thread that ends with it: what writes certificates takes more memory than all that is done with
 * them, and gives it back only so.
 *
 * @param program the file of the thread, `issue-worker` beside the main program
 * @throws Error when the thread fails or ends without an answer
 */
export async function issueInThread(program: URL, request: IssueRequest): Promise<Generation> {
  const worker = new Worker(program, { workerData: request });
  try {
    return await new Promise<Generation>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`no certificate was made: the thread ended with ${code}`)));
    });
  } finally {
    await worker.terminate();
  }
}
