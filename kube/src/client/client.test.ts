import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TimeSaid } from '../runtime/server-clock.ts';
import { FakeClock } from '../runtime/testing/fake-clock.ts';
import { type FakeApiserver, type RequestInfo, startFakeApiserver } from '../testing/index.ts';
import { type ClusterAccess, fixedAccess } from './access.ts';
import { createClient } from './client.ts';
import { isAbort, TransportReason } from './errors.ts';
import { ConfigMap } from './kinds/core.ts';
import type { KubeClient, WatchEvent } from './types.ts';
import { failureOf } from '../testing/failure.ts';

const map = (name: string): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
});
const ref = { name: 'a', namespace: 'default' };
const verb = (...verbs: RequestInfo['verb'][]) => ({ on: (request: RequestInfo) => verbs.includes(request.verb) });
const fast = { baseDelayMs: 1, maxDelayMs: 2 };

describe('against a server that fails', () => {
  let server: FakeApiserver;
  let client: KubeClient;
  beforeEach(async () => {
    server = await startFakeApiserver();
    client = server.client({ retry: fast });
  });
  afterEach(() => server.close());

  test('a read is tried again after 500s and broken connections', async () => {
    server.seed(ConfigMap, map('a'));
    const refused = server.inject({ ...verb('get'), effect: { respond: { status: 500 } } });
    const broken = server.inject({ ...verb('get'), times: 2, effect: { reset: 'before' } });
    expect((await client.get(ConfigMap, ref)).metadata.name).toBe('a');
    expect([refused.hits, broken.hits]).toEqual([1, 2]);
  });

  test('what a server says of its time is told with each answer, but not with refusals', async () => {
    server.seed(ConfigMap, map('a'));
    const times: TimeSaid[] = [];
    const listening = server.client({ heard: (time) => times.push(time) });
    await listening.get(ConfigMap, ref);
    await expect(listening.get(ConfigMap, { ...ref, name: 'b' })).rejects.toThrow('not found');
    expect(times).toHaveLength(1);
    const [{ date = '', sentMs = 0, receivedMs = 0 } = {}] = times;
    expect(new Date(date).toUTCString()).toBe(date);
    expect(receivedMs).toBeGreaterThanOrEqual(sentMs);
    await listening.close();
  });

  test('a read gives up after four attempts', async () => {
    const fault = server.inject({ times: 9, effect: { respond: { status: 503, reason: 'ServiceUnavailable' } } });
    const error = await failureOf(client.get(ConfigMap, ref));
    expect(error).toMatchObject({ status: 503, reason: 'ServiceUnavailable', method: 'GET' });
    expect(fault.hits).toBe(4);
  });

  test('a create is not tried again when its answer was lost: it was done', async () => {
    const fault = server.inject({ ...verb('create'), times: 9, effect: { reset: 'after' } });
    const error = await failureOf(client.create(ConfigMap, map('a')));
    expect(error).toMatchObject({ status: 0, reason: TransportReason.connection });
    expect(fault.hits).toBe(1);
    expect(server.get(ConfigMap, ref)).toBeDefined();
  });

  test('a create is tried again when the server said that it did nothing', async () => {
    const fault = server.inject({
      ...verb('create'),
      times: 2,
      effect: { respond: { status: 429, retryAfterSeconds: 0 } },
    });
    await client.create(ConfigMap, map('a'));
    expect(fault.hits).toBe(2);
  });

  test('an apply is tried again when its answer was lost', async () => {
    server.inject({ ...verb('apply'), effect: { reset: 'after' } });
    const applied = await client.apply(ConfigMap, { ...map('a'), data: { a: '1' } }, { fieldManager: 'me' });
    expect(applied.data).toEqual({ a: '1' });
    expect(server.revision).toBe(Number(applied.metadata.resourceVersion));
  });

  test('Retry-After is kept', async () => {
    const clock = new FakeClock();
    const patient = server.client({ clock });
    server.seed(ConfigMap, map('a'));
    server.inject({ ...verb('get'), effect: { respond: { status: 429, retryAfterSeconds: 7 } } });
    const got = patient.get(ConfigMap, ref);
    // The attempt's own timer is gone when the answer is here; what is left is the wait.
    const next = (): number => (clock.nextAt()?.getTime() ?? 0) - clock.now().getTime();
    while (server.requests.length === 0 || clock.pending !== 1 || next() === 60_000) await new Promise(setImmediate);
    const wait = next();
    expect(wait).toBeGreaterThanOrEqual(7_000);
    expect(wait).toBeLessThan(8_000);
    clock.advance(wait);
    await got;
    expect(server.requests.map(({ status }) => status)).toEqual([429, 200]);
  });

  test('no answer in time is a time-out, and reads are tried again', async () => {
    const stalled = server.inject({ times: 9, effect: { stall: true } });
    const error = await failureOf(client.get(ConfigMap, { ...ref }, { timeoutMs: 20 }));
    expect(error).toMatchObject({ status: 0, reason: TransportReason.timeout });
    expect(error.message).toBe('GET /api/v1/namespaces/default/configmaps/a: no answer within 20 ms');
    expect(stalled.hits).toBe(4);
  });

  test('an abort ends a request, a wait and a watch at once, with its reason', async () => {
    server.inject({ effect: { stall: true } });
    const reason = new Error('enough');
    for (const act of [
      (signal: AbortSignal) => client.get(ConfigMap, ref, { signal }),
      (signal: AbortSignal) => {
        server.inject({ effect: { respond: { status: 429, retryAfterSeconds: 20 } } });
        return client.get(ConfigMap, ref, { signal });
      },
      (signal: AbortSignal) => client.watch(ConfigMap, { signal })[Symbol.asyncIterator]().next(),
    ]) {
      const controller = new AbortController();
      const before = server.requests.length;
      const acting = act(controller.signal);
      acting.catch(() => undefined);
      while (server.requests.length === before) await new Promise(setImmediate);
      controller.abort(reason);
      await expect(acting).rejects.toBe(reason);
    }
  });

  test('a signal that is aborted already sends nothing', async () => {
    const error: unknown = await client.get(ConfigMap, ref, { signal: AbortSignal.abort() }).catch((e: unknown) => e);
    expect(isAbort(error)).toBe(true);
    expect(server.requests).toEqual([]);
  });

  test('a full pool does not keep an abort waiting', async () => {
    const narrow = server.client({ maxConnections: 1 });
    server.inject({ times: 1, effect: { stall: true } });
    const blocking = narrow.get(ConfigMap, ref, { timeoutMs: 60_000 });
    blocking.catch(() => undefined);
    const controller = new AbortController();
    const waiting = narrow.get(ConfigMap, ref, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('what is not JSON is an error that does not quote it', async () => {
    server.inject({ effect: { respond: { status: 200, body: 'token: s3cr3t' } } });
    const error = await failureOf(client.get(ConfigMap, ref));
    expect(error.reason).toBe(TransportReason.malformed);
    expect(error.message).not.toContain('s3cr3t');
  });

  test("a proxy's error page is quoted without credentials", async () => {
    const body = `<html>bad gateway, Authorization: Bearer ${'x'.repeat(20)}</html>`;
    server.inject({ times: 9, effect: { respond: { status: 502, body } } });
    const error = await failureOf(client.create(ConfigMap, map('a')));
    expect(error).toMatchObject({ status: 502 });
    expect(error.message).toContain('bad gateway');
    expect(error.message).not.toContain('xxxx');
  });

  test('an unreachable server is a connection error, of creates too after some attempts', async () => {
    const access = fixedAccess(server.url);
    await server.close();
    const lonely = createClient({ access, retry: fast });
    const error = await failureOf(lonely.create(ConfigMap, map('a')));
    expect(error.reason).toBe(TransportReason.connection);
    expect(error.message).toContain('ECONNREFUSED');
    await lonely.close();
  });

  describe('watching', () => {
    const watch = async (options: { stallTimeoutMs?: number } = {}): Promise<{ events: string[]; error: unknown }> => {
      const events: string[] = [];
      try {
        for await (const event of client.watch(ConfigMap, { resourceVersion: '1000', ...options }))
          events.push(label(event));
        return { events, error: undefined };
      } catch (error) {
        return { events, error };
      }
    };
    const label = (event: WatchEvent<ConfigMap>): string =>
      event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;
    beforeEach(() => {
      for (const name of ['a', 'b', 'c']) server.seed(ConfigMap, map(name));
    });

    test('ends well when the server ends it', async () => {
      server.inject({ effect: { lines: (line, i) => (i === 2 ? 'end' : [line]) } });
      expect(await watch()).toEqual({ events: ['ADDED a', 'ADDED b'], error: undefined });
    });

    test('half a line at the end is an error after what was whole', async () => {
      server.inject({ effect: { lines: (line, i) => (i === 1 ? { half: line.slice(0, 20) } : [line]) } });
      const { events, error } = await watch();
      expect(events).toEqual(['ADDED a']);
      expect(error).toMatchObject({ status: 0, reason: TransportReason.truncated });
    });

    test.each([
      ['no JSON', 'nonsense{'],
      ['no event', '{"a":1}'],
      ['null', 'null'],
      ['an unknown type', '{"type":"WEIRD","object":{"metadata":{"name":"a","resourceVersion":"1"}}}'],
      ['an object without metadata', '{"type":"ADDED","object":{}}'],
    ])('%s is an error', async (_, line) => {
      server.inject({ effect: { lines: (text, i) => (i === 1 ? [line] : [text]) } });
      const { events, error } = await watch();
      expect(events).toEqual(['ADDED a']);
      expect(error).toMatchObject({ status: 0, reason: TransportReason.malformed });
    });

    test('a broken connection is an error', async () => {
      server.inject({ effect: { lines: () => 'cut' } });
      expect((await watch()).error).toMatchObject({ status: 0, reason: TransportReason.connection });
    });

    test('an HTTP error is an error', async () => {
      server.inject({ effect: { respond: { status: 500 } } });
      expect((await watch()).error).toMatchObject({ status: 500, reason: 'InternalError' });
    });

    test('silence for too long is an error', async () => {
      server.inject({ effect: { stall: true } });
      expect((await watch({ stallTimeoutMs: 30 })).error).toMatchObject({ reason: TransportReason.stalled });
    });

    test('leaving the loop closes the connection', async () => {
      for await (const event of client.watch(ConfigMap, { resourceVersion: '1000' })) {
        expect(label(event)).toBe('ADDED a');
        break;
      }
      while (server.openWatches > 0) await new Promise(setImmediate);
    });

    test('watches do not use up the connections of requests', async () => {
      const narrow = server.client({ maxConnections: 1 });
      const controller = new AbortController();
      const open = [1, 2, 3].map(() =>
        narrow.watch(ConfigMap, { signal: controller.signal })[Symbol.asyncIterator]().next(),
      );
      await Promise.all(open);
      expect((await narrow.list(ConfigMap)).items).toHaveLength(3);
      controller.abort();
    });
  });
});

describe('credentials', () => {
  let server: Server;
  const seen: (string | undefined)[] = [];
  beforeEach(async () => {
    seen.length = 0;
    server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      const fine = request.headers.authorization === 'Bearer new';
      const status = { kind: 'Status', apiVersion: 'v1', code: 401, reason: 'Unauthorized', message: 'Unauthorized' };
      response.writeHead(fine ? 200 : 401).end(JSON.stringify(fine ? map('a') : status));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise<unknown>((resolve) => server.close(resolve));
  });
  const accessWith = (tokens: string[]): ClusterAccess => ({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: () => ({ headers: { authorization: `Bearer ${tokens[0]}` }, tls: {} }),
    renew: () => {
      if (tokens.length > 1) tokens.shift();
    },
  });

  test('are renewed once after a 401, for creates too', async () => {
    const client = createClient({ access: accessWith(['old', 'new']) });
    await client.create(ConfigMap, map('a'));
    expect(seen).toEqual(['Bearer old', 'Bearer new']);
    await client.close();
  });

  test('that stay wrong are an error without the token', async () => {
    const client = createClient({ access: accessWith(['very-secret']) });
    const error = await failureOf(client.get(ConfigMap, ref));
    expect(error.status).toBe(401);
    expect(seen).toHaveLength(2);
    expect(JSON.stringify(error) + error.stack).not.toContain('very-secret');
    await client.close();
  });
});
