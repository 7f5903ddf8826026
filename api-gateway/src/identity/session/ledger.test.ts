import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, recordingLogger } from '@osmo/kube/testing';
import { Ledger, type LedgerStore, memoryStore } from './ledger.ts';
import {
  changed,
  emptyLedger,
  isEnded,
  ledgerKey,
  merged,
  mostEnded,
  mostUsed,
  readLedger,
  writeLedger,
} from './ledger-content.ts';
import type { Session } from './session.ts';

const started = 1_000_000;
const session: Session = {
  ...{ id: 'one', user: 'ada', groups: [], subject: 's-1', via: 'oidc', started, seen: started, fresh: 0 },
  ...{ provider: 'https://id.example', sid: 'sid-1' },
};
const later = started + 3600;

describe('a session', () => {
  const endedBy = (key: string, at: number) => {
    const outcome = changed(emptyLedger, { end: { keys: [key], at, until: later } }, started);
    if (typeof outcome === 'string') throw new Error(outcome);
    return isEnded(readLedger(writeLedger(outcome.content)), session);
  };
  test.each<[string, string, boolean]>([
    ['itself', ledgerKey('session', 'one'), true],
    ['another', ledgerKey('session', 'two'), false],
    ['its name at the provider', ledgerKey('sid', 'https://id.example', 'sid-1'), true],
    ['its name at another provider', ledgerKey('sid', 'https://other.example', 'sid-1'), false],
    ['its user', ledgerKey('subject', 'https://id.example', 's-1'), true],
    ['another user', ledgerKey('subject', 'https://id.example', 's-2'), false],
    ['parts that are put together in another way', ledgerKey('subject', 'https://id.examples-1'), false],
  ])('is ended by %s', (_, key, expected) => {
    expect(endedBy(key, started)).toBe(expected);
    // What began afterwards goes on.
    expect(endedBy(key, started - 1)).toBe(false);
  });
  test('is forgotten as ended when it would be over anyway', () => {
    const first = changed(emptyLedger, { end: { keys: ['a'], at: started, until: later } }, started);
    const second = changed(
      (first as { content: typeof emptyLedger }).content,
      { end: { keys: ['b'], at: later, until: later + 1 } },
      later,
    );
    expect([...(second as { content: typeof emptyLedger }).content.ended.keys()]).toEqual(['b']);
  });
  test('is over rather too early than too late when more end than can be remembered', () => {
    const ended = new Map(Array.from({ length: mostEnded }, (_, at) => [`k-${at}`, [started, later + at] as const]));
    const full = { ...emptyLedger, ended };
    expect(isEnded(full, { ...session, started: started - 5 })).toBe(false);
    const end = { keys: ['last'], at: started, until: later + mostEnded };
    const { content } = changed(full, { end }, started) as { content: typeof emptyLedger };
    expect(content.ended.size).toBe(mostEnded / 2 + 1);
    expect(isEnded(content, { ...session, started: started - 5 })).toBe(true);
    expect(isEnded(content, { ...session, started: started + 1 })).toBe(false);
    expect(writeLedger(content).length).toBeLessThan(1 << 19);
  });
  test('that is over for good ends nobody else’s for that', () => {
    const content = {
      ...emptyLedger,
      ended: new Map(Array.from({ length: mostEnded }, (_, at) => [`k-${at}`, [later, later] as const])),
    };
    const outcome = changed(content, { end: { keys: ['last'], at: later, until: later } }, started);
    expect((outcome as { content: typeof emptyLedger }).content.before).toBe(started);
  });
});

describe('what counts once', () => {
  test('is used once, until it would not count anyway', () => {
    const use = { key: 'a', until: later };
    const first = changed(emptyLedger, { use }, started);
    const { content } = first as { content: typeof emptyLedger };
    expect(changed(content, { use }, later - 1)).toBe('used');
    expect(changed(content, { use: { ...use, until: later + 9 } }, later)).toMatchObject({ content: { before: 0 } });
  });
  test('is never forgotten for others: when there is no room it is refused', () => {
    const used = new Map(Array.from({ length: mostUsed }, (_, at) => [`k-${at}`, later]));
    expect(changed({ ...emptyLedger, used }, { use: { key: 'new', until: later } }, started)).toBe('full');
    expect(changed({ ...emptyLedger, used }, { use: { key: 'k-1', until: later } }, started)).toBe('used');
    const content = {
      ...emptyLedger,
      used,
      ended: new Map(
        Array.from({ length: mostEnded }, (_, at) => [`${'x'.repeat(16)}-${at}`, [later, later] as const]),
      ),
    };
    // What an object of the cluster may hold is a mebibyte.
    expect(writeLedger(content).length).toBeLessThan(1_000_000);
  });
});

test('an older copy takes nothing back', () => {
  const newer = { ...emptyLedger, before: 5, ended: new Map([['a', [started, later] as const]]) };
  expect(merged(newer, emptyLedger, started)).toMatchObject({ before: 5, ended: newer.ended });
  expect(merged(emptyLedger, newer, later).ended.size).toBe(0);
});

describe('a ledger', () => {
  let clock: FakeClock;
  let store: LedgerStore;
  let now: number;
  const open = (own = store) => new Ledger(own, { clock, logger: recordingLogger() });
  beforeEach(() => {
    clock = new FakeClock('2026-03-01T00:00:00Z');
    now = clock.now().getTime() / 1000;
    store = memoryStore();
  });

  test('lets what counts once count at one of several replicas, however many are asked at once', async () => {
    const replicas = [open(), open(), open()];
    const use = { key: 'login', until: now + 600 };
    const others = Array.from({ length: 30 }, (_, at) => ({ key: `other-${at}`, until: now + 600 }));
    const outcomes = await Promise.all(
      replicas.flatMap((replica, at) => [
        replica.change({ use }),
        ...others.filter((_, index) => index % 3 === at).map((other) => replica.change({ use: other })),
      ]),
    );
    expect(outcomes.filter((outcome) => outcome === 'used')).toHaveLength(2);
    expect(readLedger((await store.read()).text).used.size).toBe(31);
  });
  test('ends a session where it is told at once, elsewhere when that hears of it', async () => {
    const [here, there] = [open(), open()];
    const mine = { ...session, started: now };
    await here.change({ end: { keys: [ledgerKey('session', 'one')], at: now, until: now + 3600 } });
    expect(here.isEnded(mine)).toBe(true);
    expect(there.isEnded(mine)).toBe(false);
    const { text } = await store.read();
    there.take(text);
    expect(there.isEnded(mine)).toBe(true);
    // What can't be read, and what is older, change nothing.
    there.take('{');
    there.take('');
    expect(there.isEnded(mine)).toBe(true);
  });
  test('refuses what it can’t write, and goes on with the next', async () => {
    let broken = true;
    const ledger = open({
      read: () => (broken ? Promise.reject(new Error('down')) : store.read()),
      write: (text, version) => store.write(text, version),
    });
    const use = { key: 'a', until: now + 600 };
    await expect(ledger.change({ use })).rejects.toMatchObject({ status: 503 });
    broken = false;
    expect(await ledger.change({ use })).toBe('done');
    expect(await ledger.change({ use })).toBe('used');
  });
  test('gives up when others always write in between', async () => {
    const ledger = open({ read: () => store.read(), write: async () => false });
    await expect(ledger.change({ use: { key: 'a', until: now + 600 } })).rejects.toMatchObject({ status: 503 });
  });
  test('of a text that nobody can read takes no login for new', async () => {
    await store.write('{"used":1}', '0');
    await expect(open().change({ use: { key: 'a', until: now + 600 } })).rejects.toMatchObject({ status: 503 });
  });
});
