import { readFileSync } from 'node:fs';
import { Agent, request } from 'undici';
import { parse } from 'yaml';

/** metav1.Status, as far as the tests read it. */
export interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string; readonly message?: string }[] };
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

/** A bare connection to an apiserver: this package may not use the product's own client. */
export interface Apiserver {
  send<T = Status>(
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    type?: string,
  ): Promise<Answer<T>>;
  close(): Promise<void>;
}

interface Kubeconfig {
  clusters: [{ cluster: { server: string; 'certificate-authority'?: string; 'certificate-authority-data'?: string } }];
  users: [{ user: Record<'client-certificate' | 'client-key', string> & Record<`${string}-data`, string | undefined> }];
}

/** Connects with the first cluster and user of a kubeconfig that has client certificates. */
export function connect(kubeconfig: string): Apiserver {
  const text = readFileSync(kubeconfig, 'utf8');
  const {
    clusters: [{ cluster }],
    users: [{ user }],
  } = parse(text) as Kubeconfig;
  const pem = (data: string | undefined, file: string | undefined): Buffer =>
    data === undefined ? readFileSync(file as string) : Buffer.from(data, 'base64');
  const dispatcher = new Agent({
    connect: {
      ca: pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
      cert: pem(user['client-certificate-data'], user['client-certificate']),
      key: pem(user['client-key-data'], user['client-key']),
    },
  });
  return {
    async send<T>(
      method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
      path: string,
      body?: unknown,
      type = 'application/json',
    ): Promise<Answer<T>> {
      const response = await request(new URL(path, cluster.server), {
        dispatcher,
        method,
        headers: { 'content-type': type },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = await response.body.text();
      // A path that the server doesn't serve yet is answered in plain words, or not at all.
      const isJson = String(response.headers['content-type']).startsWith('application/json');
      return { status: response.statusCode, body: (isJson ? JSON.parse(answer) : { message: answer }) as T };
    },
    close: () => dispatcher.close(),
  };
}

/** Asks again until the answer is there or `milliseconds` are over; then throws with what was asked for. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  milliseconds = 90_000,
): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not so within ${milliseconds} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
