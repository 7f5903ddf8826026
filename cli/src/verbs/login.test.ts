import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Config } from '../config/config-file.ts';
import { type SeenRequest, testHost, type TestHost, url } from '../testing/test-host.ts';

const jwt = (exp: number): string =>
  `h.${Buffer.from(JSON.stringify({ exp, name: 'Ada L.' })).toString('base64url')}.s`;
const later = jwt(Date.parse('2026-03-01T00:00:00Z') / 1000);
const now = { now: new Date('2026-02-01T00:00:00Z') };
const file = (made: TestHost): string => join(made.folder, 'config.yaml');
const stored = (made: TestHost): Config => parse(readFileSync(file(made), 'utf8')) as Config;
const whoever = ({ headers }: SeenRequest) => ({
  json: { profile: { username: headers['x-osmo-user'] ?? headers['authorization'] } },
});
const noExchange = (request: SeenRequest) =>
  request.line.includes('access_token')
    ? { response: Response.json({ message: 'no such path', error_code: 'NOTFOUND' }, { status: 404 }) }
    : whoever(request);

describe('signing in', () => {
  test('with a name alone, at a local cluster', async () => {
    using made = testHost(whoever, now);
    expect([await made.run('login', '--method', 'dev', '--username', 'ada'), made.err()]).toEqual([0, '']);
    expect(made.out()).toBe('Successfully logged in. Welcome ada.\n');
    expect(stored(made)).toEqual({
      'current-context': 'gateway.test',
      contexts: { 'gateway.test': { url, login: { method: 'dev', user: 'ada' } } },
    });
    expect(statSync(file(made)).mode & 0o777).toBe(0o600);
    await made.run('workflow', 'tag');
    expect(made.requests.at(-1)?.headers).toMatchObject({
      'x-osmo-user': 'ada',
      'x-osmo-client-version': '6.4.0',
      'user-agent': 'osmo-cli/0.1.0',
    });
  });
  test('with a token of the cluster, from standard input', async () => {
    using made = testHost(noExchange, { ...now, input: `${later}\n` });
    expect([await made.run('login', '--method', 'token', '--token', '-'), made.err()]).toEqual([0, '']);
    expect(stored(made).contexts['gateway.test']?.login).toEqual({ method: 'token', token: later });
    expect(made.requests.map(({ line }) => line)).toEqual(['GET /api/profile/settings']);
  });
  test('with an access token, which is exchanged, and again when what came of it ends', async () => {
    const first = jwt(Date.parse('2026-02-01T00:00:02Z') / 1000);
    const given = [first, later];
    using made = testHost(
      (request) => (request.line.includes('access_token') ? { json: { token: given.shift() } } : whoever(request)),
      now,
    );
    writeFileSync(join(made.folder, 'token'), 'secret-word\n');
    expect(await made.run('login', '--token-file', 'token')).toBe(0);
    expect(made.requests[0]).toMatchObject({ line: 'POST /api/auth/jwt/access_token', body: { token: 'secret-word' } });
    await made.run('workflow', 'tag');
    expect(made.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${later}`);
    expect(stored(made).contexts['gateway.test']?.login).toEqual({
      method: 'token',
      token: later,
      secret: 'secret-word',
    });
  });
  test('with an access token at a gateway that exchanges none says what to use instead', async () => {
    using made = testHost(noExchange, now);
    expect(await made.run('login', '--method', 'token', '--token', 'secret-word')).toBe(2);
    expect(made.err()).toMatch(/doesn't exchange access tokens; use a token of the cluster/);
    expect(made.err() + made.out()).not.toContain('secret-word');
  });
  test('is not stored when the gateway doesn’t know who it is', async () => {
    using made = testHost(
      () => ({ response: Response.json({ message: 'who?', error_code: 'USER' }, { status: 401 }) }),
      now,
    );
    expect(await made.run('login', '--method', 'dev')).toBe(2);
    expect(() => statSync(file(made))).toThrow(/ENOENT/);
  });
  test('keeps what else is in the file, and forgets the login alone', async () => {
    using made = testHost(whoever, now);
    writeFileSync(file(made), 'data: {kept: true}\ncontexts: {lab: {url: "http://gateway.test", pool: p}}\n');
    await made.run('login', '--method', 'dev', '--username', 'ada');
    expect(stored(made)).toMatchObject({
      data: { kept: true },
      'current-context': 'lab',
      contexts: { lab: { pool: 'p' } },
    });
    expect(await made.run('logout')).toBe(0);
    expect(stored(made)).toEqual({
      data: { kept: true },
      'current-context': 'lab',
      contexts: { lab: { url, pool: 'p' } },
    });
  });
});

describe('which gateway', () => {
  const config = `current-context: one
contexts:
  one: {url: 'http://one.test', login: {method: dev, user: ada}}
  two: {url: 'http://two.test/prefix', login: {method: dev, user: bob}}
`;
  test.each([
    ['the current context', {}, [], 'GET one.test/api/tag', 'ada'],
    ['--context', {}, ['--context', 'two'], 'GET two.test/prefix/api/tag', 'bob'],
    [
      'OSMO_URL with the login that is known for it',
      { OSMO_URL: 'http://two.test/prefix/' },
      [],
      'GET two.test/prefix/api/tag',
      'bob',
    ],
    [
      'OSMO_URL of nobody, without anybody’s login',
      { OSMO_URL: 'http://three.test' },
      [],
      'GET three.test/api/tag',
      undefined,
    ],
    ['--context over OSMO_URL', { OSMO_URL: 'http://three.test' }, ['--context', 'one'], 'GET one.test/api/tag', 'ada'],
  ])('%s', async (_, env, words, line, user) => {
    using made = testHost(() => ({ json: { tags: [] } }), { env: { OSMO_URL: '', ...env } });
    writeFileSync(file(made), config);
    expect([await made.run('workflow', 'tag', ...words), made.err()]).toEqual([0, '']);
    expect([made.requests[0]?.line, made.requests[0]?.headers['x-osmo-user']]).toEqual([line, user]);
  });
  test.each([
    ['contexts: [', /is no YAML/],
    ['contexts: {a: {}}', /contexts\.a\.url: must be the address/],
    [
      'contexts: {a: {url: x, login: {method: saml}}}',
      /contexts\.a\.login\.method: must be one of dev, token, pkce, code, password/,
    ],
    ['current-context: gone\ncontexts: {a: {url: "http://x"}}', /"gone": there is no such context; there are 'a'/],
    ['{}', /no gateway is known/],
  ])('a file that says %j is refused by name', async (text, message) => {
    using made = testHost(() => ({ json: {} }), { env: { OSMO_URL: '' } });
    writeFileSync(file(made), text);
    expect(await made.run('workflow', 'tag')).toBe(2);
    expect(made.err()).toMatch(message);
  });
  test.each(['ftp://x', 'x', 'http://a:secret@x', 'http://x/?a=1'])('OSMO_URL %s is refused', async (address) => {
    using made = testHost(() => ({ json: {} }), { env: { OSMO_URL: address } });
    expect(await made.run('workflow', 'tag')).toBe(2);
    expect(made.err()).toMatch(/OSMO_URL: .*must be an address such as/);
    expect(made.err()).not.toContain('secret');
  });
});
