import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import { createLocalJWKSet, SignJWT } from 'jose';
import { rateLimit } from '../../http/rate-limit.ts';
import { Ledger, memoryStore } from '../session/ledger.ts';
import type { Session } from '../session/session.ts';
import { backChannelOperation } from './back-channel.ts';

const url = 'https://id.example';
const event = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const keys = {
  version: 1,
  resolve: createLocalJWKSet({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] }),
};

let clock: FakeClock;
let ledger: Ledger;
let logger: ReturnType<typeof recordingLogger>;
const now = (): number => clock.now().getTime() / 1000;

const tokenOf = (claims: Record<string, unknown>, { key = privateKey, typ = 'logout+jwt' } = {}): Promise<string> =>
  new SignJWT({ iss: url, aud: 'osmo', iat: now(), exp: now() + 120, jti: 'j-1', events: event, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k', typ })
    .sign(key);

/** Tells the gateway, whose one provider this is. @returns what it answers, or what it throws. */
const tell = async (token: string): Promise<unknown> => {
  const issuer = {
    config: {
      issuer: { url, audiences: ['osmo', 'osmo-cli'] },
      claimMappings: { username: { claim: 'sub', prefix: '' } },
    },
    provider: { keys: async () => keys, newerKeys: async () => undefined },
  };
  const login = { config: { issuer: url, browser: { clientId: 'osmo' } }, issuer, browser: {} };
  const authentication = { issuers: [], saml: [], login, limits: { lifetimeSeconds: 3600, idleSeconds: 600 } };
  const logouts = rateLimit(clock, 100, 100, 'logouts');
  const operation = backChannelOperation({ authentication, ledger, clock, logger } as never, logouts);
  const call = { body: { logout_token: token }, caller: { user: 'system:anonymous', groups: [], method: 'none' } };
  try {
    return await operation.handle(call as never);
  } catch (error) {
    return error;
  }
};
const sessionOf = (change: Partial<Session> = {}): Session => ({
  ...{ id: 'one', user: 'ada', groups: [], subject: 'ada', via: 'oidc', provider: url, sid: 's-1' },
  ...{ started: now(), seen: now(), fresh: 0 },
  ...change,
});

beforeEach(() => {
  clock = new FakeClock('2026-03-01T00:00:00Z');
  logger = recordingLogger();
  ledger = new Ledger(memoryStore(), { clock, logger });
});

describe('a provider that signs somebody out', () => {
  test('of one session ends that one alone, whenever it began', async () => {
    expect(await tell(await tokenOf({ sub: 'ada', sid: 's-1' }))).toEqual({ json: {} });
    expect(ledger.isEnded(sessionOf())).toBe(true);
    // Clocks of replicas differ.
    expect(ledger.isEnded(sessionOf({ started: now() + 30 }))).toBe(true);
    expect(ledger.isEnded(sessionOf({ sid: 's-2' }))).toBe(false);
    expect(ledger.isEnded(sessionOf({ provider: 'https://other.example' }))).toBe(false);
  });
  test('of all ends those that there are, and none that begin later', async () => {
    expect(await tell(await tokenOf({ sub: 'ada' }))).toEqual({ json: {} });
    expect(ledger.isEnded(sessionOf({ sid: 's-2' }))).toBe(true);
    expect(ledger.isEnded(sessionOf({ subject: 'bob' }))).toBe(false);
    expect(ledger.isEnded(sessionOf({ started: now() + 1 }))).toBe(false);
  });
  test('once more by the same token, is answered, and ends nothing that began since', async () => {
    const token = await tokenOf({ sub: 'ada' });
    await tell(token);
    clock.advance(60_000);
    const fresh = sessionOf();
    expect(await tell(token)).toEqual({ json: {} });
    expect(ledger.isEnded(fresh)).toBe(false);
    clock.advance(1_000);
    await tell(await tokenOf({ sub: 'ada', jti: 'j-2' }));
    expect(ledger.isEnded(fresh)).toBe(true);
  });
  test('needs to give its token no end', async () => {
    expect(await tell(await tokenOf({ sub: 'ada', exp: undefined }))).toEqual({ json: {} });
  });
});

test.each<[string, () => Promise<string>, string]>([
  ['of another issuer', () => tokenOf({ sub: 'ada', iss: 'https://other.example' }), '"iss"'],
  ['for somebody else', () => tokenOf({ sub: 'ada', aud: 'other' }), 'aud'],
  ['for the client of command lines', () => tokenOf({ sub: 'ada', aud: 'osmo-cli' }), 'aud'],
  ['of another key', () => tokenOf({ sub: 'ada' }, { key: stranger }), 'signature is wrong'],
  ['with a nonce', () => tokenOf({ sub: 'ada', nonce: 'n' }), 'nonce'],
  ['that tells of nothing', () => tokenOf({ sub: 'ada', events: undefined }), 'no logout'],
  ['that tells of something else', () => tokenOf({ sub: 'ada', events: { other: {} } }), 'no logout'],
  [
    'whose event is no object',
    () => tokenOf({ sub: 'ada', events: { [Object.keys(event)[0] ?? '']: true } }),
    'no logout',
  ],
  ['of nobody', () => tokenOf({}), 'neither a session'],
  ['without a time', () => tokenOf({ sub: 'ada', iat: undefined }), '"iat"'],
  ['without a name', () => tokenOf({ sub: 'ada', jti: undefined }), '"jti"'],
  ['that has ended', () => tokenOf({ sub: 'ada', exp: now() - 61 }), 'has ended'],
  ['of long ago', () => tokenOf({ sub: 'ada', iat: now() - 361, exp: now() + 60 }), 'too old'],
  ['of later', () => tokenOf({ sub: 'ada', iat: now() + 61, exp: now() + 120 }), 'in the future'],
  ['that is none', async () => 'a.b.c', 'malformed'],
])('a logout token %s is refused, and ends nothing', async (_, make, problem) => {
  const answer = await tell(await make());
  expect(answer).toMatchObject({ status: 400, message: expect.stringContaining(problem) });
  expect(ledger.isEnded(sessionOf())).toBe(false);
  expect(JSON.stringify(logger.lines)).not.toContain('eyJ');
});
