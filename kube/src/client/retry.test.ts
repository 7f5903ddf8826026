import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultRetryPolicy, type Failure, parseRetryAfter, retryDelay } from './retry.ts';

const failure = (extra: Partial<Failure>): Failure => ({
  attempts: 1,
  status: 0,
  notSent: false,
  idempotent: false,
  ...extra,
});
const delay = (extra: Partial<Failure>, random = 0): number | undefined =>
  retryDelay(failure(extra), defaultRetryPolicy, random);

describe('retryDelay', () => {
  test.each<[string, Partial<Failure>, number | undefined]>([
    ['a create that met a full server which said when to come back', { status: 429, retryAfterSeconds: 2 }, 2_000],
    ['a create that met a starting server which said when to come back', { status: 503, retryAfterSeconds: 1 }, 1_000],
    ['a create that met a full server which said nothing', { status: 429 }, undefined],
    ['a read that met a full server which said nothing', { status: 429, idempotent: true }, 50],
    ['a create whose connection broke: it may have been done', { status: 0 }, undefined],
    ['a create that never left', { status: 0, notSent: true }, 50],
    ['a read whose connection broke', { status: 0, idempotent: true }, 50],
    ['a create after a 500', { status: 500 }, undefined],
    ['a read after a 500', { status: 500, idempotent: true }, 50],
    ['a read of what is not implemented', { status: 501, idempotent: true }, undefined],
    ['a read that is forbidden', { status: 403, idempotent: true }, undefined],
    ['a read that waits longer each time', { status: 500, idempotent: true, attempts: 3 }, 200],
    ['a read that failed often enough', { status: 500, idempotent: true, attempts: 4 }, undefined],
    ['a server that wants an hour', { status: 429, retryAfterSeconds: 3600 }, undefined],
    ['a server that put us off often enough', { status: 429, retryAfterSeconds: 1, attempts: 10 }, undefined],
  ])('%s', (_, extra, want) => expect(delay(extra)).toBe(want));

  test('law: never sooner than asked, never longer than the limits, and it ends', () => {
    const any = fc.record({
      attempts: fc.integer({ min: 1, max: 20 }),
      status: fc.constantFrom(0, 400, 404, 409, 429, 500, 503),
      retryAfterSeconds: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
      notSent: fc.boolean(),
      idempotent: fc.boolean(),
    });
    fc.assert(
      fc.property(any, fc.double({ min: 0, max: 0.999, noNaN: true }), (f, random) => {
        const wait = retryDelay(f, defaultRetryPolicy, random);
        if (f.attempts >= defaultRetryPolicy.maxAskedAttempts) expect(wait).toBeUndefined();
        if (wait === undefined) return;
        expect(wait).toBeLessThanOrEqual(defaultRetryPolicy.maxRetryAfterMs * 1.1);
        if (f.status === 429 || f.status === 503)
          expect(wait).toBeGreaterThanOrEqual((f.retryAfterSeconds ?? 0) * 1000);
      }),
    );
  });
});

test.each([
  ['3', 3],
  [' 0 ', 0],
  ['Thu, 01 Jan 2026 00:00:10 GMT', 10],
  ['Thu, 01 Jan 2026 00:00:00 GMT', 0],
  ['soon', undefined],
  ['', undefined],
  [undefined, undefined],
  [['5', '6'], 5],
])('Retry-After %j is %s seconds', (header, want) => {
  expect(parseRetryAfter(header, new Date('2026-01-01T00:00:00Z'))).toBe(want);
});
