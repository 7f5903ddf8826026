import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import fc from 'fast-check';
import { gatewayKeys } from '../keys/gateway-keys.ts';
import { ephemeralKeys } from '../keys/key-keeper.ts';
import { clearLongCookie, parseCookies, readLongCookie, setCookie, setLongCookie } from './cookies.ts';
import { demandSameOrigin } from './same-origin.ts';
import { beginSession, type Session, sessionCookies } from './session.ts';
import { browserSessions, type Renew, sessionReader } from './sign-in.ts';

const secure = { secure: true };
/** What a browser sends back. */
const cookieHeader = (cookies: readonly string[]): string => cookies.map((each) => each.split(';')[0]).join('; ');

describe('cookies', () => {
  test('are the host’s own over TLS, and not for scripts', () => {
    expect(setCookie(secure, 'osmo-x', 'v', 60)).toBe(
      '__Host-osmo-x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
    expect(setCookie({ secure: false }, 'osmo-x', 'v', 60)).toBe(
      'osmo-x=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    );
  });
  test('that must come back with a POST from elsewhere are sent to nobody without TLS', () => {
    expect(setCookie(secure, 'osmo-x', 'v', 60, 'cross-site')).toBe(
      '__Host-osmo-x=v; Path=/; Max-Age=60; HttpOnly; SameSite=None; Secure',
    );
  });
  test.each([0, 1, 3800, 3801, 19_000])('a text of %d letters comes back as it was', (length) => {
    const text = 'x'.repeat(length);
    const cookies = setLongCookie(secure, 's', text, 60) ?? [];
    for (const each of cookies) expect(each.length).toBeLessThan(4096);
    expect(readLongCookie(secure, 's', parseCookies(cookieHeader(cookies)))).toBe(text);
  });
  test('a text that is too long is none; one of which a part is missing neither', () => {
    expect(setLongCookie(secure, 's', 'x'.repeat(19_001), 60)).toBeUndefined();
    const cookies = setLongCookie(secure, 's', 'x'.repeat(8000), 60) ?? [];
    expect(readLongCookie(secure, 's', parseCookies(cookieHeader(cookies.slice(0, 2))))).toBeUndefined();
    expect(readLongCookie(secure, 's', parseCookies(cookieHeader(cookies.slice(1))))).toBeUndefined();
  });
  test('what a longer text left counts for nothing, and goes with the next logout', () => {
    const [long, short] = [
      setLongCookie(secure, 's', 'x'.repeat(8000), 60) ?? [],
      setLongCookie(secure, 's', 'y', 60) ?? [],
    ];
    const held = parseCookies(cookieHeader([...short, ...long.slice(1)]));
    expect(readLongCookie(secure, 's', held)).toBe('y');
    expect(clearLongCookie(secure, 's', held).map((each) => each.split('=')[0])).toEqual([
      '__Host-s',
      '__Host-s-1',
      '__Host-s-2',
    ]);
  });
  test('any header is read, and nothing breaks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (header) => {
        const cookies = parseCookies(header);
        readLongCookie(secure, 's', cookies);
        for (const name of cookies.keys()) expect(name).toBe(name.trim());
      }),
      { seed: 7, numRuns: 500 },
    );
    expect(parseCookies('a=1; b = 2 ;c; =d; a=3')).toEqual(
      new Map([
        ['a', '1'],
        ['b', '2'],
      ]),
    );
    expect(parseCookies(undefined).size).toBe(0);
  });
});

describe('a change by a browser', () => {
  const publicUrl = 'https://osmo.example.com/base';
  const own = { origin: 'https://osmo.example.com', 'sec-fetch-site': 'same-origin' };
  test.each<[string, object]>([
    ['of this gateway', own],
    ['of a browser that says no site', { origin: own.origin }],
    ['of a browser that says no origin', { 'sec-fetch-site': 'same-origin' }],
  ])('from a page %s is taken', (_, headers) => {
    expect(() => demandSameOrigin(headers as never, publicUrl)).not.toThrow();
  });
  test.each<[string, object, string?]>([
    ['of somebody else', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of another host of the same site', { origin: 'https://evil.example.com', 'sec-fetch-site': 'same-site' }],
    ['that only claims to be one', { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' }],
    ['without an origin', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['of the same name without TLS', { origin: 'http://osmo.example.com' }],
    ['at another port', { origin: 'https://osmo.example.com:8443' }],
    ['that says nothing at all', {}],
    ['of an address bar', { 'sec-fetch-site': 'none' }],
  ])('from a page %s is refused', (_, headers) => {
    expect(() => demandSameOrigin(headers as never, publicUrl)).toThrow(/only from pages of this gateway/);
  });
  test('is never taken where the gateway doesn’t know its own address and the browser says another', () => {
    expect(() => demandSameOrigin(own, undefined)).toThrow(/only from pages/);
  });
});

describe('a session', () => {
  let clock: FakeClock;
  let asked: Session[];
  let ended: Set<string>;
  let renew: Renew;
  const limits = { lifetimeSeconds: 3600, idleSeconds: 1800 };
  const seconds = (): number => clock.now().getTime() / 1000;
  const setUp = () => {
    const keys = gatewayKeys(ephemeralKeys(clock), clock);
    const logger = recordingLogger();
    const options = {
      keys,
      clock,
      logger,
      style: secure,
      limits,
      ledger: { isEnded: ({ id }: Session) => ended.has(id) },
      vouched: ({ provider }: Session) => provider !== 'gone',
      renew: async (session: Session) => {
        asked.push(session);
        return renew(session);
      },
    };
    const signIn = browserSessions(sessionReader(options), options);
    const begin = async (extra: Partial<Session> = {}): Promise<string> => {
      const identity = {
        user: 'ada',
        groups: ['lab', 'system:authenticated'],
        method: 'oidc' as const,
        email: 'a@x.example',
      };
      const session = beginSession(identity, { subject: 's-1', via: 'oidc', fresh: seconds() + 300 }, seconds());
      return cookieHeader(
        await sessionCookies({ ...session, ...extra }, limits, { keys, style: secure, now: seconds() }),
      );
    };
    const send = (cookie: string) => signIn({ headers: { cookie }, remoteAddress: '10.0.0.1' });
    return { begin, send, logger };
  };
  beforeEach(() => {
    clock = new FakeClock('2026-03-01T00:00:00Z');
    asked = [];
    ended = new Set();
    renew = async (session) => ({ ...session, fresh: seconds() + 300 });
  });

  test('is its user’s, for as long as it is used, and not beyond its life', async () => {
    const { begin, send } = setUp();
    let cookie = await begin();
    const ada = { user: 'ada', groups: ['lab', 'system:authenticated'], method: 'session', email: 'a@x.example' };
    expect(await send(cookie)).toEqual(ada);
    for (let minutes = 0; minutes < 50; minutes += 10) {
      clock.advance(600_000);
      // oxlint-disable-next-line no-await-in-loop
      const identity = await send(cookie);
      expect(identity?.cookies?.[0]).toMatch(/^__Host-osmo-session=1\..*HttpOnly; SameSite=Lax; Secure$/);
      cookie = cookieHeader(identity?.cookies ?? []);
    }
    clock.advance(600_000);
    await expect(send(cookie)).rejects.toMatchObject({ status: 401, message: 'the session is over; sign in again' });
    expect(asked).toEqual([]);
  });
  test('that nobody used for long is over', async () => {
    const { begin, send } = setUp();
    const cookie = await begin();
    clock.advance(1_800_000);
    await expect(send(cookie)).rejects.toMatchObject({ status: 401 });
  });
  test('is renewed once for all requests that come with the same cookie, and has the groups of now', async () => {
    const { begin, send } = setUp();
    const cookie = await begin({ refreshToken: 'r-1' });
    await send(cookie);
    expect(asked).toEqual([]);
    clock.advance(300_000);
    renew = async (session) => ({ ...session, groups: ['other'], refreshToken: 'r-2', fresh: seconds() + 300 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(cookie)));
    expect(asked.map(({ refreshToken }) => refreshToken)).toEqual(['r-1']);
    for (const answer of answers) expect(answer).toMatchObject({ user: 'ada', groups: ['other'] });
    // A request that was under way with the old cookie, a little later.
    clock.advance(10_000);
    expect(await send(cookie)).toMatchObject({ groups: ['other'] });
    expect(asked).toHaveLength(1);
    const next = cookieHeader(answers[0]?.cookies ?? []);
    clock.advance(300_000);
    await send(next);
    expect(asked.map(({ refreshToken }) => refreshToken)).toEqual(['r-1', 'r-2']);
  });
  test('whose user the provider no longer knows is over', async () => {
    const { begin, send } = setUp();
    const cookie = await begin({ refreshToken: 'r-1' });
    clock.advance(300_000);
    renew = async () => 'over';
    await expect(send(cookie)).rejects.toMatchObject({ status: 401 });
  });
  test('goes on for a while when the provider can’t be asked, and tells nobody its tokens', async () => {
    const { begin, send, logger } = setUp();
    const cookie = await begin({ refreshToken: 'very-secret' });
    renew = () => Promise.reject(new Error('down'));
    clock.advance(300_000);
    expect(await send(cookie)).toMatchObject({ user: 'ada' });
    clock.advance(14 * 60_000);
    expect(await send(cookie)).toMatchObject({ user: 'ada' });
    expect(asked).toHaveLength(2);
    clock.advance(45_000);
    expect(await send(cookie)).toMatchObject({ user: 'ada' });
    clock.advance(15_000);
    await expect(send(cookie)).rejects.toMatchObject({ status: 503 });
    expect(JSON.stringify(logger.lines)).not.toContain('very-secret');
  });
  test('that somebody ended, whose provider set it an end, or whose provider is none any more is over', async () => {
    const { begin, send } = setUp();
    const cookie = await begin({ id: 'one' });
    expect(await send(cookie)).toMatchObject({ user: 'ada' });
    ended.add('one');
    await expect(send(cookie)).rejects.toMatchObject({ status: 401 });
    await expect(send(await begin({ provider: 'gone' }))).rejects.toMatchObject({ status: 401 });
    const short = await begin({ until: seconds() + 60 });
    expect(await send(short)).toMatchObject({ user: 'ada' });
    clock.advance(60_000);
    await expect(send(short)).rejects.toMatchObject({ status: 401 });
  });
  test('of other keys, of other purposes, cut off or made up is over; without the cookie it is nobody’s', async () => {
    const { begin, send } = setUp();
    const cookie = await begin();
    const other = await setUp().begin();
    for (const bad of [other, cookie.slice(0, -5), '__Host-osmo-session=1.abc', '__Host-osmo-session='])
      // oxlint-disable-next-line no-await-in-loop
      await expect(send(bad)).rejects.toMatchObject({ status: 401 });
    expect(await send('other=1')).toBeUndefined();
    // Set by a page of another host, or without TLS: not the gateway's.
    expect(await send(cookie.replace('__Host-', ''))).toBeUndefined();
  });
  test('of a user of very many groups is told at the login', async () => {
    const { begin } = setUp();
    const groups = Array.from({ length: 500 }, (_, at) => `group-${at}-${'x'.repeat(40)}`);
    await expect(begin({ groups })).rejects.toThrow('too long for cookies');
    // What only the logout needs is left out first.
    const long = await begin({ idToken: 'x'.repeat(20_000) });
    expect(long.length).toBeLessThan(4_000);
  });
});
