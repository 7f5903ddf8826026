import { createHmac, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import fc from 'fast-check';
import { RequestError } from '../http/errors.ts';
import { type PlayedIssuer, playIssuer } from '../testing/issuer.ts';
import { accessTokens } from './access-token.ts';
import { authenticator } from './authenticator.ts';
import { type GatewayKeys, gatewayKeys, ownIssuer } from './keys/gateway-keys.ts';
import { ephemeralKeys } from './keys/key-keeper.ts';
import { Provider } from './oidc/provider.ts';
import { oidcTokens } from './oidc/sign-in.ts';
import { parseCookies, readLongCookie, setLongCookie } from './session/cookies.ts';
import { asSession, beginSession } from './session/session.ts';

/* What nobody of ours has signed or encrypted, in all the shapes that JOSE allows, is nobody's. */

const clock = new FakeClock('2026-03-01T00:00:00Z');
const seconds = Math.floor(clock.now().getTime() / 1000);
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const attackerRsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const settings = { numRuns: 300 };
let issuer: PlayedIssuer;
let keys: GatewayKeys;
let signIn: (token: string) => Promise<unknown>;
/** Both publish them: whoever forges has them. */
let publicKeys: { key: KeyObject; kid: string }[];

const found = {
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'AccessToken',
  metadata: { name: 'admins', uid: 'u-1' },
  spec: {
    user: 'admin',
    name: 'ci',
    hash: '0'.repeat(64),
    groups: ['osmo-admin'],
    expirationTime: '2999-01-01T00:00:00Z',
  },
} as never;
const owner = {
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'User',
  metadata: { name: 'admin' },
  spec: { user: 'admin' },
  status: { groups: ['osmo-admin'] },
} as never;

beforeAll(async () => {
  issuer = await playIssuer('https://id.example.com');
  keys = gatewayKeys(ephemeralKeys(clock), clock);
  const config = {
    issuer: { url: issuer.url, audiences: ['osmo'] },
    claimMappings: { username: { claim: 'sub', prefix: '' }, groups: { claim: 'groups', prefix: '' } },
  };
  const provider = new Provider({ url: issuer.url, fetch: (input) => issuer.fetch(input), clock });
  // Whatever token is named is there, and an administrator's: only signatures stand between.
  const finder = { byHash: async () => undefined, byName: async () => found, userOf: async () => owner };
  const authenticate = authenticator([
    accessTokens({ finder, keys, lastUsed: { note: () => undefined }, clock }),
    oidcTokens([{ config, provider }], clock),
  ]);
  let callers = 0;
  // Each from another address: who tries many is soon told to wait.
  signIn = (token) => {
    callers += 1;
    const remoteAddress = `10.${callers >> 16}.${(callers >> 8) & 255}.${callers & 255}`;
    return authenticate({ headers: { authorization: `Bearer ${token}` }, remoteAddress });
  };
  const published = (await (await issuer.fetch(`${issuer.url}/keys`)).json()) as { keys: { kid: string }[] };
  const all = [...published.keys, ...(keys.jwks().keys as { kid: string }[])];
  publicKeys = all.map((jwk) => ({ key: createPublicKey({ key: jwk, format: 'jwk' }), kid: jwk.kid }));
});

/** Refused as one who has not signed in; everything else is an error of ours. */
async function isRefused(token: string): Promise<void> {
  try {
    expect({ token, identity: await signIn(token) }).toEqual('a refusal');
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    expect(error.status).toBe(401);
  }
}

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const goodClaims = (): readonly Record<string, unknown>[] => [
  { iss: issuer.url, aud: 'osmo', sub: 'admin', groups: ['osmo-admin'], iat: seconds, exp: seconds + 300 },
  {
    iss: ownIssuer,
    aud: ownIssuer,
    iat: seconds,
    exp: seconds + 300,
    osmo_token_object: 'admins',
    osmo_token_uid: 'u-1',
  },
];

/** Ways to sign, or not to, without the key. */
const signatures: Record<string, (text: string, key: KeyObject) => string> = {
  nothing: () => '',
  'the key of another': (text) =>
    sign('sha256', Buffer.from(text), { key: attacker.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url'),
  'the RSA key of another': (text) => sign('sha256', Buffer.from(text), attackerRsa.privateKey).toString('base64url'),
  'the public key as a password': (text, key) =>
    createHmac('sha256', key.export({ type: 'spki', format: 'pem' }))
      .update(text)
      .digest('base64url'),
  'the bytes of the public key as a password': (text, key) =>
    createHmac('sha256', key.export({ type: 'spki', format: 'der' }))
      .update(text)
      .digest('base64url'),
  'an empty password': (text) => createHmac('sha256', '').update(text).digest('base64url'),
  // CVE-2022-21449: r and s of zero.
  'nothing but zeros': () => Buffer.alloc(64).toString('base64url'),
  'an empty sequence': () => Buffer.from([0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00]).toString('base64url'),
};
const algorithms = [
  'ES256',
  'HS256',
  'RS256',
  'PS256',
  'EdDSA',
  'none',
  'None',
  'NONE',
  'nOnE',
  '',
  'dir',
  'A256GCMKW',
  null,
  1,
  ['ES256'],
  undefined,
];
const extras: readonly object[] = [
  {},
  { jwk: attacker.publicKey.export({ format: 'jwk' }) },
  { jku: 'https://evil.example.com/keys' },
  { x5u: 'https://evil.example.com/certificate' },
  { x5c: ['MIIB'] },
  { crit: ['exp'], exp: 1 },
  { crit: ['b64'], b64: false },
  { crit: [] },
  { zip: 'DEF' },
  { enc: 'A256GCM', p2c: 1_000_000_000, p2s: 'AA' },
  { typ: 'JWE', cty: 'JWT' },
];

describe('a token that was forged', () => {
  test('is nobody’s, whatever its header says and whoever has signed it', async () => {
    let tried = 0;
    for (const { key, kid } of publicKeys) {
      for (const alg of algorithms) {
        // What else a header may name matters where it might be believed at all.
        for (const extra of alg === 'ES256' || alg === 'HS256' || alg === 'none' ? extras : [{}]) {
          for (const claims of goodClaims()) {
            const text = `${part({ alg, kid, ...extra })}.${part(claims)}`;
            const named = Object.values(signatures).map((make) => `${text}.${make(text, key)}`);
            // oxlint-disable-next-line no-await-in-loop
            await Promise.all(named.map(isRefused));
            tried += named.length;
          }
        }
      }
    }
    expect(tried).toBeGreaterThan(500);
    // Nor was anybody asked whom a header names.
    expect(new Set(issuer.asked)).toEqual(new Set(['/keys', '/.well-known/openid-configuration']));
  });

  test('is nobody’s, be its parts whatever JSON there is', async () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    const odd = fc.oneof(
      json,
      fc.constantFrom('', '{', '[]', '"x"', 'null', '{"__proto__":{"admin":true}}', '\u0000', '{"exp":1e999}'),
    );
    const claim = fc.constantFrom(
      'iss',
      'aud',
      'sub',
      'groups',
      'iat',
      'exp',
      'nbf',
      'osmo_token_object',
      'osmo_token_uid',
    );
    const forged = fc.tuple(odd, fc.nat(1), claim, json, fc.base64String({ maxLength: 100 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(forged, async ([header, which, name, value, signature, keepHeader]) => {
        const head = keepHeader ? { alg: 'ES256', kid: publicKeys[which]?.kid } : header;
        const claims = { ...goodClaims()[which], [name]: value };
        await isRefused(`${part(head)}.${part(claims)}.${signature.replaceAll(/[+/=]/g, '')}`);
        await isRefused(`${part(head)}.${part(header)}.${signature.replaceAll(/[+/=]/g, '')}`);
      }),
      settings,
    );
  });

  test('is nobody’s when only one letter of a good one is another', async () => {
    const good = [
      await issuer.token({ sub: 'admin' }, { now: clock.now() }),
      await keys.sign({ osmo_token_object: 'admins', osmo_token_uid: 'u-1' }, 300),
    ];
    for (const token of good) expect(await signIn(token)).toMatchObject({ user: 'admin' });
    const bytes = (text: string): string =>
      text
        .split('.')
        .map((each) => Buffer.from(each, 'base64url').toString('hex'))
        .join('.');
    const letters = fc.constantFrom('A', 'B', 'z', '9', '-', '_', '.', '~', '');
    await fc.assert(
      fc.asyncProperty(fc.nat(1), fc.nat(2000), letters, async (which, place, letter) => {
        const token = good[which] ?? '';
        const at = place % token.length;
        const changed = `${token.slice(0, at)}${letter}${token.slice(at + 1)}`;
        if (bytes(changed) !== bytes(token)) await isRefused(changed);
      }),
      settings,
    );
  });
});

describe('a cookie that was forged', () => {
  const style = { secure: true };
  const name = '__Host-s';
  const read = async (cookie: string): Promise<unknown> => {
    const text = readLongCookie(style, 's', parseCookies(cookie));
    return text === undefined ? undefined : asSession(await keys.decrypt('session', text));
  };
  const session = beginSession(
    { user: 'admin', groups: Array.from({ length: 300 }, (_, at) => `group-number-${at}`), method: 'oidc' },
    { subject: 's', via: 'oidc', fresh: seconds + 300 },
    seconds,
  );
  const cookies = async (): Promise<string[]> => {
    const set = setLongCookie(style, 's', await keys.encrypt('session', session, 3600), 3600) ?? [];
    return set.map((each) => each.split(';')[0] ?? '');
  };

  test('is no session, be it any text, or encrypted for another purpose or by another', async () => {
    const others = gatewayKeys(ephemeralKeys(clock), clock);
    const stranger = [
      await others.encrypt('session', session, 3600),
      await keys.encrypt('login', session, 3600),
      await keys.sign({ ...session }, 300),
    ];
    const plain = [part({ alg: 'dir', enc: 'A256GCM' }), part({ alg: 'none' }), JSON.stringify(session)];
    for (const text of [...stranger, ...plain]) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await read(`${name}=1.${text}`)).toBeUndefined();
    }
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.base64String({ maxLength: 300 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { maxLength: 5 }), async (texts) => {
        expect(await read(`${name}=${texts.length}.${texts.join('.')}; ${name}-1=${texts[0] ?? ''}`)).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  test('is no session when a part or a letter of a good one is another', async () => {
    const all = await cookies();
    expect(all.length).toBeGreaterThan(1);
    expect(await read(all.join('; '))).toEqual(session);
    const whole = all.join('; ');
    const values = (header: string): string =>
      JSON.stringify([...parseCookies(header)].filter(([each]) => each.startsWith(name)));
    const bytes = (header: string): string =>
      (readLongCookie(style, 's', parseCookies(header)) ?? '')
        .split('.')
        .map((each) => Buffer.from(each, 'base64url').toString('hex'))
        .join('.');
    await fc.assert(
      fc.asyncProperty(
        fc.nat(20_000),
        fc.constantFrom('A', 'z', '.', ';', '=', ' ', '2', '9', ''),
        async (place, letter) => {
          const at = place % whole.length;
          const changed = `${whole.slice(0, at)}${letter}${whole.slice(at + 1)}`;
          if (values(changed) !== values(whole) && bytes(changed) !== bytes(whole))
            expect(await read(changed)).toBeUndefined();
        },
      ),
      settings,
    );
    for (const missing of all.keys()) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await read(all.filter((_, at) => at !== missing).join('; '))).toBeUndefined();
    }
  });
});
