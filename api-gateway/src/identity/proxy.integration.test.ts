import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let proxy: Server;
let folder: string;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];

/** What the proxy knows of who has signed in there, by what they send. */
const sessions: Record<string, { user: string; roles: string }> = {};

/** A reverse proxy as upstream has one: takes off what callers say about themselves, and says who has signed in with it. */
function reverseProxy(): Server {
  return createServer((incoming, outgoing) => {
    const headers = Object.fromEntries(
      Object.entries(incoming.headers).filter(([name]) => !name.startsWith('x-osmo-')),
    );
    const session = sessions[incoming.headers.cookie ?? ''];
    if (session !== undefined) Object.assign(headers, { 'x-osmo-user': session.user, 'x-osmo-roles': session.roles });
    const { port } = new URL(gateway.url);
    const { method, url: path } = incoming;
    const onward = send({ host: '127.0.0.1', port, method, path, headers, localAddress: '127.0.0.2', agent: false });
    onward.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end('{}'));
    incoming.pipe(onward);
  });
}
async function through(path: string, init: RequestInit = {}): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}${path}`, init);
  return { status: answer.status, body: await answer.json() };
}
const profile = '/api/profile/settings';
const named = (name: string): string => `${name}@${namespace}.example.com`;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'proxy');
  folder = await mkdtemp(join(tmpdir(), 'osmo-proxy-'));
  const file = join(folder, 'auth.json');
  const trustedProxies = { networks: ['127.0.0.2'], groupPrefix: `${namespace}:` };
  await writeFile(file, JSON.stringify({ trustedProxies }));
  gateway = await startGateway([`--auth-config=${file}`], { dev: false });
  proxy = reverseProxy().listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  Object.assign(sessions, {
    'sso=ada': { user: named('ada'), roles: 'lab, night' },
    'sso=eve': { user: named('eve'), roles: '' },
  });
  const subject = { kind: 'Group', name: `${namespace}:lab` } as const;
  const rules = [{ apiGroups: ['osmo.dev'], resources: ['pools'], verbs: ['list'] }];
  undo.push(await grant(admin, `${namespace}-lab`, subject, rules));
});
afterAll(async () => {
  proxy.close();
  proxy.closeAllConnections();
  await gateway[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

test('who has signed in at the proxy is that user, with the rights of their roles', async () => {
  const ada = { cookie: 'sso=ada' };
  expect(await through(profile, { headers: ada })).toMatchObject({
    status: 200,
    body: { profile: { username: named('ada') } },
  });
  await until(
    () => through('/api/pool', { headers: ada }),
    ({ status }) => status === 200,
  );
  expect(await through('/api/pool', { headers: { cookie: 'sso=eve' } })).toMatchObject({ status: 403 });
});

test('what callers say about themselves counts for nothing, at the proxy or beside it', async () => {
  const forged = { 'x-osmo-user': named('ada'), 'x-osmo-roles': 'lab' };
  expect((await through(profile, { headers: forged })).status).toBe(401);
  expect(await through(profile, { headers: { ...forged, cookie: 'sso=eve' } })).toMatchObject({
    body: { profile: { username: named('eve') } },
  });
  const beside = await gateway.send(profile, { headers: { ...forged, 'x-forwarded-for': '127.0.0.2' } });
  expect(beside.status).toBe(401);
});

test('a page of somebody else can change nothing with a session at the proxy', async () => {
  const init = { method: 'POST', body: '{"email_notification":true}' };
  const headers = { cookie: 'sso=ada', origin: 'https://evil.example.com' };
  expect((await through(profile, { ...init, headers })).status).toBe(403);
  const site = { cookie: 'sso=ada', 'sec-fetch-site': 'cross-site' };
  expect((await through(profile, { ...init, headers: site })).status).toBe(403);
});
