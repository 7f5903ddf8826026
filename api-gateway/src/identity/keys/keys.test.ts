import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Change, type Informer, KubeError, type Secret } from '@osmo/kube';
import { FakeClock, recordingLogger, settle } from '@osmo/kube/testing';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { gatewayKeys, ownIssuer } from './gateway-keys.ts';
import { ephemeralKeys, KeyKeeper } from './key-keeper.ts';
import { activeGeneration, newGeneration, planKeys, readGenerations, writeGenerations } from './key-set.ts';

const start = '2026-03-01T00:00:00Z';
const at = (days: number, minutes = 0): Date => new Date(Date.parse(start) + days * 86_400_000 + minutes * 60_000);

describe('generations', () => {
  test('are made when there is none, get a successor after 30 days, and stay for as long as what they made', () => {
    expect(planKeys([], at(0))).toMatchObject({ keep: [], make: true });
    const first = newGeneration(at(0));
    expect(planKeys([first], at(29))).toEqual({ keep: [first], make: false, wakeAt: at(30) });
    expect(planKeys([first], at(30)).make).toBe(true);
    const second = newGeneration(at(30));
    expect(planKeys([second, first], at(60)).keep).toEqual([second, first]);
    expect(planKeys([first, second], at(60, 6)).keep).toEqual([second]);
  });
  test('are used once everybody knows them', () => {
    const [first, second] = [newGeneration(at(0)), newGeneration(at(30))];
    expect(activeGeneration([first], at(0))).toBe(first);
    expect(activeGeneration([first, second], at(30, 4))).toBe(first);
    expect(activeGeneration([first, second], at(30, 5))).toBe(second);
    expect(activeGeneration([], at(0))).toBeUndefined();
  });
  test('that are damaged are left out', () => {
    const good = newGeneration(at(0));
    expect(readGenerations(writeGenerations([good]))).toEqual([good]);
    const bad = [{ ...good, encryption: 'short' }, { ...good, created: 'never' }, null, 7];
    expect(readGenerations(writeGenerations([...(bad as never[]), good]))).toEqual([good]);
    for (const data of [undefined, '', 'AAAA', Buffer.from('{}').toString('base64')])
      expect(readGenerations(data)).toEqual([]);
  });
});

describe('what is made with the keys', () => {
  const clock = new FakeClock(start);
  const source = ephemeralKeys(clock);
  const keys = gatewayKeys(source, clock);

  test('a token says what it was given, until it ends', async () => {
    const own = new FakeClock(start);
    const timed = gatewayKeys(source, own);
    const token = await timed.sign({ sub: 'ada', groups: ['lab'] }, 300);
    const iat = Date.parse(start) / 1000;
    expect(await timed.verify(token)).toEqual({
      ...{ sub: 'ada', groups: ['lab'], iss: ownIssuer, aud: ownIssuer, iat, exp: iat + 300 },
    });
    own.advance(300_000);
    expect(await timed.verify(token)).toBeUndefined();
    await expect(timed.sign({}, 31 * 86_400)).rejects.toThrow('not kept');
  });
  test('a token of another key, another issuer, without an end, or by another algorithm is none', async () => {
    const other = gatewayKeys(ephemeralKeys(clock), clock);
    expect(await keys.verify(await other.sign({ sub: 'ada' }, 300))).toBeUndefined();
    const { id = '', encryption = '' } = source.current()[0] ?? {};
    const hmac = await new SignJWT({ sub: 'ada' })
      .setProtectedHeader({ alg: 'HS256', kid: id })
      .setIssuer(ownIssuer)
      .setAudience(ownIssuer)
      .setExpirationTime('1h')
      .sign(Buffer.from(encryption, 'base64url'));
    expect(await keys.verify(hmac)).toBeUndefined();
    const none = [
      { alg: 'none', kid: id },
      { sub: 'ada', iss: ownIssuer, aud: ownIssuer, exp: 9e9 },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    expect(await keys.verify(`${none}.`)).toBeUndefined();
  });
  test('what is encrypted is read again for its purpose only, and until it ends', async () => {
    const own = new FakeClock(start);
    const timed = gatewayKeys(source, own);
    const content = { user: 'ada', groups: ['a', 'b'] };
    const text = await timed.encrypt('session', content, 60);
    expect(await timed.decrypt('session', text)).toEqual(content);
    expect(await timed.decrypt('login', text)).toBeUndefined();
    expect(text).not.toContain('ada');
    own.advance(60_000);
    expect(await timed.decrypt('session', text)).toBeUndefined();
  });
  test('texts that were changed anywhere are none, and nothing breaks', async () => {
    const [token, sealed] = [await keys.sign({ sub: 'ada' }, 300), await keys.encrypt('session', { a: 1 }, 300)];
    const change = (text: string, place: number, letter: string): string => {
      const where = place % text.length;
      return `${text.slice(0, where)}${letter}${text.slice(where + 1)}`;
    };
    await fc.assert(
      fc.asyncProperty(fc.nat(4000), fc.constantFrom('A', 'z', '.', '-', ' ', '\0', 'ä'), async (place, letter) => {
        const [badToken, badSealed] = [change(token, place, letter), change(sealed, place, letter)];
        // The last letter of base64 may hold bits that mean nothing.
        const same = (a: string, b: string): boolean =>
          a.split('.').every((part, index) => {
            const [one, two] = [part, b.split('.')[index] ?? ''].map((each) => Buffer.from(each, 'base64url'));
            return one?.equals(two ?? Buffer.alloc(0)) === true;
          });
        if (!same(badToken, token)) expect(await keys.verify(badToken)).toBeUndefined();
        if (!same(badSealed, sealed)) expect(await keys.decrypt('session', badSealed)).toBeUndefined();
      }),
      { seed: 7, numRuns: 300 },
    );
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 200 }), async (text) => {
        expect([await keys.verify(text), await keys.decrypt('session', text)]).toEqual([undefined, undefined]);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
  test('the public keys hold nothing private', () => {
    const id = source.current()[0]?.id;
    const shape = { kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: id };
    expect(keys.jwks().keys).toEqual([{ ...shape, x: expect.any(String), y: expect.any(String) }]);
  });
});

/** The one Secret, as the apiserver and the caches of replicas have it. */
class PlayedSecret {
  stored: Secret | undefined = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'osmo', resourceVersion: '1' },
  };
  writes = 0;
  reads = 0;
  fails: KubeError | undefined;
  readonly informers: { tell: () => void }[] = [];

  readonly client = {
    get: async () => {
      this.reads++;
      return this.stored as Secret;
    },
    replace: async (_: unknown, object: Secret) => {
      if (this.fails !== undefined) throw this.fails;
      const version = this.stored?.metadata.resourceVersion;
      if (object.metadata.resourceVersion !== version)
        throw new KubeError({ status: 409, reason: 'Conflict', message: 'changed' });
      this.writes++;
      const metadata = { ...object.metadata, resourceVersion: String(Number(version) + 1) };
      this.stored = { ...object, metadata };
      return this.stored;
    },
  };

  informer(): { informer: Informer<Secret>; tell: () => void } {
    let cached = this.stored;
    const listeners: ((change: Change<Secret>) => void)[] = [];
    const informer = {
      synced: Promise.resolve(),
      get: () => cached,
      onChange: (listener: (change: Change<Secret>) => void) => void listeners.push(listener),
    } as unknown as Informer<Secret>;
    const tell = (): void => {
      cached = this.stored;
      for (const listener of listeners) if (cached !== undefined) listener({ new: cached });
    };
    return { informer, tell };
  }
}

describe('the keeper', () => {
  let secret: PlayedSecret;
  let clock: FakeClock;
  let stop: AbortController;
  const logger = recordingLogger();
  const replica = () => {
    const { informer, tell } = secret.informer();
    const options = { client: secret.client as never, secrets: informer, namespace: 'osmo', secret: 'keys' };
    const keeper = new KeyKeeper({ ...options, clock, logger });
    const ended = keeper.run(stop.signal);
    return { keeper, tell, ended, keys: gatewayKeys(keeper, clock) };
  };
  beforeEach(() => {
    [secret, clock, stop] = [new PlayedSecret(), new FakeClock(start), new AbortController()];
  });

  test('replicas that fill the Secret at once agree, and each reads what the others make', async () => {
    const replicas = [replica(), replica(), replica()];
    await settle();
    expect(secret.writes).toBe(1);
    for (const { tell } of replicas) tell();
    await settle();
    await clock.advanceAsync(6_000);
    expect(secret.writes).toBe(1);
    const [one, ...others] = replicas;
    const token = await one!.keys.sign({ sub: 'ada' }, 60);
    for (const { keys, keeper } of others) {
      expect(keeper.problem()).toBeUndefined();
      // oxlint-disable-next-line no-await-in-loop
      expect(await keys.verify(token)).toMatchObject({ sub: 'ada' });
    }
    stop.abort();
    await Promise.all(replicas.map(({ ended }) => ended));
    expect(JSON.stringify(logger.lines)).not.toContain('"d"');
  });
  test('a replica whose cache lags asks for a key that it doesn’t know, and not for each made-up one', async () => {
    const [fast, slow] = [replica(), replica()];
    await settle();
    fast.tell();
    await settle();
    const token = await fast.keys.sign({ sub: 'ada' }, 60);
    expect(await slow.keys.verify(token)).toMatchObject({ sub: 'ada' });
    const { reads } = secret;
    const unknown = await gatewayKeys(ephemeralKeys(clock), clock).sign({ sub: 'eve' }, 60);
    for (let count = 0; count < 20; count++) {
      // oxlint-disable-next-line no-await-in-loop
      expect(await slow.keys.verify(unknown)).toBeUndefined();
    }
    expect(secret.reads - reads).toBeLessThanOrEqual(1);
    stop.abort();
    await Promise.all([fast.ended, slow.ended]);
  });
  test('they rotate, and what the former keys made is still read', async () => {
    const one = replica();
    await settle();
    one.tell();
    const old = await one.keys.encrypt('session', 'kept', 30 * 86_400);
    await clock.advanceAsync(30 * 86_400_000 - 1000);
    one.tell();
    await settle();
    const young = await one.keys.encrypt('session', 'kept', 3600);
    await clock.advanceAsync(2_000);
    one.tell();
    await settle();
    expect([secret.writes, one.keeper.current().length]).toEqual([2, 2]);
    expect(await one.keys.decrypt('session', young)).toBe('kept');
    expect(await one.keys.decrypt('session', old)).toBeUndefined();
    await clock.advanceAsync(5 * 60_000);
    const fresh = await one.keys.sign({}, 60);
    const [header = ''] = fresh.split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toMatchObject({ kid: one.keeper.current()[0]?.id });
    stop.abort();
    await one.ended;
  });
  test('a Secret that is missing or can’t be written is said, and tried again ever more seldom', async () => {
    const { stored } = secret;
    secret.stored = undefined;
    const one = replica();
    await clock.advanceAsync(120_000);
    expect(one.keeper.problem()).toContain('there is no Secret osmo/keys');
    expect(logger.lines.filter(({ level }) => level === 'warn').length).toBeLessThan(12);
    await expect(one.keys.sign({}, 60)).rejects.toThrow('no keys yet');
    secret.fails = new KubeError({ status: 403, reason: 'Forbidden', message: 'no' });
    secret.stored = stored;
    one.tell();
    await settle();
    expect(one.keeper.problem()).toContain('still empty');
    secret.fails = undefined;
    await clock.advanceAsync(30_000);
    one.tell();
    await settle();
    expect(one.keeper.problem()).toBeUndefined();
    stop.abort();
    await one.ended;
  });
});
