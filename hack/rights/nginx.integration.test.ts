import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../../api-gateway/src/testing/gateway.ts';
import { grant } from '../../api-gateway/src/testing/rights.ts';
import { type Nginx, startNginx } from '../testing/nginx.ts';

/* nginx before the gateway, as docs/users.md has it: it asks for a password, and tells who has one by upstream's headers. */

let admin: KubeClient;
let gateway: TestGateway;
let nginx: Nginx;
let folder: string;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];
const named = (name: string): string => `${name}.${namespace}`;
const settings = '/api/profile/settings';

/** The address that the proxy calls from, and that of somebody beside it. */
const [trusted, beside] = ['127.0.0.2', '127.0.0.3'];

const location = (from: string): string => `
    location / {
      auth_basic osmo;
      auth_basic_user_file ${folder}/passwords;
      proxy_pass ${gateway.url};
      proxy_bind ${from};
      proxy_http_version 1.1;
      proxy_set_header X-Osmo-User $remote_user;
      proxy_set_header X-Osmo-Roles $osmo_roles;
      proxy_set_header X-Osmo-Token-Name "";
      proxy_set_header X-Osmo-Allowed-Pools "";
      proxy_set_header Authorization "";
    }`;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'nginx');
  folder = mkdtempSync(join(tmpdir(), 'osmo-nginx-test-'));
  const file = join(folder, 'auth.json');
  writeFileSync(file, JSON.stringify({ trustedProxies: { networks: [trusted], groupPrefix: `${namespace}:` } }));
  const hash = (password: string): string => `{SHA}${createHash('sha1').update(password).digest('base64')}`;
  const passwords = ['ada', 'eve'].map((name) => `${named(name)}:${hash(`${name}-password`)}\n`);
  writeFileSync(join(folder, 'passwords'), passwords.join(''), { mode: 0o644 });
  gateway = await startGateway([`--auth-config=${file}`, `--namespace=${namespace}`], { dev: false });
  const roles = `map $remote_user $osmo_roles { default ""; "${named('ada')}" "lab,night"; }`;
  nginx = await startNginx([trusted, beside].map(location), roles);
  const subject = { kind: 'Group', name: `${namespace}:lab` } as const;
  const rules = [{ apiGroups: ['osmo.dev'], resources: ['pools'], verbs: ['list'] }];
  undo.push(await grant(admin, `${namespace}-lab`, subject, rules));
});
afterAll(async () => {
  await nginx?.stop();
  await gateway?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
  await Promise.allSettled(undo.map((each) => each()));
  await admin?.close();
});

type Headers = readonly (readonly [name: string, value: string])[];
const password = (name: string, word = `${name}-password`): Headers => [
  ['authorization', `Basic ${Buffer.from(`${named(name)}:${word}`).toString('base64')}`],
];

/** Sends headers as they are, several of one name too. */
async function ask(
  base: string | undefined,
  path: string,
  headers: Headers,
): Promise<{ status: number; user: unknown; text: string }> {
  const sent = Object.fromEntries(
    headers.map(([name]) => [name, headers.filter(([each]) => each === name).map(([, value]) => value)]),
  );
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  request(`${base}${path}`, { headers: sent, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8');
    response.on('data', (piece: string) => (text += piece));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    response.on('error', reject);
  })
    .on('error', reject)
    .end();
  const answer = await promise;
  const body = answer.text.startsWith('{') ? (JSON.parse(answer.text) as { profile?: { username?: string } }) : {};
  return { ...answer, user: body.profile?.username };
}
const through = (path: string, headers: Headers) => ask(nginx.urls[0], path, headers);

/** What somebody says who would like to be another. */
const forged = (name: string): Headers => [
  ['x-osmo-user', named(name)],
  ['X-OSMO-User', named(name)],
  ['x_osmo_user', named(name)],
  ['x-osmo-roles', 'lab'],
  ['x-osmo-token-name', 'ci'],
  ['x-osmo-allowed-pools', 'default'],
  ['x-forwarded-for', trusted],
  ['x-forwarded-user', named(name)],
  ['x-remote-user', named(name)],
  ['impersonate-user', named(name)],
];

describe('behind nginx', () => {
  test('who has given a password there is that user, with the rights of the roles that nginx tells', async () => {
    expect(await through(settings, password('ada'))).toMatchObject({ status: 200, user: named('ada') });
    await until(
      () => through('/api/pool', password('ada')),
      ({ status }) => status === 200,
    );
    expect(await through(settings, password('eve'))).toMatchObject({ status: 200, user: named('eve') });
    expect((await through('/api/pool', password('eve'))).status).toBe(403);
  });

  test('nobody comes through without a password', async () => {
    expect((await through(settings, [])).status).toBe(401);
    expect((await through(settings, password('ada', 'guessed'))).status).toBe(401);
    expect((await through(settings, forged('ada'))).status).toBe(401);
  });

  test('what somebody says about themselves is overwritten: user, roles and token', async () => {
    const answer = await through(settings, [...password('eve'), ...forged('ada')]);
    expect(answer).toMatchObject({ status: 200, user: named('eve') });
    expect(JSON.parse(answer.text)).toMatchObject({ roles: [] });
    expect(answer.text).not.toContain('"ci"');
    expect((await through('/api/pool', [...password('eve'), ...forged('ada')])).status).toBe(403);
  });

  test('a header named twice is nobody’s way in', async () => {
    for (const name of ['x-osmo-user', 'x-osmo-roles']) {
      const twice: Headers = [...password('eve'), [name, named('ada')], [name, 'lab']];
      expect(await through(settings, twice)).toMatchObject({ status: 200, user: named('eve') });
      expect((await through('/api/pool', twice)).status).toBe(403);
    }
  });
});

describe('beside nginx', () => {
  test('another proxy is believed nothing: its address isn’t listed', async () => {
    expect((await ask(nginx.urls[1], settings, password('ada'))).status).toBe(401);
  });

  test('who reaches the gateway itself is believed nothing', async () => {
    expect((await ask(gateway.url, settings, forged('ada'))).status).toBe(401);
    expect((await ask(gateway.url, settings, [...forged('ada'), ['forwarded', `for=${trusted}`]])).status).toBe(401);
  });
});
