import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import fc from 'fast-check';
import { Pools, Workflows } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';
import { type Described, describedOperations } from './testing/described.ts';
import { type FuzzRequest, requestsFor } from './testing/requests.ts';
import { sendBytes } from './testing/wire.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
let user: string;
const undo: (() => Promise<unknown>)[] = [];
/** Requests for each operation; `OSMO_RUNS` sends more, `OSMO_TEST_SEED` others. */
const runs = Number(process.env['OSMO_RUNS'] ?? 12);

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'fuzz');
  user = `fuzz-${namespace}`;
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  const verbs = ['get', 'list', 'watch', 'create', 'patch', 'update'];
  undo.push(
    await grant(admin, namespace, { kind: 'User', name: user }, [{ apiGroups: ['osmo.dev'], resources: ['*'], verbs }]),
  );
  const head = { apiVersion: 'osmo.dev/v1alpha1', metadata: { name: namespace, namespace } };
  await admin.create(Pools, { ...head, kind: 'Pool', metadata: { name: namespace }, spec: { backend: 'x' } } as never);
  undo.push(() => admin.delete(Pools, { name: namespace }));
  const spec = { pool: namespace, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };
  await admin.create(Workflows, { ...head, kind: 'Workflow', spec } as never);
  // Ended, so that nothing follows its logs for ever.
  const body = { status: { phase: 'Failed', reason: 'Error', conditions: [] } };
  await admin.patch(Workflows, head.metadata, { kind: 'merge', body }, { subresource: 'status' });
  gateway = await startGateway([
    `--default-namespace=${namespace}`,
    '--requests-per-second=100000',
    '--request-burst=100000',
  ]);
  await until(
    async () => (await gateway.send(`/api/workflow/${namespace}`, { as: user })).text(),
    (text) => text.includes('"FAILED"'),
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

/** Sends a request and looks at its answer; of one without an end only at its beginning. */
async function answered({ method, target, headers, body }: FuzzRequest, { endless }: Described): Promise<void> {
  const hangUp = new AbortController();
  const response = await gateway.send(target, {
    method,
    as: user,
    headers,
    ...(body !== undefined && { body: new Uint8Array(body) }),
    signal: hangUp.signal,
  });
  const { status } = response;
  const text = endless && status === 200 ? '' : await response.text();
  hangUp.abort();
  if (status >= 500) throw new Error(`${method} ${target}: ${status} ${text}`);
  // Of headers that are too long Node itself tells, without a body.
  if (status >= 400 && status !== 431) {
    expect(JSON.parse(text)).toMatchObject({
      message: expect.stringMatching(/./),
      error_code: expect.stringMatching(/./),
    });
  }
}

test('no request makes the gateway fail: what is wrong with it is the caller’s to hear', async () => {
  const operations = describedOperations(await (await gateway.send('/api/openapi.json')).json());
  expect(operations.length).toBeGreaterThan(20);
  const names = [namespace, `${namespace}.${namespace}`, user, 'a', 'no-such-name'];
  for (const operation of operations) {
    // One after the other: a failure is of one operation.
    // oxlint-disable-next-line no-await-in-loop
    await fc.assert(
      fc.asyncProperty(requestsFor(operation, names), (request) => answered(request, operation)),
      { numRuns: runs },
    );
  }
  expect((await gateway.send('/health')).status).toBe(200);
});

/** A request in bytes: its head is ASCII, and lines are joined as HTTP has them. */
const head = (...lines: string[]): string => `${lines.join('\r\n')}\r\n\r\n`;
const submit = (): string => `POST /api/pool/${namespace}/workflow HTTP/1.1`;
const list = 'GET /api/workflow HTTP/1.1';

/** Bytes that are no request, or hardly one; each in the pieces in which it is sent. */
function malformed(): Record<string, readonly (string | Buffer)[]> {
  const own = ['Host: 127.0.0.1', `x-osmo-user: ${user}`, 'Connection: close'];
  const json = 'Content-Type: application/json';
  const body = Buffer.from(JSON.stringify({ file: 'workflow:\n  name: é\n' }));
  const chunked = head(submit(), ...own, json, 'Transfer-Encoding: chunked');
  const lengthOf = (length: number | string): string => head(submit(), ...own, json, `Content-Length: ${length}`);
  return {
    nothing: [],
    'no request at all': ['\0\0\0\0\r\n\r\n'],
    'TLS where there is none': [Buffer.from([0x16, 3, 1, 0, 0xa5, 1, 0, 0, 0xa1, 3, 3])],
    'another protocol': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    'an unknown version': [head('GET /api/workflow HTTP/9.9', ...own)],
    'an unknown method': [head('BREW /api/workflow HTTP/1.1', ...own)],
    'a method that we do not have': [head('TRACE /api/workflow HTTP/1.1', ...own)],
    'a tunnel': [head('CONNECT example.com:443 HTTP/1.1', ...own)],
    'another protocol to go on with': [
      head(
        list,
        'Host: 127.0.0.1',
        `x-osmo-user: ${user}`,
        'Connection: Upgrade, close',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: x',
      ),
    ],
    'a star for a path': [head('OPTIONS * HTTP/1.1', ...own)],
    'a whole address for a path': [head('GET http://example.com/api/workflow HTTP/1.1', ...own)],
    'a broken address for a path': [head('GET http://[/api/workflow HTTP/1.1', ...own)],
    'an address without a host': [head('GET http:///api/workflow HTTP/1.1', ...own)],
    'a port that is none': [head('GET http://x:99999999/api/workflow HTTP/1.1', ...own)],
    'slashes for a path': [head(`GET ${'/'.repeat(5000)} HTTP/1.1`, ...own)],
    'a path up and up': [head(`GET /api/${'../'.repeat(500)}workflow HTTP/1.1`, ...own)],
    'a percent that stands for nothing': [head('GET /api/workflow/%E0%A4%A HTTP/1.1', ...own)],
    'a zero byte in a path': [head('GET /api/workflow/%00 HTTP/1.1', ...own)],
    'bytes beyond ASCII in a path': [head('GET /api/workflow/\xff\xfe HTTP/1.1', ...own)],
    'a query of half a surrogate': [head('GET /api/workflow?name=%ED%A0%80&name=%FF HTTP/1.1', ...own)],
    'thousands of parameters': [head(`GET /api/workflow?${'users=a&'.repeat(3500)} HTTP/1.1`, ...own)],
    'no host': [head(list, `x-osmo-user: ${user}`, 'Connection: close')],
    'two hosts': [head(list, ...own, 'Host: example.com')],
    'two users': [head(list, ...own, 'x-osmo-user: somebody')],
    'a user of bytes beyond ASCII': [head(list, 'Host: 127.0.0.1', 'Connection: close', 'x-osmo-user: \xe9\xff')],
    'a user who is the system': [head(list, 'Host: 127.0.0.1', 'Connection: close', 'x-osmo-user: system:admin')],
    'a token that is none': [head(list, ...own, 'Authorization: Bearer \x01')],
    'a token that is too long': [head(list, ...own, `Authorization: Bearer ${'x'.repeat(30_000)}`)],
    'a token of another kind': [head(list, ...own, 'Authorization: Basic eDp5')],
    'a header that is too long': [head(list, ...own, `x-long: ${'x'.repeat(70_000)}`)],
    'too many headers': [head(list, ...own, ...Array.from({ length: 2000 }, (_, index) => `x-${index}: y`))],
    'a header without a name': [head(list, ...own, ': x')],
    'a header in several lines': [head(list, ...own, 'x-folded: a\r\n b')],
    'line feeds alone': [`${list}\nHost: x\n\n`],
    'a length that is none': [lengthOf('x'), body],
    'a negative length': [lengthOf(-1), body],
    'a length without an end': [lengthOf('9'.repeat(40)), body],
    'two lengths': [head(submit(), ...own, json, 'Content-Length: 1', 'Content-Length: 2'), body],
    'a length beside chunks': [
      head(submit(), ...own, json, 'Content-Length: 3', 'Transfer-Encoding: chunked'),
      '3\r\n{}x\r\n0\r\n\r\n',
    ],
    'a body that is too long': [lengthOf(5_000_000)],
    'chunks that are too long': [
      chunked,
      ...Array.from({ length: 5 }, () => `100000\r\n${' '.repeat(1 << 20)}\r\n`),
      '0\r\n\r\n',
    ],
    'chunks that are none': [chunked, 'zz\r\nabc\r\n0\r\n\r\n'],
    'a chunk longer than it says': [chunked, '1\r\nabc\r\n0\r\n\r\n'],
    'a trailer': [chunked, `${body.length.toString(16)}\r\n`, body, '\r\n0\r\nx-trailer: y\r\n\r\n'],
    'an encoding of transfer that is unknown': [head(submit(), ...own, json, 'Transfer-Encoding: gzip'), body],
    'a body in single bytes': [lengthOf(body.length), ...Array.from(body, (byte) => Buffer.from([byte]))],
    'a body that is no UTF-8': [lengthOf(13), Buffer.from('7b2266696c65223a22ff22', 'hex'), '}}'],
    'a body with a mark of its order': [lengthOf(body.length + 3), Buffer.from([0xef, 0xbb, 0xbf]), body],
    'a body of UTF-16': [
      head(submit(), ...own, 'Content-Type: application/json; charset=utf-16', 'Content-Length: 4'),
      '{\0}\0',
    ],
    'an expectation': [head(submit(), ...own, json, 'Expect: 100-continue', `Content-Length: ${body.length}`), body],
    'an expectation of something else': [
      head(submit(), ...own, json, 'Expect: the-unexpected', `Content-Length: ${body.length}`),
      body,
    ],
    'many requests at once': [
      ...Array.from({ length: 50 }, () => head(list, 'Host: 127.0.0.1', `x-osmo-user: ${user}`)),
      head(list, ...own),
    ],
    'a request behind a body that is refused': [lengthOf(5_000_000), head(list, ...own)],
  };
}

test('no bytes make the gateway fail', async () => {
  for (const [what, pieces] of Object.entries(malformed())) {
    // One after the other: a failure is of one of them. Who sends half hears that it is refused, or sees the connection end.
    // oxlint-disable-next-line no-await-in-loop
    const { statuses } = await sendBytes(gateway.url, pieces, { half: true });
    expect({ what, failed: statuses.filter((status) => status >= 500) }).toEqual({ what, failed: [] });
  }
  expect((await gateway.send('/health')).status).toBe(200);
});

test('many who hang up in the middle, or send no more, hold up nobody', async () => {
  const own = ['Host: 127.0.0.1', `x-osmo-user: ${user}`, 'Content-Type: application/json'];
  const half = [head(submit(), ...own, 'Content-Length: 100000'), 'x'.repeat(500)];
  const chunk = [head(submit(), ...own, 'Transfer-Encoding: chunked'), 'ffff\r\n{"file":'];
  const watch = [head('GET /api/watch/workflow?all_users=true HTTP/1.1', ...own)];
  const logs = [head(`GET /api/workflow/${namespace}/logs HTTP/1.1`, ...own)];
  const gone = [half, chunk, watch, logs, ['POST /api/po'], [list]];
  await Promise.all(
    gone.flatMap((pieces) => Array.from({ length: 20 }, () => sendBytes(gateway.url, pieces, { hangUp: true }))),
  );
  const waiting = new AbortController();
  const open = Array.from({ length: 40 }, () => sendBytes(gateway.url, half, { until: waiting.signal }));
  const answers = await Promise.all(
    Array.from({ length: 40 }, async () => (await gateway.send('/api/workflow', { as: user })).status),
  );
  expect(new Set(answers)).toEqual(new Set([200]));
  waiting.abort();
  await Promise.all(open);
  expect((await gateway.send('/health')).status).toBe(200);
});

test('bodies that one caller begins and does not end take bounded memory, and nobody else’s room', async () => {
  const largest = 4_194_304;
  // Who may do nothing: that is heard once the body is read.
  const crowd = `crowd-${namespace}`;
  const own = ['Host: 127.0.0.1', `x-osmo-user: ${crowd}`, 'Content-Type: application/json'];
  const begun = [head(submit(), ...own, `Content-Length: ${largest}`), '{"file": "'];
  const send = async (as: string): Promise<number> => {
    const path = `/api/pool/${namespace}/workflow?dry_run=true`;
    return (await gateway.send(path, { method: 'POST', as, body: JSON.stringify({ file: '' }) })).status;
  };
  expect(await send(crowd)).toBe(403);
  const waiting = new AbortController();
  const statuses: number[] = [];
  const open = Array.from({ length: 8 }, async () => {
    const answer = await sendBytes(gateway.url, begun, { until: waiting.signal });
    statuses.push(...answer.statuses);
  });
  // Those for which there is room are waited for, and the others are told at once.
  await until(
    async () => statuses.length,
    (count) => count === 4,
  );
  expect(statuses).toEqual([429, 429, 429, 429]);
  expect(await send(crowd)).toBe(429);
  expect(await send('somebody-else')).toBe(403);
  waiting.abort();
  await Promise.all(open);
  await until(
    () => send(crowd),
    (status) => status === 403,
  );
});
