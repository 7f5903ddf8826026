import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigMap, type KubeClient, Secret } from '@osmo/kube';
import { connectToTestCluster, freePort, installDefinitions, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../../testing/gateway.ts';
import * as browser from '../../testing/saml-browser.ts';
import type { Begun } from '../../testing/saml-browser.ts';
import type { Said } from '../../testing/saml-provider.ts';

let admin: KubeClient;
let folder: string;
/** Two replicas, which share keys and ledger. */
let gateways: TestGateway[];
let publicUrl: string;
const namespace = 'default';
const name = `saml-${Math.random().toString(36).slice(2, 10)}`;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../../crds/yaml/', import.meta.url));
  folder = await mkdtemp(join(tmpdir(), 'saml-'));
  const metadata = { namespace, name };
  await admin.create(Secret, { apiVersion: 'v1', kind: 'Secret', metadata });
  await admin.create(ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  await writeFile(join(folder, 'auth.yaml'), JSON.stringify({ saml: browser.samlConfiguration }));
  const flags = [
    ...[`--public-url=${publicUrl}`, `--auth-config=${join(folder, 'auth.yaml')}`],
    ...[`--namespace=${namespace}`, `--keys-secret=${name}`, `--sessions-config-map=${name}`],
  ];
  gateways = await Promise.all([startGateway([`--port=${port}`, ...flags]), startGateway(flags)]);
});
afterAll(async () => {
  await Promise.all((gateways ?? []).map((each) => each[Symbol.asyncDispose]()));
  await Promise.all([Secret, ConfigMap].map((type) => admin?.delete(type, { namespace, name }).catch(() => undefined)));
  await admin?.close();
  await rm(folder, { recursive: true });
});

const replica = (at: number): string => gateways[at]?.url ?? '';
const begun = (path = '', at = 0): Promise<Begun> => browser.begun(replica(at), path);
const responseTo = (requestId: string, change: Partial<Said> = {}): string =>
  browser.responseTo(publicUrl, requestId, change);
const bring = (xml: string, login: Pick<Begun, 'cookie' | 'relayState'>, at = 0): Promise<Response> =>
  browser.bring(replica(at), xml, login);

const who = async (cookie: string, at = 0): Promise<{ status: number; user: unknown }> => {
  const answer = await fetch(`${replica(at)}/api/profile/settings`, { headers: { cookie } });
  const body = (await answer.json()) as { profile?: { username: string } };
  return { status: answer.status, user: body.profile?.username };
};

describe('replicas that share a ConfigMap', () => {
  test('let a browser that signed in by SAML in everywhere, and nowhere once it has signed out', async () => {
    const login = await begun('?return=/api/version');
    const answer = await bring(responseTo(login.requestId), login, 1);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/api/version']);
    const gone = answer.headers.getSetCookie().find((line) => line.startsWith(login.cookie.split('=')[0] ?? ''));
    expect(gone).toContain('Max-Age=0');
    const cookie = browser.cookieOf(answer);
    expect(await who(cookie, 0)).toEqual({ status: 200, user: 'ada' });
    expect(await who(cookie, 1)).toEqual({ status: 200, user: 'ada' });
    const out = { method: 'POST', redirect: 'manual', headers: { cookie, origin: publicUrl } } as const;
    const bye = await fetch(`${replica(0)}/api/auth/browser/logout`, out);
    expect([bye.status, bye.headers.get('location')]).toEqual([303, `${publicUrl}/`]);
    // A copy of the cookie is worth nothing, here at once and there as soon as that has heard of it.
    expect(await who(cookie, 0)).toMatchObject({ status: 401 });
    await until(
      () => who(cookie, 1),
      ({ status }) => status === 401,
    );
  });
  test('let one login count once', async () => {
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
    const stored = await admin.get(ConfigMap, { namespace, name });
    expect(JSON.stringify(stored.data)).not.toContain(login.requestId);
  });
});
