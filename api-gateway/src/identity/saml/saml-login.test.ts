import { createServer, type Server } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runtimeMetrics, systemClock } from '@osmo/kube';
import { type RecordingLogger, recordingLogger } from '@osmo/kube/testing';
import { createApp } from '../../http/app.ts';
import { httpMetrics } from '../../http/metrics.ts';
import { operation } from '../../http/operation.ts';
import { rateLimit } from '../../http/rate-limit.ts';
import * as browser from '../../testing/saml-browser.ts';
import type { Begun } from '../../testing/saml-browser.ts';
import { packed, type Said } from '../../testing/saml-provider.ts';
import { openAuthentication } from '../authentication.ts';
import { authenticator } from '../authenticator.ts';
import { gatewayKeys } from '../keys/gateway-keys.ts';
import { ephemeralKeys } from '../keys/key-keeper.ts';
import { providerLogins } from '../provider-logins.ts';
import { Ledger, type LedgerStore, memoryStore } from '../session/ledger.ts';

const publicUrl = 'http://127.0.0.1:8000';
const clock = systemClock;
let folder: string;
/** Two replicas, which share keys and what their ledgers are stored in. */
let replicas: { url: string; logger: RecordingLogger; ledger: Ledger; server: Server }[];
let store: LedgerStore;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saml-'));
  const file = join(folder, 'auth.yaml');
  await writeFile(file, JSON.stringify({ saml: browser.samlConfiguration }));
  const keys = gatewayKeys(ephemeralKeys(clock), clock);
  store = memoryStore();
  const start = async () => {
    const logger = recordingLogger();
    const ledger = new Ledger(store, { clock, logger });
    const authentication = await openAuthentication({ file, publicUrl, allow: [], env: {}, clock, logger });
    const logins = providerLogins({ authentication, keys, clock, logger, publicUrl, dev: false, ledger });
    const whoami = operation({
      ...{ id: 'who', action: 'profile:Read', method: 'get', path: '/who', tag: 'Test', summary: 'Says who is there' },
      answer: { description: 'Who.' },
      handle: ({ caller }) => ({ json: { user: caller.user, groups: caller.groups } }),
    });
    const app = createApp({
      operations: [...logins.operations, whoami],
      identify: authenticator([logins.tokens, logins.sessions]),
      rateLimit: rateLimit(clock, 1000, 1000, 'requests'),
      maxBodyBytes: 1 << 20,
      ...{ logger, clock, publicUrl, closing: new AbortController().signal },
      metrics: httpMetrics(runtimeMetrics(undefined, { process: false }).registry),
    });
    const server = createServer(app);
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, logger, ledger, server };
  };
  replicas = [await start(), await start()];
});
afterAll(async () => {
  for (const { server } of replicas ?? []) {
    server.closeAllConnections();
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
  await rm(folder, { recursive: true });
});

const replica = (at: number): string => replicas[at]?.url ?? '';
const begun = (path = '', at = 0): Promise<Begun> => browser.begun(replica(at), path);
const responseTo = (requestId: string, change: Partial<Said> = {}): string =>
  browser.responseTo(publicUrl, requestId, change);
const bring = (xml: string, login: Pick<Begun, 'cookie' | 'relayState'>, at = 0): Promise<Response> =>
  browser.bring(replica(at), xml, login);

const who = async (cookie: string, at = 0): Promise<unknown> => {
  const answer = await fetch(`${replica(at)}/who`, { headers: { cookie } });
  const { user, groups } = (await answer.json()) as { user?: string; groups?: string[] };
  return answer.status === 200 ? { user, groups } : answer.status;
};

describe('a browser', () => {
  test('signs in by SAML, is known at every replica, and signs out at every one', async () => {
    const login = await begun('?return=/api/version');
    const answer = await bring(responseTo(login.requestId), login, 1);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/api/version']);
    const gone = answer.headers.getSetCookie().find((line) => line.startsWith(login.cookie.split('=')[0] ?? ''));
    expect(gone).toContain('Max-Age=0');
    const cookie = browser.cookieOf(answer);
    const ada = { user: 'ada', groups: ['idp:lab', 'system:authenticated'] };
    expect([await who(cookie, 0), await who(cookie, 1)]).toEqual([ada, ada]);
    const out = { method: 'POST', redirect: 'manual', headers: { cookie, origin: publicUrl } } as const;
    const bye = await fetch(`${replica(0)}/api/auth/browser/logout`, out);
    expect([bye.status, bye.headers.get('location')]).toEqual([303, `${publicUrl}/`]);
    // A copy of the cookie is worth nothing, here at once and there as soon as that has heard of it.
    expect(await who(cookie, 0)).toBe(401);
    replicas[1]?.ledger.take((await store.read()).text);
    expect(await who(cookie, 1)).toBe(401);
  });
  test('is sent on by the common address where there is one provider, and told of it', async () => {
    const answer = await fetch(`${replica(0)}/api/auth/browser/login?return=/x`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toBe(`${publicUrl}/api/auth/saml/idp/login?return=%2Fx`);
    const info = (await (await fetch(`${replica(0)}/api/auth/login`)).json()) as { methods: string[] };
    expect(info.methods).toContain('browser');
    const metadata = await fetch(`${replica(0)}/api/auth/saml/idp/metadata`);
    expect(metadata.headers.get('content-type')).toBe('application/samlmetadata+xml');
    expect(await metadata.text()).toContain(`Location="${publicUrl}/api/auth/saml/idp/acs"`);
    expect((await fetch(`${replica(0)}/api/auth/saml/other/metadata`)).status).toBe(404);
  });
  test('brings one login once, at any replica', async () => {
    const login = await begun();
    const xml = responseTo(login.requestId);
    const answers = await Promise.all([0, 1, 0, 1].map((at) => bring(xml, login, at)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([303, 403, 403, 403]);
    const again = await bring(xml, login, 1);
    expect([again.status, await again.text()]).toEqual([403, expect.stringContaining('was used before')]);
    expect(again.headers.get('content-security-policy')).toContain("default-src 'none'");
    // Nor another answer to the same request.
    const second = await bring(responseTo(login.requestId, { assertionId: '_b', nameID: 'eve' }), login, 0);
    expect([second.status, browser.cookieOf(second)]).toEqual([403, '']);
    expect((await store.read()).text).not.toContain(login.requestId);
  });
  test('is refused with a response that nobody asked for, or that somebody else asked for', async () => {
    const [mine, other] = [await begun(), await begun()];
    const cases: [string, { cookie: string; relayState: string }, number][] = [
      [responseTo(mine.requestId), { cookie: '', relayState: mine.relayState }, 400],
      [responseTo(mine.requestId), { ...mine, relayState: '' }, 400],
      [responseTo(mine.requestId), { ...mine, relayState: other.relayState }, 400],
      [responseTo(other.requestId), mine, 403],
      [responseTo(mine.requestId, { audience: 'https://other.example' }), mine, 403],
    ];
    for (const [xml, login, status] of cases) {
      // oxlint-disable-next-line no-await-in-loop
      const answer = await bring(xml, login);
      expect([answer.status, browser.cookieOf(answer)]).toEqual([status, '']);
    }
    const lines = replicas.map(({ logger }) => JSON.stringify(logger.lines)).join('');
    expect(lines).toContain('for somebody else (Audience)');
    expect(lines).not.toContain(mine.relayState);
    expect(lines).not.toContain('https://other.example');
  });
  test('gets an answer to whatever else is sent, and never a failure of ours', async () => {
    const url = `${replica(0)}/api/auth/saml/idp/acs`;
    const form = 'application/x-www-form-urlencoded';
    const login = await begun();
    const bodies: [string, string, number[]][] = [
      ['', form, [400]],
      ['{"SAMLResponse":"x"}', 'application/json', [400]],
      ['SAMLResponse=a&SAMLResponse=b', form, [400]],
      ['SAMLResponse=%', form, [400]],
      [`SAMLResponse=${'x'.repeat(900_000)}`, form, [400, 413]],
      [Array.from({ length: 100 }, (_, at) => `f${at}=1`).join('&'), form, [400, 413]],
      [`SAMLResponse=%00%ff&RelayState=${login.relayState}`, form, [403]],
      [`SAMLResponse=${encodeURIComponent(packed('<a/>'))}&RelayState=${login.relayState}`, form, [403]],
      [`__proto__=1&SAMLResponse=x&RelayState=${login.relayState}`, form, [403]],
    ];
    for (const [body, type, expected] of bodies) {
      // oxlint-disable-next-line no-await-in-loop
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': type, cookie: login.cookie },
      });
      expect([body.slice(0, 40), expected]).toEqual([body.slice(0, 40), expect.arrayContaining([answer.status])]);
      // oxlint-disable-next-line no-await-in-loop
      await answer.arrayBuffer();
    }
  });
});
