import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '@osmo/kube';
import { type RecordingLogger, recordingLogger, until } from '@osmo/kube/testing';
import { Registry } from 'prom-client';
import { webhookMetrics } from '../metrics.ts';
import { reviewHandler } from './handler.ts';

const review = (uid = 'u') => ({
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid, kind: { group: 'g', version: 'v', kind: 'K' }, operation: 'CREATE', object: { metadata: {} } },
});

let server: Server;
let url: string;
let draining: boolean;
let logger: RecordingLogger;
let registry: Registry;
let fails: boolean;

beforeEach(async () => {
  [draining, fails, logger, registry] = [false, false, recordingLogger(), new Registry()];
  const handler = reviewHandler({
    answer: (question, { uid }) =>
      fails ? Promise.reject(new Error('secret detail')) : Promise.resolve({ uid, allowed: question === 'mutate' }),
    maxBodyBytes: 1000,
    maxBytesAtOnce: 1500,
    turns: { count: 2, bytes: 4096 },
    draining: () => draining,
    clock: systemClock,
    logger,
    metrics: webhookMetrics(registry),
  });
  server = createServer(handler);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const post = async (path: string, body: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as object };
};

test('a review is answered with a review, for the request that it was', async () => {
  const validated = await post('/validate?timeout=5s', JSON.stringify(review('one')));
  expect(validated).toMatchObject({ status: 200, json: { response: { uid: 'one', allowed: false } } });
  expect(validated.json).toMatchObject({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' });
  expect((await post('/mutate', JSON.stringify(review()))).json).toMatchObject({ response: { allowed: true } });
  const text = await registry.metrics();
  expect(text).toContain('osmo_webhook_request_duration_seconds_count{question="validate",outcome="refused"} 1');
  expect(text).toContain('osmo_webhook_request_duration_seconds_count{question="mutate",outcome="allowed"} 1');
});

test('while it stops, connections are given up after their answer', async () => {
  draining = true;
  expect((await post('/validate', JSON.stringify(review()))).headers.get('connection')).toBe('close');
});

describe('what is no review is refused', () => {
  test.each<[string, string, string, Record<string, string>, number]>([
    ['another path', '/', '{}', {}, 404],
    ['another type', '/validate', '{}', { 'content-type': 'text/plain' }, 415],
    ['something else than a review', '/validate', '{}', {}, 400],
    ['no JSON', '/validate', '{', {}, 400],
    ['too much', '/validate', JSON.stringify('x'.repeat(1000)), {}, 413],
  ])('%s', async (_, path, body, headers, status) => {
    const answer = await post(path, body, headers);
    expect(answer).toMatchObject({ status, json: { message: expect.any(String) } });
  });
  test('another method', async () => {
    const response = await fetch(`${url}/validate`);
    expect(response.status).toBe(405);
    await response.arrayBuffer();
  });
});

test('a failure tells strangers nothing, and the log everything', async () => {
  fails = true;
  const { status, json } = await post('/validate', JSON.stringify(review()));
  expect(status).toBe(500);
  expect(JSON.stringify(json)).not.toContain('secret detail');
  expect(JSON.stringify(logger.lines)).toContain('secret detail');
});

test('who begins bodies and never ends them takes no more than there is, and it is given back', async () => {
  const { port } = server.address() as AddressInfo;
  const slow = connect(port, '127.0.0.1');
  const head = 'POST /validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n';
  const arrived = new Promise<void>((resolve) => server.once('request', () => resolve()));
  slow.write(head + 'x'.repeat(900));
  await arrived;
  const big = JSON.stringify({ ...review(), pad: 'x'.repeat(700) });
  const eventually = (wanted: number) =>
    until(
      async () => (await post('/validate', big)).status,
      (status) => status === wanted,
    );
  await eventually(503);
  slow.destroy();
  await eventually(200);
});
