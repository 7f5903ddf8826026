import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { Config } from '../config/config-file.ts';
import { type Answer, type SeenRequest, testHost, type TestHost, url } from '../testing/test-host.ts';

const now = new Date('2026-02-01T00:00:00Z');
const seconds = now.getTime() / 1000;
const jwt = (claims: object): string => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const idToken = (exp = seconds + 300, extra: object = {}): string => jwt({ exp, name: 'Ada L.', ...extra });
const idp = 'https://id.test';
const info = {
  device_endpoint: `${idp}/device`,
  device_client_id: 'osmo-cli',
  browser_endpoint: `${idp}/auth`,
  browser_client_id: 'osmo-cli',
  token_endpoint: `${idp}/token`,
  logout_endpoint: '',
  methods: ['token', 'pkce', 'code', 'password'],
};
const refused = (error: string): Answer => ({
  response: Response.json({ error, error_description: 'why' }, { status: 400 }),
});

/** The gateway, and a provider whose answers are given one after the other. */
function answers(
  provider: ((request: SeenRequest) => Answer)[],
  told: object = info,
): (request: SeenRequest) => Answer {
  return (request) => {
    if (request.line === 'GET /api/auth/login') return { json: told };
    if (request.line.startsWith('GET /api/')) return { json: { profile: { username: 'ada' }, tags: [] } };
    const next = provider.shift();
    if (next === undefined) throw new Error(`not expected: ${request.line}`);
    return next(request);
  };
}
const stored = (made: TestHost) =>
  (parse(readFileSync(join(made.folder, 'config.yaml'), 'utf8')) as Config).contexts['gateway.test']?.login;
const forms = (made: TestHost): Record<string, string>[] =>
  made.requests.filter(({ line }) => line.includes('id.test')).map(({ body }) => body as Record<string, string>);

describe('signing in with the browser of this machine', () => {
  /** A browser that signs in and comes back, and what it brings. */
  const browser = (bring: (address: URL) => Record<string, string>) => {
    const seen: URL[] = [];
    const come = (address: string): boolean => {
      const there = new URL(address);
      seen.push(there);
      const back = new URL(there.searchParams.get('redirect_uri') ?? '');
      // What isn't the answer is turned away, and the wait goes on.
      const stranger = new URL('/?code=x&state=made-up', `http://127.0.0.1:${back.port}`);
      const answer = new URL(`/?${new URLSearchParams(bring(there)).toString()}`, `http://127.0.0.1:${back.port}`);
      void fetch(stranger).then(() => fetch(answer));
      return true;
    };
    return { seen, come };
  };
  const good = (address: URL) => ({ code: 'c-1', state: address.searchParams.get('state') ?? '' });

  test('is the default; the code is worth nothing without what only this process knows', async () => {
    const { seen, come } = browser(good);
    const tokens = () => ({
      json: { id_token: idToken(undefined, { nonce: seen[0]?.searchParams.get('nonce') }), refresh_token: 'r-1' },
    });
    using made = testHost(answers([tokens]), { now, open: come });
    expect([await made.run('login'), made.out()]).toEqual([0, 'Successfully logged in. Welcome ada.\n']);
    const [address] = seen;
    expect(Object.fromEntries(address?.searchParams ?? [])).toMatchObject({
      client_id: 'osmo-cli',
      response_type: 'code',
      response_mode: 'query',
      scope: 'openid offline_access profile',
      redirect_uri: expect.stringMatching(/^http:\/\/localhost:\d+$/),
      code_challenge_method: 'S256',
    });
    const [form] = forms(made);
    expect(form).toMatchObject({ grant_type: 'authorization_code', code: 'c-1', client_id: 'osmo-cli' });
    const challenge = createHash('sha256')
      .update(form?.['code_verifier'] ?? '')
      .digest('base64url');
    expect(address?.searchParams.get('code_challenge')).toBe(challenge);
    expect(stored(made)).toEqual({
      method: 'pkce',
      token: expect.stringMatching(/^h\./),
      refresh: 'r-1',
      endpoint: `${idp}/token`,
      client: 'osmo-cli',
    });
    expect(made.err()).toContain('Your browser was opened');
    expect(made.err()).not.toContain(form?.['code_verifier']);
  });
  test('with an ID token of another login is refused, and nothing is stored', async () => {
    const { come } = browser(good);
    using made = testHost(answers([() => ({ json: { id_token: idToken(undefined, { nonce: 'other' }) } })]), {
      now,
      open: come,
    });
    expect(await made.run('login')).toBe(10);
    expect(made.err()).toContain('of another login (nonce)');
    expect(() => stored(made)).toThrow(/ENOENT/);
  });
  test('that the provider refuses says so', async () => {
    const { come } = browser((address) => ({ ...good(address), error: 'access_denied' }));
    using made = testHost(answers([() => refused('invalid_grant')]), { now, open: come });
    expect(await made.run('login')).toBe(2);
    const other = browser((address) => ({ error: 'access_denied', state: address.searchParams.get('state') ?? '' }));
    using denied = testHost(answers([]), { now, open: other.come });
    expect(await denied.run('login')).toBe(2);
    expect(denied.err()).toContain('refused the login: access_denied');
  });
});

describe('signing in with a browser elsewhere', () => {
  const device = {
    ...{ device_code: 'd-1', user_code: 'ABCD-EFGH', verification_uri: `${idp}/device` },
    ...{ verification_uri_complete: `${idp}/device?user_code=ABCD-EFGH`, interval: 1, expires_in: 600 },
  };
  const started = (): Answer => ({ json: device });
  test('asks until somebody has, as seldom as the provider wants, and sends a challenge too', async () => {
    const done = (): Answer => ({ json: { id_token: idToken(), refresh_token: 'r-1' } });
    const pending = (): Answer => refused('authorization_pending');
    using made = testHost(answers([started, pending, () => refused('slow_down'), pending, done]), { now });
    expect([await made.run('login', '--method', 'code'), made.out()]).toEqual([
      0,
      'Successfully logged in. Welcome ada.\n',
    ]);
    expect(made.err()).toContain(`To sign in, open ${idp}/device and enter the code ABCD-EFGH`);
    expect(made.sleeps).toEqual([1000, 1000, 6000, 6000]);
    const [first, ...polls] = forms(made);
    expect(first).toMatchObject({ client_id: 'osmo-cli', code_challenge_method: 'S256' });
    for (const poll of polls) {
      const challenge = createHash('sha256')
        .update(poll['code_verifier'] ?? '')
        .digest('base64url');
      expect([poll['device_code'], challenge]).toEqual(['d-1', first?.['code_challenge']]);
    }
    expect(stored(made)).toMatchObject({ method: 'code', refresh: 'r-1' });
  });
  test.each(['access_denied', 'expired_token'])('that ends with %s says so', async (error) => {
    using made = testHost(answers([started, () => refused(error)]), { now });
    expect(await made.run('login', '--method', 'code')).toBe(2);
    expect(made.err()).toContain(`refused the login: ${error}: why`);
  });
});

describe('signing in with a password', () => {
  test.each<[string, string[], object]>([
    ['from a file', ['--username', 'ada', '--password-file', 'secret'], {}],
    ['from standard input', ['--username', 'ada', '--password', '-'], { input: 'pass-word\n' }],
    [
      'typed',
      [],
      { ask: (question: string, hidden: boolean) => (question.startsWith('User') ? 'ada' : hidden ? 'pass-word' : '') },
    ],
  ])('%s', async (_, words, options) => {
    using made = testHost(answers([() => ({ json: { id_token: idToken() } })]), { now, ...options });
    writeFileSync(join(made.folder, 'secret'), 'pass-word\n');
    expect([await made.run('login', '--method', 'password', ...words), made.err()]).toEqual([0, '']);
    expect(forms(made)).toEqual([
      {
        ...{ grant_type: 'password', client_id: 'osmo-cli', username: 'ada', password: 'pass-word' },
        scope: 'openid offline_access profile',
      },
    ]);
    expect(JSON.stringify(stored(made))).not.toContain('pass-word');
  });
  test('that is wrong says so and not what it was', async () => {
    using made = testHost(answers([() => refused('invalid_grant')]), { now });
    expect(await made.run('login', '--method', 'password', '--username', 'ada', '--password', 'pass-word')).toBe(2);
    expect(made.err()).toContain('refused the login: invalid_grant');
    expect(made.err()).not.toContain('pass-word');
  });
});

describe('where the gateway', () => {
  test.each([
    [
      'has no identity provider',
      { methods: ['token', 'dev'] },
      /--method pkce: this gateway doesn't offer it; it offers --method token, --method dev/,
    ],
    [
      'names an endpoint in the clear',
      { ...info, token_endpoint: 'http://id.test/token' },
      /"http:\/\/id\.test\/token": the endpoint .* must begin with https/,
    ],
  ])('%s, nothing is sent anywhere', async (_, told, message) => {
    using made = testHost(answers([], told), { now, open: () => true });
    expect(await made.run('login')).toBe(2);
    expect(made.err()).toMatch(message);
  });
});

describe('a login that ends', () => {
  const login = (exp: number, refresh?: string) => ({
    ...{ method: 'code', token: idToken(exp), endpoint: `${idp}/token`, client: 'osmo-cli' },
    ...(refresh !== undefined && { refresh }),
  });
  const setUp = (provider: ((request: SeenRequest) => Answer)[], kept: object): TestHost => {
    const made = testHost(answers(provider), { now });
    const config = { 'current-context': 'gateway.test', contexts: { 'gateway.test': { url, login: kept } } };
    writeFileSync(join(made.folder, 'config.yaml'), JSON.stringify(config));
    return made;
  };
  test('is renewed before it does, and kept', async () => {
    const fresh = idToken(seconds + 900);
    using made = setUp([() => ({ json: { id_token: fresh, refresh_token: 'r-2' } })], login(seconds + 2, 'r-1'));
    expect([await made.run('workflow', 'tag'), made.err()]).toEqual([0, '']);
    expect(forms(made)).toEqual([{ grant_type: 'refresh_token', refresh_token: 'r-1', client_id: 'osmo-cli' }]);
    expect(made.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${fresh}`);
    expect(stored(made)).toMatchObject({ method: 'code', token: fresh, refresh: 'r-2' });
  });
  test('keeps the refresh token where the provider gives no other', async () => {
    using made = setUp([() => ({ json: { id_token: idToken(seconds + 900) } })], login(seconds - 60, 'r-1'));
    expect(await made.run('workflow', 'tag')).toBe(0);
    expect(stored(made)).toMatchObject({ refresh: 'r-1' });
  });
  test.each([
    ['can’t be renewed', undefined, []],
    ['is no longer renewed', 'r-1', [() => refused('invalid_grant')]],
  ])('and %s says how to go on', async (_, refresh, provider) => {
    using made = setUp(provider, login(seconds - 60, refresh));
    expect(await made.run('workflow', 'tag')).toBe(2);
    expect(made.err()).toContain(`your login at ${url} has ended; sign in again with 'osmo login ${url}'`);
  });
  test('that another command has renewed meanwhile is that one’s', async () => {
    const fresh = idToken(seconds + 900);
    // The other command wins between the question and its answer.
    const lose = (): Answer => {
      const config = {
        'current-context': 'gateway.test',
        contexts: { 'gateway.test': { url, login: { ...login(0, 'r-2'), token: fresh } } },
      };
      writeFileSync(join(made.folder, 'config.yaml'), JSON.stringify(config));
      return refused('invalid_grant');
    };
    using made = setUp([lose], login(seconds - 60, 'r-1'));
    expect(await made.run('workflow', 'tag')).toBe(0);
    expect(made.requests.at(-1)?.headers['authorization']).toBe(`Bearer ${fresh}`);
  });
});
