import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { systemClock } from '@osmo/kube';
import { recordingLogger, until } from '@osmo/kube/testing';
import { Registry } from 'prom-client';
import { webhookMetrics } from '../metrics.ts';
import type { AdmissionResponse } from '../review/types.ts';
import { reviewHandler } from './handler.ts';

let server: Server;
let url: string;
/** What is being judged, and how that ends. */
let judged: { uid: string; question: string; end: () => void }[];
let responses: ServerResponse[];

beforeEach(async () => {
  [judged, responses] = [[], []];
  const handler = reviewHandler({
    answer: (question, { uid }) =>
      new Promise<AdmissionResponse>((resolve) => {
        judged.push({ uid, question, end: () => resolve({ uid, allowed: true }) });
      }),
    maxBodyBytes: 10_000,
    maxBytesAtOnce: 1_000,
    turns: { count: 1, bytes: 10_000 },
    draining: () => false,
    clock: systemClock,
    logger: recordingLogger(),
    metrics: webhookMetrics(new Registry()),
  });
  server = createServer((request, response) => {
    responses.push(response);
    handler(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const { end } of judged) end();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const kind = { group: 'g', version: 'v', kind: 'K' };
const head = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
/** Asks, and gives the status; 0 where the asking was given up. */
async function ask(question: string, uid: string, signal?: AbortSignal): Promise<number> {
  const body = JSON.stringify({ ...head, request: { uid, kind, operation: 'CREATE', object: { metadata: {} } } });
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await fetch(`${url}/${question}`, { method: 'POST', body, headers, ...(signal && { signal }) });
    await response.arrayBuffer();
    return response.status;
  } catch (error) {
    if (signal?.aborted === true) return 0;
    throw error;
  }
}
const uids = (): string[] => judged.map(({ uid }) => uid);
const arrived = (count: number) =>
  until(
    () => responses.length,
    (length) => length === count,
  );

test('reviews wait for their turn, and those whose caller has gone are not judged', async () => {
  const one = ask('validate', 'one');
  await until(uids, (all) => all.length === 1);
  const gone = new AbortController();
  const two = ask('validate', 'two', gone.signal);
  await arrived(2);
  const three = ask('validate', 'three');
  await arrived(3);
  gone.abort();
  expect(await two).toBe(0);
  await until(
    () => responses[1]?.destroyed,
    (destroyed) => destroyed === true,
  );
  expect(uids()).toEqual(['one']);
  judged[0]?.end();
  expect(await one).toBe(200);
  await until(uids, (all) => all.length === 2);
  expect(uids()).toEqual(['one', 'three']);
  judged[1]?.end();
  expect(await three).toBe(200);
});

test('what waits counts among the bytes at once, and none waits for what a thread renders', async () => {
  const render = ask('render', 'slow');
  await until(uids, (all) => all.length === 1);
  const first = ask('validate', 'x'.repeat(300));
  await until(uids, (all) => all.length === 2);
  const second = ask('mutate', 'y');
  await arrived(3);
  await until(
    () => ask('validate', 'z'.repeat(500)),
    (status) => status === 503,
  );
  for (const { end } of judged) end();
  expect([await render, await first]).toEqual([200, 200]);
  await until(uids, (all) => all.length === 3);
  judged[2]?.end();
  expect(await second).toBe(200);
  const again = ask('validate', 'z'.repeat(500));
  await until(uids, (all) => all.length === 4);
  judged[3]?.end();
  expect(await again).toBe(200);
});
