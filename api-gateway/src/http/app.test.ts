import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KubeError } from '@osmo/kube';
import { FakeClock, type RecordingLogger, recordingLogger, until } from '@osmo/kube/testing';
import { authenticator } from '../identity/authenticator.ts';
import { createApp } from './app.ts';
import { RequestError } from './errors.ts';
import { type Operation, operation } from './operation.ts';
import { rateLimit } from './rate-limit.ts';

let server: Server;
let url: string;
let logger: RecordingLogger;
let counted: [string, number][];
let closing: AbortController;

const answer = { description: '' };
const get = (path: string, handle: Operation['handle'], extra: Partial<Operation> = {}): Operation =>
  operation({
    id: `get ${path}`,
    action: 'workflow:Read',
    method: 'get',
    path,
    tag: 't',
    summary: 's',
    answer,
    handle,
    ...extra,
  });
const post = (path: string, handle: Operation['handle'], extra: Partial<Operation> = {}): Operation => ({
  ...get(path, handle, extra),
  id: `post ${path}`,
  method: 'post',
});

const operations: Operation[] = [
  get('/open', () => ({ json: { hello: 'all' } }), { open: true }),
  get('/me', ({ caller }) => ({ json: caller.user })),
  get('/item/{id}', ({ params }) => ({ json: params })),
  get('/token', () => ({ json: 'secret' }), { action: 'auth:Token' }),
  get('/warned', () => ({ json: null, warning: 'careful' })),
  get('/boom', () => {
    throw new Error('the password is hunter2');
  }),
  get('/refuse', () => {
    throw new RequestError(400, 'RESOURCE', 'no', { workflowId: 'w-1' });
  }),
  get('/kube', ({ headers }) => {
    throw new KubeError({ status: Number(headers['x-status']), reason: 'R', message: 'the server says' });
  }),
  get('/stream', async () => ({
    stream: (async function* pieces() {
      yield 'one\n';
      yield 'two\n';
    })(),
  })),
  get('/broken', () => ({
    stream: (async function* pieces() {
      yield 'one\n';
      throw new Error('the pod is gone');
    })(),
  })),
  get('/endless', ({ signal }) => ({
    stream: (async function* pieces() {
      yield 'started\n';
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    })(),
  })),
  post('/any', ({ body }) => ({ json: { got: body ?? null } }), { body: { schema: {}, required: false } }),
  post('/shape', () => ({ json: null }), {
    body: {
      schema: {
        type: 'object',
        properties: { file: { type: 'string' }, n: { type: 'integer', minimum: 1 } },
        required: ['file'],
        additionalProperties: false,
      },
    },
  }),
  post('/nothing', () => ({ json: null })),
];

beforeEach(async () => {
  logger = recordingLogger();
  counted = [];
  closing = new AbortController();
  const clock = new FakeClock();
  const app = createApp({
    operations,
    identify: authenticator([
      async ({ headers }) => {
        const user = headers['x-user'];
        return typeof user === 'string' ? { user, groups: [], method: 'dev' } : undefined;
      },
    ]),
    rateLimit: rateLimit(clock, 1, 20),
    maxBodyBytes: 1024,
    logger,
    metrics: { begin: () => (name, status) => void counted.push([name, status]) },
    clock,
    closing: closing.signal,
    basePath: '/team/osmo',
    notice: ({ 'x-version': version }) => {
      if (version === 'new') return { headers: {} };
      if (version === 'refused') throw new RequestError(400, 'OSMO_ERROR', 'too old');
      return { warning: 'old – update', headers: { 'x-newest': '2' } };
    },
  });
  server = createServer(app);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  closing.abort();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}${path}`, { ...init, headers: { 'x-user': 'ada', ...(init.headers as Record<string, string>) } });
const send = (path: string, body: string | undefined, headers: Record<string, string> = {}): Promise<Response> =>
  call(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body }),
  });

describe('a request', () => {
  test('needs somebody unless the operation is open', async () => {
    expect((await fetch(`${url}/open`)).status).toBe(200);
    const refused = await fetch(`${url}/me`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await (await call('/me')).json()).toBe('ada');
  });

  test('has an id: its own, if that is one, else a new one', async () => {
    const id = async (given?: string) =>
      (await call('/me', given === undefined ? {} : { headers: { 'x-request-id': given } })).headers.get(
        'x-request-id',
      );
    expect(await id('abc-1')).toBe('abc-1');
    expect(await id('no spaces!')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await id()).not.toBe(await id());
  });

  test('may have more slashes at its front, as behind a prefix, and a path with percent signs', async () => {
    expect((await call('//me')).status).toBe(200);
    expect(await (await call('/item/a%2Fb')).json()).toEqual({ id: 'a/b' });
    expect((await call('/item/%zz')).status).toBe(400);
    expect((await call('/nowhere')).status).toBe(404);
    expect((await send('/me', '{}')).status).toBe(404);
  });

  test('may come by the path that people reach the gateway by, with one slash behind it or two', async () => {
    expect((await call('/team/osmo/me')).status).toBe(200);
    expect((await call('/team/osmo//me')).status).toBe(200);
    expect((await call('/team/osmosis/me')).status).toBe(404);
  });

  test('is told in the log, without its query, headers and body', async () => {
    await (await send('/any?token=query-secret', '"body-secret"', { cookie: 'cookie-secret' })).text();
    // The line is written when the connection is done with the answer, which its reader may be before.
    await until(
      () => counted,
      ({ length }) => length > 0,
    );
    expect(counted).toEqual([['post /any', 200]]);
    const lines = logger.lines.filter(({ message }) => message === 'request');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ fields: { operation: 'post /any', status: 200, user: 'ada', method: 'POST' } });
    expect(JSON.stringify(logger.lines)).not.toMatch(/secret/);
  });

  test('is refused when its caller has made too many, and nobody else’s', async () => {
    const statuses = [];
    // oxlint-disable-next-line no-await-in-loop
    for (let count = 0; count < 21; count++) statuses.push((await call('/me')).status);
    expect(statuses.slice(0, 20).every((status) => status === 200)).toBe(true);
    const refused = await call('/me');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect((await call('/me', { headers: { 'x-user': 'vera' } })).status).toBe(200);
  });

  test('is served while somebody else floods the gateway', async () => {
    const statusOf = async (user: string): Promise<number> => {
      const response = await call('/me', { headers: { 'x-user': user } });
      await response.text();
      return response.status;
    };
    const flood = Promise.all(Array.from({ length: 300 }, () => statusOf('ada')));
    const served: number[] = [];
    // One after the other, in the midst of the flood.
    // oxlint-disable-next-line no-await-in-loop
    for (let count = 0; count < 20; count++) served.push(await statusOf('vera'));
    expect(served).toEqual(Array.from({ length: 20 }, () => 200));
    // No time passes here, so that nobody gets more than a burst.
    const statuses = await flood;
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(280);
  });
});

describe('a body', () => {
  test.each([
    ['an object', '{"a":1}', { a: 1 }],
    ['a bare string', '"text"', 'text'],
    ['null', 'null', null],
    ['nothing at all, called JSON', undefined, null],
    ['nothing', '', null],
  ])('%s is read', async (_, body, got) => {
    const response = await send('/any', body);
    expect([response.status, await response.json()]).toEqual([200, { got }]);
  });

  test.each([
    ['not JSON', '/any', '{"a":', 400, 'the body is not JSON'],
    ['too large', '/any', `"${'x'.repeat(2000)}"`, 413, 'too large'],
    ['of another type', '/shape', '[]', 400, 'must be object'],
    ['without a field', '/shape', '{}', 400, "must have required property 'file'"],
    ['with an unknown field', '/shape', '{"file":"","x":1}', 400, '"x" is no known field'],
    ['with a wrong number', '/shape', '{"file":"","n":0}', 400, 'body.n: 0: must be >= 1'],
    ['missing', '/shape', undefined, 400, 'needs a body'],
  ])('%s is refused', async (_, path, body, status, message) => {
    const response = await send(path, body);
    expect(response.status).toBe(status);
    expect(((await response.json()) as { message: string }).message).toContain(message);
  });

  test('a text in the wrong place isn’t repeated', async () => {
    const response = await send('/shape', '{"file":"","n":"hunter2"}');
    expect(await response.text()).not.toContain('hunter2');
  });

  test('is not read where none is expected, and the answer is still JSON', async () => {
    const response = await send('/nothing', 'anything', { connection: 'close' });
    expect([response.status, await response.json()]).toEqual([200, null]);
  });
});

describe('an answer', () => {
  test('has a tag, by which it isn’t sent twice', async () => {
    const first = await call('/me');
    const tag = first.headers.get('etag') ?? '';
    await first.text();
    const again = await call('/me', { headers: { 'if-none-match': `"other", W/${tag}` } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    expect((await call('/me', { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  });

  test('is data and nothing else to a browser, whatever it is, and stays in no cache where it says who somebody is', async () => {
    const answers = await Promise.all([
      call('/me'),
      call('/nowhere'),
      call('/boom'),
      call('/stream'),
      fetch(`${url}/me`),
    ]);
    for (const { headers } of answers) {
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
    const token = await call('/token');
    expect([token.headers.get('cache-control'), token.headers.get('etag')]).toEqual(['no-store', null]);
    await Promise.all([...answers, token].map((each) => each.text()));
  });

  test('of a failure tells what the caller may know', async () => {
    const refused = await call('/refuse');
    expect([refused.status, await refused.json()]).toEqual([
      400,
      { message: 'no', error_code: 'RESOURCE', workflow_id: 'w-1' },
    ]);
    const failed = await call('/boom');
    expect(failed.status).toBe(500);
    expect(await failed.text()).not.toContain('hunter2');
    expect(logger.lines.map(({ message }) => message)).toContain('request failed');
  });

  test.each([
    [403, 403],
    [404, 404],
    [409, 409],
    [422, 400],
    [429, 429],
    [500, 503],
    [0, 503],
    [401, 503],
  ])('%i of the apiserver becomes %i', async (status, want) => {
    expect((await call('/kube', { headers: { 'x-status': String(status) } })).status).toBe(want);
  });

  test('has what its client must know in base64, also what the operation warns of', async () => {
    const warning = async (path: string, version: string) => {
      const { headers } = await call(path, { headers: { 'x-version': version } });
      const text = headers.get('x-osmo-warning');
      return [headers.get('x-newest'), text === null ? null : Buffer.from(text, 'base64').toString('utf8')];
    };
    expect(await warning('/me', 'new')).toEqual([null, null]);
    expect(await warning('/me', 'old')).toEqual(['2', 'old – update']);
    expect(await warning('/warned', 'new')).toEqual([null, 'careful']);
    expect(await warning('/warned', 'old')).toEqual(['2', 'old – update\ncareful']);
    expect((await call('/me', { headers: { 'x-version': 'refused' } })).status).toBe(400);
  });

  test('to HEAD has headers and no body, and what would stream is not begun', async () => {
    const plain = await call('/me', { method: 'HEAD' });
    expect([plain.status, plain.headers.get('etag'), await plain.text()]).toEqual([200, expect.any(String), '']);
    const stream = await call('/endless', { method: 'HEAD' });
    expect([stream.status, stream.headers.get('content-type'), await stream.text()]).toEqual([
      200,
      'text/plain; charset=utf-8',
      '',
    ]);
  });

  test('comes piece by piece', async () => {
    const response = await call('/stream');
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toBe('one\ntwo\n');
  });

  test('that breaks in the middle is seen to be broken', async () => {
    const response = await call('/broken');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow(/terminated/);
  });

  test('without end ends with the process', async () => {
    const response = await call('/endless');
    closing.abort();
    expect(await response.text()).toBe('started\n');
  });

  test('nobody waits for any more is given up', async () => {
    const over = new Promise<void>((resolve) => {
      const request = httpRequest(`${url}/endless`, { headers: { 'x-user': 'ada' } }, (response) => {
        response.once('data', () => response.destroy());
        response.once('close', () => resolve());
        response.on('error', () => undefined);
      });
      request.on('error', () => undefined);
      request.end();
    });
    await over;
    await until(
      () => counted,
      ({ length }) => length > 0,
    );
    expect(counted).toEqual([['get /endless', 200]]);
  });
});
