import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { FakeClock, settle } from '../runtime/testing/fake-clock.ts';
import { until } from '../testing/until.ts';
import { OutgoingError } from './errors.ts';
import { Outgoing, type OutgoingOptions } from './outgoing.ts';
import { testCertificate, testKey } from '../testing/certificate.ts';

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function serve(listener: RequestListener, tls = false): Promise<{ port: number; server: Server }> {
  const server = tls ? createTlsServer({ key: testKey, cert: testCertificate }, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, server };
}

function outgoing(options: OutgoingOptions = {}): Outgoing {
  const made = new Outgoing(options);
  open.push(() => made.close());
  return made;
}

/** Names that stand for these addresses. */
const names = (table: Record<string, string[]>, asked: string[] = []): Pick<OutgoingOptions, 'resolve'> => ({
  resolve: (host) => {
    asked.push(host);
    const addresses = table[host];
    if (addresses === undefined) return Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
    return Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })));
  },
});

const failure = (promise: Promise<unknown>): Promise<OutgoingError> =>
  promise.then(
    () => {
      throw new Error('was called');
    },
    (error: unknown) => {
      if (!(error instanceof OutgoingError)) throw error;
      return error;
    },
  );

describe('what is not called', () => {
  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://0/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a9fe:a9fe]/latest/meta-data',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://①②⑦.⓪.⓪.①/',
    'https://internal.example/',
    'https://mixed.example/',
    'https://metadata.google.internal./',
    'https://six.example/',
  ])('%s', async (url) => {
    const calls = outgoing(
      names({
        'internal.example': ['10.0.0.5'],
        'mixed.example': ['1.1.1.1', '10.0.0.5'],
        'metadata.google.internal.': ['169.254.169.254'],
        'six.example': ['fd00::1'],
      }),
    );
    const error = await failure(calls.fetch(url));
    expect(error).toMatchObject({ reason: 'Refused', mayPass: false });
    expect(error.message).toContain('only public addresses are called');
  });

  test.each([
    ['ftp://a.example/', 'ftp: is not called'],
    ['file:///etc/passwd', 'file: is not called'],
    ['data:,x', 'data: is not called'],
    ['not a url', 'can not be read'],
    ['https://user:secret@a.example/', 'a user or a password'],
    ['http://public.example/', 'over plain http'],
    ['http://1.1.1.1/', 'over plain http'],
  ])('%s: %s', async (url, message) => {
    const error = await failure(outgoing(names({ 'public.example': ['1.1.1.1'] })).fetch(url));
    expect(error).toMatchObject({ reason: 'Refused' });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('secret');
  });

  test('a name without an address may have one later', async () => {
    const error = await failure(outgoing(names({})).fetch('https://nowhere.example/token'));
    expect(error).toMatchObject({ reason: 'Unresolved', mayPass: true });
    expect(error.message).toBe('nowhere.example could not be resolved (ENOTFOUND)');
  });
});

describe('what is called', () => {
  test('a listed network, over plain http', async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(201, { 'x-method': request.method, 'set-cookie': ['a=1', 'b=2'] });
      request.pipe(response);
    });
    const calls = outgoing({ allow: ['127.0.0.0/8'], ...names({ 'hook.test': ['127.0.0.1'] }) });
    const answer = await calls.fetch(`http://hook.test:${port}/a?b=c`, { method: 'POST', body: 'hello' });
    expect([answer.status, answer.headers.get('x-method'), await answer.text()]).toEqual([201, 'POST', 'hello']);
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('forms and answers without a body', async () => {
    const { port } = await serve((request, response) => {
      response.writeHead(204, { 'x-type': request.headers['content-type'] ?? '' });
      response.end();
    });
    const body = new URLSearchParams({ grant_type: 'a b' });
    const answer = await outgoing({ allow: ['127.0.0.1'] }).fetch(`http://127.0.0.1:${port}/`, {
      method: 'POST',
      body,
    });
    expect([answer.status, answer.body, answer.headers.get('x-type')]).toEqual([
      204,
      null,
      'application/x-www-form-urlencoded;charset=UTF-8',
    ]);
  });

  test('TLS is checked, against the authorities that are given', async () => {
    const { port } = await serve((_, response) => response.end('sealed'), true);
    const options = { allow: ['127.0.0.1'], ...names({ localhost: ['127.0.0.1'], 'other.test': ['127.0.0.1'] }) };
    const trusting = outgoing({ ...options, ca: testCertificate });
    expect(await (await trusting.fetch(`https://localhost:${port}/`)).text()).toBe('sealed');
    expect((await failure(outgoing(options).fetch(`https://localhost:${port}/`))).message).toContain('CERT');
    const otherName = await failure(trusting.fetch(`https://other.test:${port}/`));
    expect(otherName).toMatchObject({ reason: 'Failed', mayPass: true });
    expect(otherName.message).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('each connection goes to the address that was checked, whatever the name stands for a moment later', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(200, { connection: 'close' });
      response.end('reached');
    });
    const answers = ['127.0.0.1', '127.0.0.2'];
    const calls = outgoing({
      allow: ['127.0.0.1'],
      resolve: () => Promise.resolve([{ address: answers.shift() ?? '', family: 4 }]),
    });
    expect(await (await calls.fetch(`http://rebinding.test:${port}/`)).text()).toBe('reached');
    // One question for one connection: there is none between the check and the connection.
    expect(answers).toEqual(['127.0.0.2']);
    expect(await failure(calls.fetch(`http://rebinding.test:${port}/`))).toMatchObject({ reason: 'Refused' });
  });
});

describe('bounds', () => {
  test('redirects are not followed', async () => {
    const { port } = await serve((_, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/?token=secret' });
      response.end();
    });
    const error = await failure(outgoing({ allow: ['127.0.0.1'] }).fetch(`http://127.0.0.1:${port}/`));
    expect(error).toMatchObject({ reason: 'Redirected', mayPass: false });
    expect(error.message).toContain('redirect to 169.254.169.254, which is not followed');
    expect(error.message).not.toContain('secret');
  });

  test('of an answer no more is read than is allowed', async () => {
    const { port } = await serve((_, response) => response.end(Buffer.alloc(5_000)));
    const calls = outgoing({ allow: ['127.0.0.1'], maxResponseBytes: 4_999 });
    expect(await failure(calls.fetch(`http://127.0.0.1:${port}/`))).toMatchObject({ reason: 'TooLarge' });
    const whole = await calls.fetch(`http://127.0.0.1:${port}/`, { maxResponseBytes: 5_000 });
    expect((await whole.arrayBuffer()).byteLength).toBe(5_000);
  });

  test.each(['nothing', 'half'])('time ends a call that gets %s of an answer', async (sent) => {
    let arrived = 0;
    const { port } = await serve((_, response) => {
      arrived++;
      if (sent === 'half') response.write('half');
    });
    const clock = new FakeClock();
    const call = failure(outgoing({ allow: ['127.0.0.1'], clock }).fetch(`http://127.0.0.1:${port}/secret`));
    await until(
      () => arrived,
      (count) => count === 1,
    );
    await settle();
    clock.advance(10_000);
    const error = await call;
    expect(error).toMatchObject({ reason: 'Timeout', message: `127.0.0.1:${port} did not answer within 10000 ms` });
    expect(clock.pending).toBe(0);
  });

  test('whoever calls can give up', async () => {
    const stop = new AbortController();
    const { port } = await serve(() => stop.abort(new Error('enough')));
    const call = outgoing({ allow: ['127.0.0.1'] }).fetch(`http://127.0.0.1:${port}/`, { signal: stop.signal });
    await expect(call).rejects.toThrow('enough');
    const late = outgoing().fetch(`https://a.example/`, { signal: stop.signal });
    await expect(late).rejects.toThrow('enough');
  });

  test('a port that nobody listens on', async () => {
    const { port, server } = await serve(() => undefined);
    await new Promise((resolve) => server.close(resolve));
    const error = await failure(outgoing({ allow: ['127.0.0.1'] }).fetch(`http://127.0.0.1:${port}/secret`));
    expect(error.message).toBe(`127.0.0.1:${port} could not be called: ECONNREFUSED`);
  });
});

describe('a proxy', () => {
  async function proxy(): Promise<{ uri: string; seen: string[] }> {
    const seen: string[] = [];
    const { port, server } = await serve((_, response) => response.writeHead(400).end());
    server.on('connect', (request, socket) => {
      seen.push(request.url ?? '');
      const [, to = ''] = (request.url ?? '').split(':');
      const upstream = connectTcp(Number(to), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
      open.unshift(() => {
        upstream.destroy();
        socket.destroy();
        return Promise.resolve();
      });
    });
    return { uri: `http://127.0.0.1:${port}`, seen };
  }

  test('is gone through, and resolves what only it knows', async () => {
    const { uri, seen } = await proxy();
    const { port } = await serve((_, response) => response.end('behind'), true);
    const calls = outgoing({ proxy: { https: uri, bypass: [] }, ca: testCertificate, ...names({}) });
    expect(await (await calls.fetch(`https://localhost:${port}/`)).text()).toBe('behind');
    expect(seen).toEqual([`localhost:${port}`]);
  });

  test('is not asked for what is private', async () => {
    const { uri, seen } = await proxy();
    const calls = outgoing({ proxy: { https: uri, http: uri, bypass: [] }, ...names({ 'in.example': ['10.0.0.1'] }) });
    for (const url of ['https://in.example/', 'https://169.254.169.254/', 'http://unknown.example/']) {
      expect(await failure(calls.fetch(url))).toMatchObject({ reason: 'Refused' });
    }
    expect(seen).toEqual([]);
  });
});
