import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, type RecordingLogger, recordingLogger, settle } from '../testing/index.ts';
import { Keeping } from './keeping.ts';

const start = new Date('2026-03-01T00:00:00Z');
let clock: FakeClock;
let logger: RecordingLogger;
let stop: AbortController;
let ended: Promise<void>;
let steps: number;

beforeEach(() => {
  [clock, logger, stop, steps] = [new FakeClock(start.toISOString()), recordingLogger(), new AbortController(), 0];
});
afterEach(async () => {
  stop.abort();
  await ended;
});

function keep(step: () => Promise<Date>): Keeping {
  const counted = (): Promise<Date> => {
    steps++;
    return step();
  };
  const keeping = new Keeping({ step: counted, complaint: 'not as it should be', clock, logger });
  ended = keeping.run(stop.signal);
  return keeping;
}
const later = async (): Promise<Date> => new Date(clock.now().getTime() + 3_600_000);

describe('what is kept', () => {
  test('is looked at when the last look said so, and after every change', async () => {
    const keeping = keep(later);
    await settle();
    expect(steps).toBe(1);
    await clock.advanceAsync(3_599_000);
    expect(steps).toBe(1);
    await clock.advanceAsync(1_000);
    expect(steps).toBe(2);
    keeping.changed();
    await settle();
    expect(steps).toBe(3);
  });

  test('is looked at again where it changed under the look', async () => {
    const under = Promise.withResolvers<Date>();
    const keeping = keep(() => (steps === 1 ? under.promise : later()));
    await settle();
    keeping.changed();
    await settle();
    expect(steps).toBe(1);
    under.resolve(await later());
    await settle();
    expect(steps).toBe(2);
  });

  test('is tried again after a failure, ever later, and as at first once it went well', async () => {
    const fails = { now: true };
    const keeping = keep(() => (fails.now ? Promise.reject(new Error('no')) : later()));
    await settle();
    await clock.advanceAsync(500 + 1_000 + 2_000 + 4_000 + 8_000 + 16_000 + 30_000);
    expect([steps, logger.lines.length]).toEqual([8, 8]);
    fails.now = false;
    await clock.advanceAsync(30_000);
    expect(steps).toBe(9);
    fails.now = true;
    keeping.changed();
    await settle();
    await clock.advanceAsync(500);
    expect(steps).toBe(11);
  });

  test('waits longer than any timer can', async () => {
    keep(async () => new Date(clock.now().getTime() + 90 * 24 * 3_600_000));
    await settle();
    await clock.advanceAsync(24 * 24 * 3_600_000);
    expect(steps).toBe(1);
    await clock.advanceAsync(2 * 24 * 3_600_000);
    expect(steps).toBe(2);
  });
});
