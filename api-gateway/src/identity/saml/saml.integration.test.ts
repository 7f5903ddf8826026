import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigMap, type KubeClient, Secret } from '@osmo/kube';
import { connectToTestCluster, freePort, installDefinitions, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../../testing/gateway.ts';
import { samlKeys } from '../../testing/saml-keys.ts';
import { packed, responseXml, type Said, signed } from '../../testing/saml-provider.ts';

const entityID = 'https://idp.example/saml';
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
  const saml = [
    {
      name: 'idp',
      entityID,
      ssoURL: 'https://idp.example/sso',
      certificates: [samlKeys.certificate],
      claimMappings: { username: { claim: 'NameID', prefix: '' }, groups: { claim: 'groups', prefix: 'idp:' } },
    },
  ];
  await writeFile(join(folder, 'auth.yaml'), JSON.stringify({ saml }));
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

/** A login that was begun, with what a browser keeps of it. */
async function begun(path = '', at = 0): Promise<{ cookie: string; relayState: string; requestId: string }> {
  const answer = await until(
    () => fetch(`${replica(at)}/api/auth/saml/idp/login${path}`, { redirect: 'manual' }),
    // The keys may still be on their way.
    ({ status }) => status === 303,
  );
  const location = new URL(answer.headers.get('location') ?? '');
  expect(`${location.origin}${location.pathname}`).toBe('https://idp.example/sso');
  const [line = ''] = answer.headers.getSetCookie();
  expect(line).toMatch(/; HttpOnly; SameSite=None; Secure$/);
  const request = inflateRawSync(Buffer.from(location.searchParams.get('SAMLRequest') ?? '', 'base64')).toString();
  return {
    cookie: line.split(';')[0] ?? '',
    relayState: location.searchParams.get('RelayState') ?? '',
    requestId: / ID="([^"]+)"/.exec(request)?.[1] ?? '',
  };
}

/** What the identity provider has a browser bring. */
function responseTo(requestId: string, change: Partial<Said> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const acsUrl = `${publicUrl}/api/auth/saml/idp/acs`;
  return signed(
    responseXml({
      ...{ responseId: '_r', assertionId: '_a', issuer: entityID, acsUrl, recipient: acsUrl, requestId },
      ...{
        audience: `${publicUrl}/api/auth/saml/idp/metadata`,
        nameID: 'ada',
        nameFormat: 'persistent',
        status: 'Success',
      },
      ...{ now, notBefore: now - 60, notOnOrAfter: now + 300, attributes: { groups: ['lab'] } },
      ...change,
    }),
  );
}

function bring(xml: string, { cookie, relayState }: { cookie: string; relayState: string }, at = 0): Promise<Response> {
  return fetch(`${replica(at)}/api/auth/saml/idp/acs`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin: 'https://idp.example', 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ SAMLResponse: packed(xml), RelayState: relayState }),
  });
}

const cookieOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => pair.startsWith('osmo-session'))
    .join('; ');

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
    const cookie = cookieOf(answer);
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
    expect([second.status, cookieOf(second)]).toEqual([403, '']);
    const stored = await admin.get(ConfigMap, { namespace, name });
    expect(JSON.stringify(stored.data)).not.toContain(login.requestId);
  });
});
