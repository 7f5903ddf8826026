import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, freePort, installDefinitions, until } from '@osmo/kube/testing';
import { type Page, signInAt, testBrowser } from '../../testing/browser.ts';
import { startGateway, type TestGateway } from '../../testing/gateway.ts';
import { startOpenIdProvider, type TestProvider } from '../../testing/openid-provider.ts';

let admin: KubeClient;
let folder: string;
let provider: TestProvider;
let other: TestProvider;
let gateway: TestGateway;
let url: string;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../../crds/yaml/', import.meta.url));
  folder = await mkdtemp(join(tmpdir(), 'login-'));
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  [provider, other] = await Promise.all([
    startOpenIdProvider([`${url}/api/auth/browser/callback`], [`${url}/`]),
    startOpenIdProvider([`${url}/callback`], [`${url}/`]),
  ]);
  await writeFile(join(folder, 'secret'), 'browser-secret\n');
  const jwt = [provider, other].map((each, at) => ({
    issuer: { url: each.url, audiences: ['osmo', 'osmo-cli'], allowHttp: true },
    claimMappings: {
      username: { claim: 'preferred_username', prefix: at === 0 ? '' : 'other:' },
      groups: { claim: 'groups', prefix: 'idp:' },
    },
  }));
  const browser = { clientId: 'osmo', clientSecretFile: join(folder, 'secret'), scopes: ['openid', 'offline_access'] };
  const login = { issuer: provider.url, browser, cli: { clientId: 'osmo-cli' } };
  await writeFile(join(folder, 'auth.yaml'), JSON.stringify({ jwt, login }));
  gateway = await startGateway([`--port=${port}`, `--public-url=${url}`, `--auth-config=${join(folder, 'auth.yaml')}`]);
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await Promise.all([provider, other].map((each) => each?.[Symbol.asyncDispose]()));
  await admin?.close();
  await rm(folder, { recursive: true });
});

const who = async (headers: Record<string, string>): Promise<{ status: number; user: unknown; roles: unknown }> => {
  const response = await fetch(`${url}/api/profile/settings`, { headers });
  const body = (await response.json()) as { profile?: { username: string }; roles?: string[] };
  return { status: response.status, user: body.profile?.username, roles: body.roles };
};
const signedIn = async (user: string, path = ''): Promise<{ browser: ReturnType<typeof testBrowser>; page: Page }> => {
  const browser = testBrowser();
  const page = await signInAt(browser, await browser.go(`${url}/api/auth/browser/login${path}`), user);
  return { browser, page };
};

describe('a browser', () => {
  test('signs in, comes back to where it was, and is known by its cookie; signing out ends it at the provider too', async () => {
    provider.groups.set('ada', ['lab']);
    const { browser, page } = await signedIn('ada', '?return=/api/version%3Fa=1');
    expect([page.status, page.url]).toEqual([200, `${url}/api/version?a=1`]);
    const authorization = new URL(page.way[1] ?? page.way[0] ?? '', url);
    expect(page.way.join(' ')).not.toContain('browser-secret');
    expect(authorization.origin).toBeDefined();
    const cookie = browser.cookies(url);
    expect(cookie).toMatch(/^osmo-session=1\.[\w.-]+$/);
    expect(await who({ cookie })).toMatchObject({ status: 200, user: 'ada' });

    // A page of somebody else can't do anything with the cookie, this gateway's can.
    const change = (headers: Record<string, string>) =>
      fetch(`${url}/api/workflow/nothing-1/cancel`, { method: 'POST', headers: { cookie, ...headers } });
    expect((await change({ origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await change({})).status).toBe(403);
    // Which then is a matter of roles.
    const own = await change({ origin: url, 'sec-fetch-site': 'same-origin' });
    expect(await own.text()).not.toContain('pages of this gateway');

    const out = { method: 'POST', headers: { origin: 'http://evil.example' } };
    expect((await browser.go(`${url}/api/auth/browser/logout`, out)).status).toBe(403);
    const bye = await browser.go(`${url}/api/auth/browser/logout`, { method: 'POST', headers: { origin: url } });
    expect(bye.way[1]).toMatch(new RegExp(`^${provider.url}/session/end\\?.*id_token_hint=`));
    expect(browser.cookies(url)).toBe('');
    expect(await who({ cookie: browser.cookies(url) })).toMatchObject({ status: 401 });
    expect(gateway.logger.lines.map((line) => JSON.stringify(line)).join()).not.toMatch(
      /browser-secret|id_token|code=/,
    );
  });

  test('that was sent elsewhere by somebody comes back to the first page', async () => {
    const { page } = await signedIn('ada', `?return=${encodeURIComponent('//evil.example/x')}`);
    expect(page.url).toBe(`${url}/`);
  });

  test('is refused with a state, a code or a cookie that isn’t its own', async () => {
    const browser = testBrowser();
    const begun = await browser.go(`${url}/api/auth/browser/login`);
    const state = new URL(begun.way[1] ?? '').searchParams.get('state') ?? '';
    const callback = `${url}/api/auth/browser/callback`;
    const attempts: [ReturnType<typeof testBrowser>, string][] = [
      [browser, `${callback}?code=x&state=made-up`],
      [browser, `${callback}?code=x`],
      // Somebody else's browser is led to the end of a login that was begun by another: it has no cookie of it.
      [testBrowser(), `${callback}?code=x&state=${state}`],
    ];
    for (const [each, address] of attempts) {
      // oxlint-disable-next-line no-await-in-loop
      const page = await each.go(address);
      expect([page.status, page.text]).toEqual([400, expect.stringContaining('was not begun in this browser')]);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    const denied = await browser.go(
      `${callback}?error=access_denied&error_description=<script>&state=${state}&iss=${encodeURIComponent(provider.url)}`,
    );
    expect([denied.status, denied.text]).toEqual([403, expect.stringContaining('given up or refused')]);
    expect(denied.text).not.toContain('<script>');
    const again = await browser.go(`${callback}?code=x&state=${state}`);
    expect(again.status).toBe(400);
    const second = await browser.go(`${url}/api/auth/browser/login`);
    const wrong = new URL(second.way[1] ?? '').searchParams.get('state') ?? '';
    const page = await browser.go(`${callback}?code=made-up&state=${wrong}&iss=${encodeURIComponent(provider.url)}`);
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('could not be verified')]);
    expect(browser.cookies(url)).not.toContain('osmo-session');
  });
});

describe('a command line', () => {
  const form = (body: Record<string, string>) => ({ method: 'POST', body: new URLSearchParams(body) });
  const tokensOf = async (user: string, at = provider): Promise<Record<string, string>> => {
    const verifier = 'v'.repeat(43);
    const { createHash } = await import('node:crypto');
    const started = await fetch(
      `${at.url}/device/auth`,
      form({
        client_id: 'osmo-cli',
        scope: 'openid offline_access profile',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }),
    );
    const { device_code: code, verification_uri_complete: there } = (await started.json()) as Record<string, string>;
    const browser = testBrowser();
    let page = await browser.go(there ?? '');
    const confirm = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const userCode = /name="user_code" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const body = new URLSearchParams({ xsrf: confirm, user_code: userCode, confirm: 'yes' });
    page = await signInAt(browser, await browser.go(`${at.url}/device`, { method: 'POST', body }), user);
    expect(page.status).toBe(200);
    const grant = 'urn:ietf:params:oauth:grant-type:device_code';
    const ended = await fetch(
      `${at.url}/token`,
      form({ grant_type: grant, client_id: 'osmo-cli', device_code: code ?? '', code_verifier: verifier }),
    );
    return (await ended.json()) as Record<string, string>;
  };
  const bearer = (token = '') => ({ authorization: `Bearer ${token}` });

  test('is told where to sign in', async () => {
    const info = (await (await fetch(`${url}/api/auth/login`)).json()) as Record<string, unknown>;
    expect(info).toEqual({
      device_endpoint: `${provider.url}/device/auth`,
      device_client_id: 'osmo-cli',
      browser_endpoint: `${provider.url}/auth`,
      browser_client_id: 'osmo-cli',
      token_endpoint: `${provider.url}/token`,
      logout_endpoint: `${provider.url}/session/end`,
      methods: ['token', 'dev', 'pkce', 'code', 'browser'],
      issuer: provider.url,
    });
    const keys = (await (await fetch(`${url}/api/auth/keys`)).json()) as { keys: object[] };
    expect(keys.keys).toEqual([expect.objectContaining({ kty: 'EC', use: 'sig', alg: 'ES256' })]);
    expect(JSON.stringify(keys)).not.toContain('"d"');
  });
  test('signs in by device flow, at each of the issuers, and is who that issuer says', async () => {
    const tokens = await tokensOf('bob');
    expect(await who(bearer(tokens['id_token']))).toMatchObject({ status: 200, user: 'bob' });
    const elsewhere = await tokensOf('bob', other);
    expect(await who(bearer(elsewhere['id_token']))).toMatchObject({ status: 200, user: 'other:bob' });
  });
  test('is refused once the issuer has other keys, and known again by a token of now', async () => {
    const former = (await tokensOf('eve', other))['id_token'];
    expect(await who(bearer(former))).toMatchObject({ status: 200 });
    await other.rotate();
    const { id_token: fresh } = await tokensOf('eve', other);
    const asked = await until(
      () => who(bearer(fresh)),
      ({ status }) => status === 200,
    );
    expect(asked).toMatchObject({ user: 'other:eve' });
    expect(await who(bearer(former))).toMatchObject({ status: 401 });
  });
  test('is refused with a token that another issuer made in the name of this one', async () => {
    const token = (await tokensOf('mallory', other))['id_token'] ?? '';
    const [head, body, signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(body ?? '', 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, iss: provider.url })).toString('base64url');
    expect(await who(bearer([head, forged, signature].join('.')))).toMatchObject({ status: 401 });
  });
});
