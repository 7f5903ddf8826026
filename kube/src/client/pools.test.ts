import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ClusterAccess, type Credentials, fixedAccess } from './access.ts';
import { createClient } from './client.ts';
import { ConfigMap } from './kinds/core.ts';
import { Pools } from './pools.ts';

const access = fixedAccess('https://localhost:1');
const credentials = (cert: string, token: string): Credentials => ({
  headers: { authorization: token },
  tls: { cert },
});

describe('connections', () => {
  test('are kept while the TLS identity is the same, whatever the token', async () => {
    const pools = new Pools(access, 1);
    const first = pools.for(credentials('a', 't1'));
    expect(pools.for(credentials('a', 't2'))).toBe(first);
    await pools.destroy();
  });

  test('are new for a rotated certificate, and the old ones close', async () => {
    const pools = new Pools(access, 1);
    const first = pools.for(credentials('a', 't'));
    const second = pools.for(credentials('b', 't'));
    expect(second).not.toBe(first);
    expect((first.requests as unknown as { closed: boolean }).closed).toBe(true);
    await pools.destroy();
  });
});

describe('over the wire', () => {
  let server: Server;
  let sockets: number;
  const asked: string[] = [];
  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeEach(async () => {
    sockets = 0;
    asked.length = 0;
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [] }));
    });
    server.on('connection', () => sockets++);
    // Both sides go by it: on a busy machine idle connections would be closed and made anew between two rounds.
    server.keepAliveTimeout = 600_000;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    return new Promise<unknown>((resolve) => server.close(resolve));
  });

  test('many requests share few connections', async () => {
    const client = createClient({ access: fixedAccess(url()), maxConnections: 3 });
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 10 }, () => client.list(ConfigMap)));
    }
    expect(asked).toHaveLength(50);
    expect(sockets).toBeLessThanOrEqual(3);
    await client.close();
  });

  test('a server below a path is reached there', async () => {
    const client = createClient({ access: fixedAccess(`${url()}/clusters/one/`) });
    await client.list(ConfigMap, { namespace: 'a', labelSelector: 'x in (a,b)' });
    expect(asked).toEqual(['/clusters/one/api/v1/namespaces/a/configmaps?labelSelector=x%20in%20(a%2Cb)']);
    await client.close();
  });

  test('a proxy is gone through', async () => {
    const behind: ClusterAccess = { ...fixedAccess('http://apiserver.invalid:6443'), proxyUrl: url() };
    const client = createClient({ access: behind });
    await client.list(ConfigMap);
    expect(asked).toEqual(['http://apiserver.invalid:6443/api/v1/configmaps']);
    await client.close();
  });
});
