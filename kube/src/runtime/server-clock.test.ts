import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from './clock.ts';
import { ServerClock } from './server-clock.ts';

const start = Date.parse('2026-01-01T12:00:00Z');
const hour = 3_600_000;

/** A machine and a server with times of their own; `pass` is what really passes. */
class World implements Clock {
  /** Monotonic time of the machine, ms. */
  elapsed = 5_000;
  /** By how much the time of day of the machine, and that of the server, is ahead, ms. */
  wallAhead = 0;
  serverAhead = 0;
  readonly told: string[] = [];
  steps = 0;

  now(): Date {
    return new Date(this.true + this.wallAhead);
  }

  monotonicMs(): number {
    return this.elapsed;
  }

  setTimeout(): () => void {
    throw new Error('none is set');
  }

  get true(): number {
    return start + this.elapsed - 5_000;
  }

  clock(): ServerClock {
    const clock = new ServerClock(this, {
      told: (what, byMs) => void this.told.push(`${what} by ${Math.round(byMs / 1000)} s`),
    });
    clock.onStep(() => void (this.steps += 1));
    return clock;
  }

  /** A question and its answer, which is given after `there` ms and arrives `back` ms later. */
  ask(clock: ServerClock, { there = 2, back = 2 } = {}): void {
    const sentMs = this.elapsed;
    this.elapsed += there;
    const date = new Date(this.true + this.serverAhead).toUTCString();
    this.elapsed += back;
    clock.heard({ date, sentMs, receivedMs: this.elapsed });
  }

  /** Asks every ten seconds for so long, ms. */
  live(clock: ServerClock, ms: number): void {
    for (const end = this.elapsed + ms; this.elapsed < end; this.elapsed += 10_000) this.ask(clock);
  }

  /** How far the clock is ahead of the truth, ms. */
  off(clock: ServerClock): number {
    return clock.now().getTime() - this.true;
  }
}

describe('ServerClock', () => {
  test('is the time of day where nobody has answered yet', () => {
    const world = new World();
    world.wallAhead = 7_000;
    expect(world.off(world.clock())).toBe(7_000);
  });

  test.each([2 * hour, -2 * hour])('setting the time of day by %d ms moves nothing, with answers or without', (by) => {
    const world = new World();
    const [silent, clock] = [world.clock(), world.clock()];
    world.ask(clock);
    world.wallAhead = by;
    world.live(clock, 60_000);
    expect([world.off(silent), world.off(clock)]).toEqual([0, 0]);
    world.wallAhead = 0;
    world.live(clock, 60_000);
    expect([world.off(silent), world.off(clock), world.steps]).toEqual([0, 0, 0]);
  });

  test.each([2 * hour, -2 * hour])(
    'a machine that starts with a time that is wrong by %d ms learns the right one',
    (by) => {
      const world = new World();
      world.wallAhead = by;
      const clock = world.clock();
      expect(world.off(clock)).toBe(by);
      world.ask(clock);
      expect(Math.abs(world.off(clock))).toBeLessThanOrEqual(1_004);
      expect([world.steps, world.told]).toEqual([1, []]);
      world.wallAhead = 0;
      world.live(clock, 10 * 60_000);
      expect(Math.abs(world.off(clock))).toBeLessThanOrEqual(1_004);
      expect([world.steps, world.told]).toEqual([1, []]);
    },
  );

  test.each([2 * hour, -2 * hour])('a server whose time is wrong by %d ms for a few minutes is not followed', (by) => {
    const world = new World();
    const clock = world.clock();
    world.live(clock, 60_000);
    world.serverAhead = by;
    world.live(clock, 4 * 60_000);
    world.serverAhead = 0;
    world.live(clock, 10 * 60_000);
    expect(Math.abs(world.off(clock))).toBeLessThanOrEqual(1);
    expect([world.steps, world.told]).toEqual([0, [expect.stringMatching(/^strays by /)]]);
  });

  test.each([2 * hour, -2 * hour])('one that stays with another time, by %d ms, is', (by) => {
    const world = new World();
    const clock = world.clock();
    world.live(clock, 60_000);
    world.serverAhead = by;
    world.live(clock, 6 * 60_000);
    expect(Math.abs(world.off(clock) - by)).toBeLessThanOrEqual(1_004);
    expect(world.steps).toBe(1);
    expect(world.told.map((words) => words.split(' ')[0])).toEqual(['strays', 'stepped']);
  });

  test('of servers that contradict each other those that say what was known are believed', () => {
    const world = new World();
    const clock = world.clock();
    world.ask(clock);
    for (let turn = 0; turn < 200; turn++) {
      world.elapsed += 10_000;
      world.serverAhead = [0, hour, -hour][turn % 3] ?? 0;
      world.ask(clock);
    }
    expect(Math.abs(world.off(clock))).toBeLessThanOrEqual(1);
    expect(world.steps).toBe(0);
  });

  test('servers that are all wrong, each in its own way, are not followed either', () => {
    const world = new World();
    const clock = world.clock();
    world.ask(clock);
    for (let turn = 0; turn < 200; turn++) {
      world.elapsed += 10_000;
      world.serverAhead = turn % 2 === 0 ? hour : -hour;
      world.ask(clock);
    }
    expect([Math.abs(world.off(clock)) <= 1, world.steps]).toEqual([true, 0]);
  });

  test('stays within a second and the time of an answer, however clocks drift and answers linger, and never goes back', () => {
    const answer = fc.record({ pause: fc.nat(60_000), there: fc.nat(900), back: fc.nat(900) });
    fc.assert(
      fc.property(
        fc.integer({ min: -30_000, max: 30_000 }),
        fc.integer({ min: -200, max: 200 }),
        fc.array(answer, { minLength: 5, maxLength: 80 }),
        (wallAhead, partsPerMillion, answers) => {
          const world = new World();
          world.wallAhead = wallAhead;
          const clock = world.clock();
          let last = Number.NEGATIVE_INFINITY;
          for (const [turn, { pause, ...times }] of answers.entries()) {
            world.elapsed += 1_000 + pause;
            world.serverAhead += (pause * partsPerMillion) / 1_000_000;
            world.ask(clock, times);
            const now = clock.now().getTime();
            if (turn > 0) expect(now).toBeGreaterThanOrEqual(last);
            last = now;
            expect(Math.abs(world.off(clock) - world.serverAhead)).toBeLessThanOrEqual(
              1_001 + times.there + times.back,
            );
          }
        },
      ),
    );
  });

  test('what is no date says nothing, and of a crowd of answers one is looked at', () => {
    const world = new World();
    const clock = world.clock();
    clock.heard({ date: 'soon', sentMs: world.elapsed, receivedMs: world.elapsed });
    world.ask(clock);
    world.serverAhead = hour;
    for (let turn = 0; turn < 100; turn++) world.ask(clock);
    expect([world.off(clock), world.told]).toEqual([0, []]);
  });
});
