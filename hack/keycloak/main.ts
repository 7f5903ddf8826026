/** Real logins at a real Keycloak, in a real browser: make test-keycloak. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installDefinitions } from '@osmo/kube/testing';
import { createClient, loadAccess, systemClock } from '@osmo/kube';
import type { Browser } from 'playwright-core';
import { startGateway } from '../../api-gateway/src/testing/gateway.ts';
import { startControlPlane } from '../cluster/control-plane/start.ts';
import { freePorts } from '../cluster/system/free-port.ts';
import { poll } from '../cluster/system/poll.ts';
import { signInAtKeycloak, startChromium } from './chromium.ts';
import { type Keycloak, startKeycloak } from './server.ts';
import { realm } from './realm.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const root = new URL('../../', import.meta.url);
await using cleanup = new AsyncDisposableStack();

const [port = 0, strictPort = 0] = await freePorts(2);
const [url, strictUrl] = [port, strictPort].map((each) => `http://localhost:${each}`) as [string, string];
const folder = mkdtempSync(join(tmpdir(), 'osmo-keycloak-test-'));
cleanup.defer(() => rmSync(folder, { recursive: true, force: true }));

const keycloak = await startKeycloak(realm([url, strictUrl]), say);
cleanup.defer(() => keycloak.stop());
say('starting etcd and kube-apiserver');
const plane = await startControlPlane();
cleanup.defer(() => plane.stop());
process.env['OSMO_TEST_KUBECONFIG'] = plane.kubeconfigPath;
const access = await loadAccess({ kubeconfig: plane.kubeconfigPath, clock: systemClock, env: {} });
const admin = createClient({ access, userAgent: 'test-keycloak' });
cleanup.defer(() => admin.close());
await installDefinitions(admin, new URL('crds/yaml/', root));

writeFileSync(join(folder, 'secret'), 'browser-secret');
const descriptor = await (await fetch(`${keycloak.issuer}/protocol/saml/descriptor`)).text();
const base64 = /<ds:X509Certificate>([^<]+)</.exec(descriptor)?.[1] ?? '';
const lines = base64.match(/.{1,64}/g)?.join('\n') ?? '';
const certificate = `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
const gatewayOf = async (at: number, publicUrl: string, clockSkewSeconds: number): Promise<void> => {
  const file = join(folder, `auth-${clockSkewSeconds}.json`);
  writeFileSync(
    file,
    JSON.stringify({ ...authConfig(keycloak, clockSkewSeconds), saml: [samlConfig(keycloak, certificate)] }),
  );
  const flags = [`--port=${at}`, '--host=localhost', `--public-url=${publicUrl}`, `--auth-config=${file}`];
  const gateway = await startGateway(flags, { dev: false });
  cleanup.defer(() => gateway[Symbol.asyncDispose]());
};
await gatewayOf(port, url, 60);
await gatewayOf(strictPort, strictUrl, 0);
const browser = await startChromium();
cleanup.defer(() => browser.close());

const step = async (what: string, run: () => Promise<void>): Promise<void> => {
  const started = performance.now();
  await run();
  say(`ok  ${what} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
};
await step('a browser signs in by code and PKCE, and is known by its cookie', () => codeFlow(browser));
await step('a browser that signs out is signed out at Keycloak too', () => logout(browser));
await step('a session that Keycloak ends is over here (back-channel logout)', () => backChannel(browser));
await step('a browser signs in by SAML with the POST binding', () => saml(browser));
await step('the osmo command signs in by device flow', () => cli(browser, 'code'));
await step('the osmo command signs in by code and PKCE on a port of this machine', () => cli(browser, 'pkce'));
await step('the osmo command signs in with a password', () => passwordLogin());
await step('an expired token is refused, and taken within the allowed skew', () => expired());
await step('a rotated key is fetched, and one that was withdrawn is no key any more', () => rotated());
say('all of it was as it should be');

function authConfig({ issuer }: Keycloak, clockSkewSeconds: number): object {
  return {
    jwt: [
      {
        issuer: { url: issuer, audiences: ['osmo', 'osmo-cli'], allowHttp: true },
        claimMappings: {
          username: { claim: 'preferred_username', prefix: '' },
          groups: { claim: 'groups', prefix: 'idp:' },
        },
        clockSkewSeconds,
      },
    ],
    login: {
      issuer,
      browser: { clientId: 'osmo', clientSecretFile: join(folder, 'secret') },
      cli: { clientId: 'osmo-cli' },
    },
  };
}

function samlConfig({ issuer }: Keycloak, pem: string): object {
  return {
    ...{ name: 'keycloak', entityID: issuer, ssoURL: `${issuer}/protocol/saml`, allowHttp: true, certificates: [pem] },
    claimMappings: { username: { claim: 'NameID', prefix: 'saml:' }, groups: { claim: 'groups', prefix: 'idp:' } },
  };
}

async function saml(chromium: Browser): Promise<void> {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/api/auth/saml/keycloak/login?return=/api/profile/settings`);
  assert.ok(page.url().startsWith(keycloak.issuer), page.url());
  await signInAtKeycloak(page, 'ada');
  await page.waitForURL(`${url}/api/profile/settings`);
  const said = JSON.parse(await page.locator('body').innerText()) as { profile: { username: string } };
  assert.equal(said.profile.username, 'saml:ada');
  const cookies = await context.cookies(url);
  assert.equal(cookies.filter(({ name }) => name.startsWith('osmo-login')).length, 0);
  await context.close();
}

async function backChannel(chromium: Browser): Promise<void> {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/api/auth/browser/login?return=/api/profile/settings`);
  await signInAtKeycloak(page, 'ada');
  await page.waitForURL(`${url}/api/profile/settings`);
  const [user] = (await keycloak.admin('GET', '/users?username=ada&exact=true')) as { id: string }[];
  await keycloak.admin('POST', `/users/${user?.id}/logout`);
  const over = async (): Promise<true | undefined> =>
    (await page.goto(`${url}/api/profile/settings`))?.status() === 401 || undefined;
  await poll('the end of the session', over, { timeoutMs: 60_000 });
  await context.close();
}

async function codeFlow(chromium: Browser): Promise<void> {
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/api/auth/browser/login?return=/api/profile/settings`);
  assert.ok(page.url().startsWith(keycloak.issuer), page.url());
  await signInAtKeycloak(page, 'ada');
  await page.waitForURL(`${url}/api/profile/settings`);
  const said = JSON.parse(await page.locator('body').innerText()) as { profile: { username: string } };
  assert.equal(said.profile.username, 'ada');
  const cookies = await context.cookies(url);
  const session = cookies.find(({ name }) => name === 'osmo-session');
  assert.deepEqual([session?.httpOnly, session?.sameSite], [true, 'Lax']);
  assert.equal(cookies.filter(({ name }) => name.startsWith('osmo-login')).length, 0);
  await context.close();
}

async function logout(chromium: Browser): Promise<void> {
  // What the gateway answers holds no form and may send none; the one below is put there.
  const context = await chromium.newContext({ bypassCSP: true });
  const page = await context.newPage();
  const login = `${url}/api/auth/browser/login?return=/api/profile/settings`;
  await page.goto(login);
  await signInAtKeycloak(page, 'bob');
  await page.waitForURL(`${url}/api/profile/settings`);
  // Signed in there, no password is asked for again.
  await page.goto(login);
  await page.waitForURL(`${url}/api/profile/settings`);
  // A page of the gateway itself may sign out, by a form of its own.
  await page.setContent('<form method="post" action="/api/auth/browser/logout"><button>out</button></form>');
  await page.locator('button').click();
  await page.waitForURL(`${url}/`);
  assert.equal((await context.cookies(url)).length, 0);
  assert.equal((await page.goto(`${url}/api/profile/settings`))?.status(), 401);
  await page.goto(login);
  await page.locator('#username').waitFor();
  await context.close();
}

/** Runs the osmo command; what it says on standard error is given as it comes. */
function osmo(args: readonly string[], told: (text: string) => void = () => undefined): Promise<string> {
  const main = new URL('cli/src/main.ts', root).pathname;
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], HOME: folder, OSMO_CONFIG_FILE_DIR: folder, OSMO_URL: url },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    err += data.toString();
    told(err);
  });
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`osmo ${args.join(' ')}: ${code}\n${err}`)),
    );
  });
}

async function cli(chromium: Browser, method: 'code' | 'pkce'): Promise<void> {
  const address = Promise.withResolvers<string>();
  const ended = osmo(['login', '--method', method, ...(method === 'pkce' ? ['--show-address'] : [])], (text) => {
    const found = /or open (http\S+)\n/.exec(text)?.[1] ?? /sign in:\n(http\S+)\n/.exec(text)?.[1];
    if (found !== undefined) address.resolve(found);
  });
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(await Promise.race([address.promise, ended]));
  await signInAtKeycloak(page, 'ada');
  if (method === 'code') await page.locator('[name=accept]').click();
  assert.match(await ended, /Welcome ada\./);
  assert.match(await osmo(['profile', 'list']), /ada/);
  await osmo(['logout']);
  await context.close();
}

async function passwordLogin(): Promise<void> {
  writeFileSync(join(folder, 'password'), 'bob-password\n');
  const words = ['login', '--method', 'password', '--username', 'bob', '--password-file', join(folder, 'password')];
  assert.match(await osmo(words), /Welcome bob\./);
}

async function idToken(): Promise<string> {
  const form = {
    grant_type: 'password',
    client_id: 'osmo-cli',
    username: 'ada',
    password: 'ada-password',
    scope: 'openid',
  };
  const answer = await fetch(`${keycloak.issuer}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return ((await answer.json()) as { id_token: string }).id_token;
}

async function statusOf(token: string, at = url): Promise<number> {
  const answer = await fetch(`${at}/api/profile/settings`, { headers: { authorization: `Bearer ${token}` } });
  await answer.arrayBuffer();
  return answer.status;
}

async function expired(): Promise<void> {
  await keycloak.admin('PUT', '', { accessTokenLifespan: 5 });
  const token = await idToken();
  assert.equal(await statusOf(token, strictUrl), 200);
  await poll('the end of a token', async () => (await statusOf(token, strictUrl)) === 401 || undefined, {
    timeoutMs: 60_000,
  });
  // Where clocks may differ by a minute it has not ended.
  assert.equal(await statusOf(token), 200);
  await keycloak.admin('PUT', '', { accessTokenLifespan: 300 });
}

async function rotated(): Promise<void> {
  const former = await idToken();
  assert.equal(await statusOf(former), 200);
  const { id } = (await keycloak.admin('GET', '')) as { id: string };
  const query = `/components?parent=${id}&type=org.keycloak.keys.KeyProvider`;
  const before = (await keycloak.admin('GET', query)) as { id: string; providerId: string }[];
  await keycloak.admin('POST', '/components', {
    name: 'rotated',
    parentId: id,
    providerId: 'rsa-generated',
    providerType: 'org.keycloak.keys.KeyProvider',
    config: { priority: ['1000'], enabled: ['true'], active: ['true'], algorithm: ['RS256'], keySize: ['2048'] },
  });
  const fresh = await idToken();
  const kid = (token: string): unknown => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString());
  assert.notDeepEqual(kid(fresh), kid(former));
  await poll('the new key', async () => (await statusOf(fresh)) === 200 || undefined, { timeoutMs: 60_000 });
  assert.equal(await statusOf(former), 200);
  for (const each of before.filter(({ providerId }) => providerId === 'rsa-generated'))
    await keycloak.admin('DELETE', `/components/${each.id}`);
  // A key that nobody knows makes the gateway look; the keys that are withdrawn are gone then.
  const [head = '', ...rest] = former.split('.');
  const unknown = Buffer.from(JSON.stringify({ ...(kid(former) as object), kid: 'made-up' })).toString('base64url');
  assert.ok(head.length > 0);
  const withdrawn = async (): Promise<true | undefined> => {
    await statusOf([unknown, ...rest].join('.'));
    return (await statusOf(former)) === 401 || undefined;
  };
  await poll('the withdrawal of the former key', withdrawn, { timeoutMs: 120_000, intervalMs: 1000 });
  assert.equal(await statusOf(fresh), 200);
}
