import { describe, expect, test } from '@jest/globals';
import { OutgoingError, OutgoingReasons } from '@osmo/kube/outgoing';
import { challengeOf, loginAtRegistry } from './registry-login.ts';
import { coversRegistry, coversScheme } from './switches.ts';
import { tryCredential } from './try-credential.ts';

const login = { scope: 'nvcr.io/org', username: '$oauthtoken', password: 'hidden-word' };
const basic = `Basic ${Buffer.from('$oauthtoken:hidden-word').toString('base64')}`;
const signal = new AbortController().signal;

type Answers = Record<string, (authorization: string | null) => Response>;

/** Answers by URL without its query; what isn't there fails to connect. */
function outside(answers: Answers, plainAllowed = false) {
  const asked: string[] = [];
  return {
    asked,
    fetch: (input: string | URL, { headers }: { headers?: Headers | Record<string, string> | undefined } = {}) => {
      const url = new URL(input);
      asked.push(url.href);
      const answer = answers[`${url.origin}${url.pathname}`];
      if (answer === undefined) return Promise.reject(new OutgoingError(OutgoingReasons.failed, `${url.host} is away`));
      return Promise.resolve(answer(new Headers(headers).get('authorization')));
    },
    check: (input: string | URL) => {
      if (!plainAllowed) throw new OutgoingError(OutgoingReasons.refused, 'not over plain http');
      return new URL(input);
    },
  };
}
const unauthorized = (challenge: string) =>
  new Response('', { status: 401, headers: { 'www-authenticate': challenge } });
const bearer = 'Bearer realm="https://auth.nvcr.io/token",service="nvcr.io",scope="a,b"';
const registry = (token: string): Answers => ({
  'https://nvcr.io/v2/': (authorization) =>
    authorization === `Bearer ${token}` ? new Response('{}') : unauthorized(bearer),
  'https://auth.nvcr.io/token': (authorization) =>
    authorization === basic ? Response.json({ token: 'good' }) : unauthorized('Basic realm="x"'),
});

describe('a login', () => {
  test('by a token service', async () => {
    const out = outside(registry('good'));
    expect(await loginAtRegistry(out, login, signal)).toEqual({ ok: true });
    expect(out.asked[1]).toBe('https://auth.nvcr.io/token?service=nvcr.io&account=%24oauthtoken');
  });
  test('that the token service refuses', async () => {
    const out = outside(registry('good'));
    expect(await loginAtRegistry(out, { ...login, password: 'wrong' }, signal)).toEqual({
      ok: false,
      said: 'refuses the login (HTTP 401)',
    });
  });
  test('whose token the registry refuses', async () => {
    expect(await loginAtRegistry(outside(registry('other')), login, signal)).toMatchObject({ ok: false });
  });
  test.each([
    [basic, true],
    ['x', false],
  ])('by Basic', async (taken, ok) => {
    const out = outside({
      'https://nvcr.io/v2/': (given) => (given === taken ? new Response('{}') : unauthorized('Basic realm="x"')),
    });
    expect(await loginAtRegistry(out, login, signal)).toMatchObject({ ok });
  });
  test('at Docker Hub is at another host', async () => {
    const out = outside({ 'https://registry-1.docker.io/v2/': () => new Response('{}') });
    expect(await loginAtRegistry(out, { ...login, scope: 'docker.io' }, signal)).toEqual({ ok: true });
  });
  test.each([
    ['what is no registry', () => new Response('', { status: 404 }), /no registry/],
    ['a challenge that nobody knows', () => unauthorized('Negotiate'), /neither Basic nor Bearer/],
    ['no token service', () => unauthorized('Bearer service="x"'), /no token service/],
  ])('at %s', async (_, answer, said) => {
    const verdict = await loginAtRegistry(outside({ 'https://nvcr.io/v2/': answer }), login, signal);
    expect(verdict).toMatchObject({ ok: false, said: expect.stringMatching(said) });
  });
  test('without TLS only where that is allowed', async () => {
    const answers = { 'http://nvcr.io/v2/': () => new Response('{}') };
    expect(await loginAtRegistry(outside(answers, true), login, signal)).toEqual({ ok: true });
    await expect(loginAtRegistry(outside(answers), login, signal)).rejects.toThrow('nvcr.io is away');
  });
});

describe('a trial', () => {
  const trial = { kind: 'registry', ...login } as const;
  const none = { registries: [], schemes: [] };
  test('says why, and nothing of the credential', async () => {
    const wrong = tryCredential(
      { ...trial, password: 'other' },
      { outgoing: outside(registry('good')), switches: none },
      signal,
    );
    await expect(wrong).rejects.toMatchObject({
      status: 400,
      code: 'CREDENTIAL',
      message: 'registry nvcr.io/org: refuses the login (HTTP 401). Nothing was kept',
    });
    const away = tryCredential(trial, { outgoing: outside({}), switches: none }, signal);
    await expect(away).rejects.toThrow(/could not be asked.*disableRegistryValidation/);
    await expect(away).rejects.not.toThrow('hidden-word');
  });
  test('is not made where it is switched off', async () => {
    const out = outside({});
    await tryCredential(trial, { outgoing: out, switches: { registries: ['nvcr.io'], schemes: [] } }, signal);
    const keys = { kind: 'data', url: 's3://robots', fields: {} } as const;
    await tryCredential(keys, { outgoing: out, switches: { registries: [], schemes: ['s3'] } }, signal);
    await tryCredential(undefined, { outgoing: out, switches: none }, signal);
    expect(out.asked).toEqual([]);
  });
});

test.each([
  [['nvcr.io'], 'nvcr.io/org', true],
  [['nvcr.io/org'], 'nvcr.io', false],
  [['nvcr.io/org'], 'nvcr.io/organization', false],
  [['*'], 'x', true],
  [[], 'x', false],
])('%j covers registry %s: %s', (registries, scope, expected) => {
  expect(coversRegistry(registries, scope)).toBe(expected);
});

test('schemes are switched off one by one', () => {
  expect([coversScheme(['s3'], 's3://a'), coversScheme(['s3'], 'gs://a'), coversScheme(['*'], 'gs://a')]).toEqual([
    ...[true, false, true],
  ]);
});

test.each([
  ['Bearer realm="https://a/t",service="a b"', { scheme: 'bearer', realm: 'https://a/t', service: 'a b' }],
  ['bearer realm=https://a/t', { scheme: 'bearer', realm: 'https://a/t', service: undefined }],
  ['Negotiate, Basic realm="x"', { scheme: 'basic', realm: 'x', service: undefined }],
  ['', undefined],
])('the challenge %s', (header, expected) => {
  expect(challengeOf(header)).toEqual(expected);
});
