import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock } from '../runtime/testing/fake-clock.ts';
import { inClusterAccess, refreshing } from './access.ts';
import { loadAccess } from './kubeconfig.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

const clock = new FakeClock();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

async function config(user: object, cluster: object = {}, more: object = {}): Promise<string> {
  const file = join(folder, 'config');
  const content = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [
      { name: 'here', context: { cluster: 'c', user: 'u', namespace: 'ns' } },
      { name: 'broken', context: { cluster: 'nowhere', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server: 'https://api:6443/', ...cluster } }],
    users: [{ name: 'u', user }],
    ...more,
  };
  await writeFile(file, JSON.stringify(content));
  return file;
}
const load = async (file: string, extra: { context?: string } = {}) =>
  loadAccess({ kubeconfig: file, clock, env: {}, ...extra });

describe('a kubeconfig', () => {
  test('with a token and inline CA', async () => {
    const access = await load(await config({ token: 't' }, { 'certificate-authority-data': base64('CA') }));
    expect(access).toMatchObject({ server: 'https://api:6443', namespace: 'ns', proxyUrl: undefined });
    const { headers, tls } = await access.credentials();
    expect(headers).toEqual({ authorization: 'Bearer t' });
    expect(String(tls.ca)).toBe('CA');
  });

  test('with files, relative to its own folder', async () => {
    await Promise.all(['ca', 'crt', 'key'].map((name) => writeFile(join(folder, name), name.toUpperCase())));
    const user = { 'client-certificate': 'crt', 'client-key': 'key' };
    const cluster = { 'certificate-authority': 'ca', 'tls-server-name': 'other', 'proxy-url': 'http://proxy:1' };
    const access = await load(await config(user, cluster));
    const { tls } = await access.credentials();
    expect([tls.ca, tls.cert, tls.key].map(String)).toEqual(['CA', 'CRT', 'KEY']);
    expect(tls.servername).toBe('other');
    expect(access.proxyUrl).toBe('http://proxy:1');
  });

  test('with a token file that is rotated', async () => {
    await writeFile(join(folder, 'token'), 'one\n');
    const access = await load(await config({ tokenFile: 'token' }));
    const first = await access.credentials();
    await writeFile(join(folder, 'token'), 'two\n');
    expect(await access.credentials()).toBe(first);
    clock.advance(61_000);
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer two' });
    await rm(join(folder, 'token'));
    clock.advance(61_000);
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer two' });
  });

  test('with basic auth, impersonation and no verification', async () => {
    const user = {
      username: 'a',
      password: 'b',
      as: 'other',
      'as-groups': ['g1', 'g2'],
      'as-user-extra': { 'x/y': ['z'] },
    };
    const access = await load(await config(user, { 'insecure-skip-tls-verify': true }));
    const { headers, tls } = await access.credentials();
    expect(headers).toEqual({
      authorization: `Basic ${base64('a:b')}`,
      'impersonate-user': 'other',
      'impersonate-group': ['g1', 'g2'],
      'impersonate-extra-x%2Fy': ['z'],
    });
    expect(tls.rejectUnauthorized).toBe(false);
  });

  test('with an exec plugin, which is told how to answer', async () => {
    const script = `const i = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({ apiVersion: i.apiVersion, kind: i.kind, status: { token: process.argv[1] + process.env.EXTRA } }))`;
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script, 'tok'],
      env: [{ name: 'EXTRA', value: 'en' }],
    };
    const access = await load(await config({ exec }));
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer token' });
  });

  test('with an exec plugin that fails: its words without its secrets', async () => {
    const script = "console.error('no luck, password=hunter22'); process.exit(1)";
    const access = await load(await config({ exec: { command: process.execPath, args: ['-e', script] } }));
    const error: unknown = await Promise.resolve(access.credentials()).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 0, reason: 'CredentialsError' });
    expect((error as Error).message).toContain('no luck');
    expect((error as Error).message).not.toContain('hunter22');
  });

  test.each([
    ['an unknown context', 'nope', 'no context named "nope" (there are: here, broken)'],
    ['a context without its cluster', 'broken', 'no cluster named "nowhere" (there are: c)'],
  ])('%s is said', async (_, context, message) => {
    await expect(load(await config({}), { context })).rejects.toThrow(message);
  });

  test('that is not there, not YAML or not a kubeconfig is said without its content', async () => {
    await expect(load(join(folder, 'none'))).rejects.toThrow('ENOENT');
    const file = join(folder, 'bad');
    await writeFile(file, 'token: "s3cr3t\n  - [');
    await expect(load(file)).rejects.toThrow(/bad: not YAML$/);
    await writeFile(file, 's3cr3t');
    await expect(load(file)).rejects.toThrow(/bad: not a kubeconfig$/);
  });

  test('with a server that is no URL is said', async () => {
    await expect(load(await config({}, { server: 'api:6443' }))).rejects.toThrow(
      'server must be an http:// or https:// URL',
    );
  });

  test('of several files the first to name something wins', async () => {
    const first = await config({ token: 'first' }, {}, { contexts: [] });
    const second = join(folder, 'second');
    const contexts = [{ name: 'here', context: { cluster: 'c', user: 'u' } }];
    await writeFile(second, JSON.stringify({ contexts, users: [{ name: 'u', user: { token: 'second' } }] }));
    const access = await loadAccess({ clock, env: { KUBECONFIG: `${first}:${join(folder, 'none')}:${second}` } });
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer first' });
  });
});

describe('in a pod', () => {
  test('token, CA, address and namespace are where the kubelet puts them', async () => {
    await writeFile(join(folder, 'token'), 'tok');
    await writeFile(join(folder, 'ca.crt'), 'CA');
    await writeFile(join(folder, 'namespace'), 'home');
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const access = await inClusterAccess({ clock, env, folder });
    expect(access).toMatchObject({ server: 'https://[fd00::1]:443', namespace: 'home' });
    expect((await access.credentials()).headers).toEqual({ authorization: 'Bearer tok' });
  });

  test('elsewhere it is said', async () => {
    await expect(inClusterAccess({ clock, env: {}, folder })).rejects.toThrow('not in a pod');
  });
});

test('credentials that many ask for at once are read once', async () => {
  let reads = 0;
  const source = refreshing(
    () => {
      reads++;
      return Promise.resolve({ headers: { n: String(reads) }, tls: {} });
    },
    clock,
    1_000,
  );
  const all = await Promise.all([source.credentials(), source.credentials(), source.credentials()]);
  expect(new Set(all).size).toBe(1);
  source.renew();
  expect((await source.credentials()).headers).toEqual({ n: '2' });
  expect(reads).toBe(2);
});
