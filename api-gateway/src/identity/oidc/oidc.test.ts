import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { type PlayedIssuer, playIssuer } from '../../testing/issuer.ts';
import type { IssuerConfig } from '../config/auth-config.ts';
import type { Identity } from '../identity.ts';
import { identityOf } from './claims.ts';
import { Provider } from './provider.ts';
import { type Issuer, oidcTokens } from './sign-in.ts';

const start = '2026-03-01T00:00:00Z';
let main: PlayedIssuer;
let other: PlayedIssuer;
let stranger: PlayedIssuer;
let clock: FakeClock;

const configOf = (url: string, extra: Partial<IssuerConfig> = {}): IssuerConfig => ({
  issuer: { url, audiences: ['osmo', 'osmo-cli'] },
  claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: 'idp:' } },
  ...extra,
});
const issuerOf = (played: PlayedIssuer, extra: Partial<IssuerConfig> = {}): Issuer => ({
  config: configOf(played.url, extra),
  provider: new Provider({ url: played.url, fetch: (input) => played.fetch(input), clock }),
});
const signInWith = (...issuers: Issuer[]) => {
  const signIn = oidcTokens(issuers, clock);
  return (token: string, remoteAddress = '10.0.0.1') =>
    signIn({ headers: { authorization: `Bearer ${token}` }, remoteAddress });
};
const seconds = (offset = 0): number => Math.floor(clock.now().getTime() / 1000) + offset;

beforeAll(async () => {
  [main, other, stranger] = await Promise.all([
    playIssuer('https://id.example.com/realms/robots'),
    playIssuer('https://other.example.com', 'RS256'),
    playIssuer('https://stranger.example.com'),
  ]);
});
beforeEach(() => {
  clock = new FakeClock(start);
  for (const each of [main, other, stranger]) {
    each.asked.length = 0;
    each.up = true;
  }
});
const tokenOf = (played: PlayedIssuer, claims: object = {}, options: { alg?: string; kid?: string } = {}) =>
  played.token({ sub: 'ada', groups: ['lab'], ...claims }, { now: clock.now(), ...options });

describe('a token of an issuer', () => {
  test('says who is calling, of whichever issuer it is, and is verified once', async () => {
    const signIn = signInWith(issuerOf(main), issuerOf(other));
    const ada = { user: 'ada', groups: ['idp:lab', 'system:authenticated'], method: 'oidc' };
    const token = await tokenOf(main);
    expect(await signIn(token)).toEqual(ada);
    expect(await signIn(token)).toEqual(ada);
    expect(await signIn(await tokenOf(other, { sub: 'bob', aud: ['else', 'osmo-cli'] }))).toMatchObject({
      user: 'bob',
    });
    expect(main.asked).toEqual(['/realms/robots/.well-known/openid-configuration', '/realms/robots/keys']);
  });
  test('that isn’t configured, or isn’t a JWT, is somebody else’s business', async () => {
    const signIn = signInWith(issuerOf(main));
    for (const token of [await tokenOf(stranger), 'abc', 'a.b.c', 'x'.repeat(20_000)])
      // oxlint-disable-next-line no-await-in-loop
      expect(await signIn(token)).toBeUndefined();
    expect(main.asked).toEqual([]);
  });
  test('is good for a minute beyond its end, or for as long as is said, and not before its time', async () => {
    const token = await tokenOf(main, { exp: seconds(10) });
    const signIn = signInWith(issuerOf(main));
    const strict = signInWith(issuerOf(main, { clockSkewSeconds: 0 }));
    await strict(token);
    clock.advance(11_000);
    await expect(strict(token)).rejects.toThrow('it has ended; sign in again');
    clock.advance(58_000);
    expect(await signIn(token)).toMatchObject({ user: 'ada' });
    clock.advance(2_000);
    await expect(signIn(token)).rejects.toThrow('it has ended');
    await expect(signIn(await tokenOf(main, { nbf: seconds(62) }))).rejects.toThrow('not valid yet (nbf)');
    expect(await signIn(await tokenOf(main, { nbf: seconds(58) }))).toMatchObject({ user: 'ada' });
    await expect(signIn(await tokenOf(main, { iat: seconds(62), exp: seconds(500) }))).rejects.toThrow('in the future');
  });
  test.each([
    ['another audience', { aud: 'somebody-else' }, 'somebody else (aud)'],
    ['no audience', { aud: undefined }, 'somebody else (aud)'],
    ['no end', { exp: undefined }, '"exp" is missing'],
    ['an end that is no number', { exp: 'soon' as never }, '"exp"'],
    ['no user', { sub: undefined }, 'the claim "sub", which is the user, is not a text'],
    ['a user that is no text', { sub: 7 as never }, 'is not a text'],
    ['a name of the cluster’s own', { sub: 'system:admin' }, "not beginning with 'system:'"],
    ['the same in other letters', { sub: 'SYSTEM:admin' }, "not beginning with 'system:'"],
    ['a name with a line break', { sub: 'ada\nImpersonate-Group: system:masters' }, 'is no name'],
    ['a name that ends with a space', { sub: 'ada ' }, 'is no name'],
    ['too many groups', { groups: Array.from({ length: 501 }, (_, at) => `g${at}`) }, 'more than 500 groups'],
  ])('with %s is refused', async (_, claims, message) => {
    const signIn = signInWith(issuerOf(main));
    const refused = signIn(await tokenOf(main, claims));
    await expect(refused).rejects.toMatchObject({ status: 401, message: expect.stringContaining(message) });
  });
  test('with an algorithm that isn’t the issuer’s is refused, whatever key it names', async () => {
    const signIn = signInWith(issuerOf(main));
    const head = { iss: main.url, aud: 'osmo', exp: seconds(300), sub: 'ada' };
    const { keys } = (await (await main.fetch(`${main.url}/keys`)).json()) as { keys: { kid: string; x: string }[] };
    const [key] = keys;
    // The public key as the secret of an HMAC.
    const secret = Buffer.from(JSON.stringify(key));
    const hmac = await new SignJWT(head).setProtectedHeader({ alg: 'HS256', kid: key!.kid }).sign(secret);
    await expect(signIn(hmac)).rejects.toMatchObject({ status: 401, message: expect.stringContaining('algorithm') });
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'None', 'nOnE']) {
      // Without a signature it doesn't even look like one; with a made-up one it is refused.
      // oxlint-disable-next-line no-await-in-loop
      expect(await signIn(`${part({ alg })}.${part(head)}.`)).toBeUndefined();
      // oxlint-disable-next-line no-await-in-loop
      await expect(signIn(`${part({ alg })}.${part(head)}.AAAA`)).rejects.toMatchObject({ status: 401 });
    }
    const rsa = signInWith(issuerOf(other, { algorithms: ['ES256'] }));
    await expect(rsa(await tokenOf(other))).rejects.toThrow('algorithm');
  });
  test('of one issuer that names the other is refused', async () => {
    const signIn = signInWith(issuerOf(main), issuerOf(other));
    const forged = await tokenOf(stranger, { iss: main.url }, { kid: 'key-1' });
    await expect(signIn(forged)).rejects.toThrow('signature is wrong');
    await expect(signIn(await tokenOf(other, { iss: main.url }))).rejects.toMatchObject({ status: 401 });
  });
  test('an address that brings one made-up token after the other is held up, and no other', async () => {
    const signIn = signInWith(issuerOf(main));
    const good = await tokenOf(main);
    await signIn(good, '10.0.0.9');
    const forged = await tokenOf(stranger, { iss: main.url }, { kid: 'key-1' });
    for (let count = 0; count < 1000; count++)
      // oxlint-disable-next-line no-await-in-loop
      await expect(signIn(forged)).rejects.toMatchObject({ status: 401 });
    await expect(signIn(forged)).rejects.toMatchObject({ status: 429 });
    await expect(signIn(forged, '10.0.0.2')).rejects.toMatchObject({ status: 401 });
    expect(await signIn(good)).toMatchObject({ user: 'ada' });
  });
});

describe('keys', () => {
  test('that are new are asked for when a token names one, and never for each made-up name', async () => {
    const rotating = await playIssuer('https://rotating.example.com');
    const signIn = signInWith(issuerOf(rotating));
    const old = await tokenOf(rotating);
    await signIn(old);
    await rotating.rotate(true);
    expect(await signIn(await tokenOf(rotating, { sub: 'bob' }))).toMatchObject({ user: 'bob' });
    expect(await signIn(old)).toMatchObject({ user: 'ada' });
    // The former key is withdrawn: what it signed is nothing from then on.
    await rotating.rotate();
    expect(await signIn(await tokenOf(rotating, { sub: 'eve' }))).toMatchObject({ user: 'eve' });
    await expect(signIn(old)).rejects.toMatchObject({ status: 401 });
    const before = rotating.asked.length;
    for (let count = 0; count < 50; count++)
      // oxlint-disable-next-line no-await-in-loop
      await expect(signIn(await tokenOf(rotating, {}, { kid: `made-up-${count}` }))).rejects.toThrow('no such key');
    expect(rotating.asked.length - before).toBeLessThanOrEqual(3);
  });
  test('that were had go on being used while the issuer is down; those that weren’t are said to be missing', async () => {
    const failing = await playIssuer('https://failing.example.com');
    const signIn = signInWith(issuerOf(failing));
    failing.up = false;
    const early = signIn(await tokenOf(failing));
    await expect(early).rejects.toMatchObject({ status: 503, message: expect.stringContaining(failing.url) });
    failing.up = true;
    clock.advance(60_000);
    expect(await signIn(await tokenOf(failing))).toMatchObject({ user: 'ada' });
    failing.up = false;
    clock.advance(24 * 3600_000);
    expect(await signIn(await tokenOf(failing))).toMatchObject({ user: 'ada' });
  });
  test('of metadata that name another issuer are not taken', async () => {
    const liar = await playIssuer('https://liar.example.com');
    const provider = new Provider({
      url: liar.url,
      discoveryURL: `${main.url}/.well-known/openid-configuration`,
      fetch: (input) => main.fetch(input),
      clock,
    });
    await expect(provider.keys()).rejects.toThrow(/can't be used/);
  });
});

describe('claims', () => {
  const claimMappings = { username: { claim: 'email', prefix: '' }, groups: { claim: 'realm.roles', prefix: '' } };
  test.each<[object, object]>([
    [{ email: 'a@x.example' }, { user: 'a@x.example', groups: ['system:authenticated'] }],
    [
      { email: 'a@x.example', email_verified: true, realm: { roles: ['r', '', 7, 'system:masters', 'r'] } },
      { email: 'a@x.example', groups: ['r', 'system:authenticated'] },
    ],
    [{ email: 'a@x.example', realm: { roles: 'one' } }, { groups: ['one', 'system:authenticated'] }],
    [{ email: 'a@x.example', 'realm.roles': ['flat'], realm: {} }, { groups: ['flat', 'system:authenticated'] }],
    [{ email: 'a@x.example', realm: ['roles'] }, { groups: ['system:authenticated'] }],
  ])('%j', (claims, identity) => {
    expect(identityOf(claims as never, { claimMappings })).toMatchObject(identity);
  });
  test('an address that isn’t verified is nobody’s name, and nobody’s address', () => {
    for (const email_verified of [false, 'true', 1, null])
      expect(() => identityOf({ email: 'a@x.example', email_verified }, { claimMappings })).toThrow('not verified');
    const bySub = { claimMappings: { username: { claim: 'sub', prefix: '' } } };
    expect(identityOf({ sub: 'ada', email: 'a@x.example' }, bySub)).not.toHaveProperty('email');
  });
  test('rules must hold', () => {
    const config = {
      claimMappings: { username: { claim: 'sub', prefix: 'g:' } },
      claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }],
    };
    expect(identityOf({ sub: '1', hd: 'example.com' }, config)).toMatchObject({ user: 'g:1' });
    expect(() => identityOf({ sub: '1', hd: 'evil.example' }, config)).toThrow('"hd" is not what');
    expect(() => identityOf({ sub: '1' }, config)).toThrow('"hd" is not what');
  });
  test('whatever claims say, nobody becomes who the cluster is, and every name can be sent', () => {
    const config = {
      claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: '' } },
    };
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('system:masters', 'System:x', ' a', 'a\r\n'));
    fc.assert(
      fc.property(names, fc.array(fc.oneof(names, fc.anything()), { maxLength: 20 }), (sub, groups) => {
        let identity: Identity;
        try {
          identity = identityOf({ sub, groups }, config);
        } catch (error) {
          expect((error as Error).name).toBe('ClaimError');
          return;
        }
        for (const name of [identity.user, ...identity.groups.slice(0, -1)]) {
          expect(name).not.toMatch(/^system:/i);
          expect(name).toBe(name.trim());
          expect(Buffer.from(name, 'utf8').toString('utf8')).toBe(name);
        }
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

test('tokens that were changed anywhere, and texts of any kind, are refused or nobody’s, and nothing breaks', async () => {
  const signIn = signInWith(issuerOf(main));
  const token = await tokenOf(main);
  const attempt = async (text: string): Promise<unknown> => {
    try {
      return await signIn(text);
    } catch (error) {
      return (error as { status?: unknown }).status;
    }
  };
  const bytes = (text: string): string =>
    text
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');
  await fc.assert(
    fc.asyncProperty(fc.nat(2000), fc.constantFrom('A', 'z', '.', '-', '_', '~', 'ä'), async (place, letter) => {
      const where = place % token.length;
      const changed = `${token.slice(0, where)}${letter}${token.slice(where + 1)}`;
      if (bytes(changed) !== bytes(token)) expect([undefined, 401]).toContain(await attempt(changed));
    }),
    { seed: 7, numRuns: 300 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 300 }), async (text) => {
      expect([undefined, 401]).toContain(await attempt(text));
    }),
    { seed: 7, numRuns: 200 },
  );
});
