import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Clock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { type Fate, LeaseServer } from '../testing/lease-server.ts';
import { LeaderElector } from './elector.ts';

/** A clock that is wrong by an offset and runs fast or slow. */
function skewed(clock: FakeClock, offset: number, rate: number): Clock {
  const start = clock.now().getTime();
  const elapsed = (): number => (clock.now().getTime() - start) * rate;
  return {
    now: () => new Date(start + offset + elapsed()),
    setTimeout: (ms, fn) => clock.setTimeout(ms / rate, fn),
    monotonicMs: elapsed,
  };
}

const late = fc.oneof({ weight: 9, arbitrary: fc.nat(50) }, { weight: 1, arbitrary: fc.nat(20_000) });
const good: fc.Arbitrary<Fate> = fc.record({ there: late, back: late });
const bad: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({ there: late, back: late, lost: fc.constantFrom('request' as const, 'answer' as const) }),
  fc.record({ there: late, back: late, conflict: fc.constant(true) }),
);
/** Outages come in rows: a fate holds for several requests. */
const fate = fc.oneof({ weight: 4, arbitrary: good }, { weight: 1, arbitrary: bad });
const fates = fc
  .array(fc.tuple(fate, fc.integer({ min: 1, max: 12 })), { minLength: 1, maxLength: 15 })
  .map((rows) => rows.flatMap(([each, times]) => Array.from({ length: times }, () => each)));
const contender = fc.record({
  offset: fc.integer({ min: -3_600_000, max: 3_600_000 }),
  // A third lies between deadline and lease; each clock is off by up to a tenth.
  rate: fc.double({ min: 0.9, max: 1.1, noNaN: true }),
  jitter: fc.double({ min: 0, max: 0.99, noNaN: true }),
  stopAt: fc.option(fc.nat(100_000), { nil: undefined }),
});

describe('leader election laws', () => {
  test('never two leaders at once, whatever is lost, late or refused, with wrong clocks', async () => {
    let everLed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(contender, { minLength: 2, maxLength: 3 }), fates, async (contenders, list) => {
        const clock = new FakeClock();
        const server = new LeaseServer(clock);
        let request = 0;
        server.fate = () => list[request++ % list.length] as Fate;
        const end = new AbortController();
        const electors = contenders.map(({ offset, rate, jitter, stopAt }, i) => {
          const own = skewed(clock, offset, rate);
          const elector = new LeaderElector({
            client: server.client(),
            namespace: 'n',
            name: 'l',
            identity: `c${i}`,
            clock: own,
            logger: silentLogger,
            random: () => jitter,
          });
          const stop = new AbortController();
          if (stopAt !== undefined) clock.setTimeout(stopAt, () => stop.abort());
          const signal = AbortSignal.any([stop.signal, end.signal]);
          // A lost leader comes back, as a restarted process would, but here with its old identity: harder.
          const life = async (): Promise<void> => {
            while (!signal.aborted) await elector.run({ onStartedLeading: () => everLed++ }, signal);
          };
          return { elector, life: life() };
        });
        for (let ms = 0; ms < 120_000; ms += 250) {
          await clock.advanceAsync(250);
          const leaders = electors.filter(({ elector }) => elector.isLeader());
          expect(leaders.length).toBeLessThanOrEqual(1);
        }
        end.abort();
        await clock.advanceAsync(60_000);
        await settle();
      }),
      { numRuns: 80 },
    );
    expect(everLed).toBeGreaterThan(80);
  });
});
