import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Counter, Registry } from 'prom-client';
import { HealthChecks } from './checks.ts';
import { type Endpoint, healthHandlers, metricsHandlers, serve } from './server.ts';

describe('health and metrics endpoints', () => {
  let live: HealthChecks;
  let ready: HealthChecks;
  let registry: Registry;
  let endpoint: Endpoint;
  beforeEach(async () => {
    live = new HealthChecks();
    ready = new HealthChecks();
    registry = new Registry();
    const handlers = { ...healthHandlers({ live, ready }), ...metricsHandlers(registry) };
    endpoint = await serve(handlers, { port: 0, host: '127.0.0.1' });
  });
  afterEach(() => endpoint.close());

  const get = async (path: string, init: RequestInit = {}): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${endpoint.port}${path}`, init);
    return [response.status, await response.text()];
  };

  test('well without checks, and with checks that are well', async () => {
    expect(await get('/healthz')).toEqual([200, 'ok']);
    live.add('a', () => undefined);
    live.add('b', async () => undefined);
    expect(await get('/healthz')).toEqual([200, 'ok']);
    expect(await get('/healthz?verbose')).toEqual([200, '[+]a ok\n[+]b ok\ncheck passed\n']);
  });

  test('a failing check is named, with its problem', async () => {
    ready.add('caches', () => 'not filled yet: default/pods');
    ready.add('throws', () => {
      throw new Error('broken');
    });
    ready.add('fine', () => undefined);
    expect(await get('/readyz')).toEqual([
      500,
      '[-]caches failed: not filled yet: default/pods\n[-]throws failed: broken\n[+]fine ok\ncheck failed\n',
    ]);
    expect(await get('/readyz?exclude=caches&exclude=throws')).toEqual([200, 'ok']);
    expect(await get('/healthz')).toEqual([200, 'ok']);
  });

  test('metrics are in text format', async () => {
    new Counter({ name: 'things_total', help: 'Things', registers: [registry] }).inc(2);
    const [status, body] = await get('/metrics');
    expect(status).toBe(200);
    expect(body).toContain('things_total 2');
  });

  test.each<[string, string, RequestInit, number]>([
    ['an unknown path', '/etc/passwd', {}, 404],
    ['a name of every object', '/constructor', {}, 404],
    ['a write', '/healthz', { method: 'POST' }, 405],
  ])('%s is refused', async (_, path, init, status) => {
    expect((await get(path, init))[0]).toBe(status);
  });

  test('a port that is taken is told', async () => {
    await expect(serve({}, { port: endpoint.port, host: '127.0.0.1' })).rejects.toThrow('EADDRINUSE');
  });

  test('a name can be used once', () => {
    live.add('a', () => undefined);
    expect(() => live.add('a', () => undefined)).toThrow('health check "a" was added before');
  });
});
