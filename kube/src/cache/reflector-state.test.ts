import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KubeError, TransportReason } from '../client/errors.ts';
import {
  type FailureKind,
  failureKind,
  initialState,
  type ReflectorInput,
  type ReflectorState,
  transition,
} from './reflector-state.ts';

const hour = 3_600_000;
const base: ReflectorState = {
  phase: 'watch',
  resourceVersion: '10',
  streaming: 'yes',
  paged: true,
  failures: 0,
  fullAt: 1_000,
};
const failed = (failure: FailureKind, livedMs = 0): ReflectorInput => ({
  type: 'failed',
  failure,
  livedMs,
  now: 2_000,
});
const ended = (livedMs: number, now = 2_000): ReflectorInput => ({ type: 'ended', livedMs, now });

interface Case {
  reason: string;
  state?: Partial<ReflectorState>;
  input: ReflectorInput;
  want: Partial<ReflectorState>;
  pause: boolean;
}

describe('transition', () => {
  test.each<[string, Case]>([
    [
      'a list is complete',
      {
        reason: 'changes since are followed from its version',
        state: { phase: 'list', resourceVersion: '', paged: false },
        input: { type: 'listed', resourceVersion: '12', now: 5 },
        want: { phase: 'watch', resourceVersion: '12', paged: true, fullAt: 5 },
        pause: false,
      },
    ],
    [
      'a list is complete that stood in for a stream',
      {
        reason: 'what failed once may work the next time',
        state: { phase: 'list', streaming: 'later' },
        input: { type: 'listed', resourceVersion: '12', now: 5 },
        want: { streaming: 'yes' },
        pause: false,
      },
    ],
    [
      'a list succeeds after failures',
      {
        reason: 'lists must not come fast after each other when it is the watch that fails',
        state: { phase: 'list', failures: 3 },
        input: { type: 'listed', resourceVersion: '12', now: 5 },
        want: { failures: 3 },
        pause: false,
      },
    ],
    [
      'an event came',
      {
        reason: 'the way works again',
        state: { failures: 3 },
        input: { type: 'progressed', resourceVersion: '11' },
        want: { failures: 0, resourceVersion: '11', phase: 'watch' },
        pause: false,
      },
    ],
    [
      'the watch ended after its time',
      { reason: 'that is the normal end', input: ended(300_000), want: { phase: 'watch', failures: 0 }, pause: false },
    ],
    [
      'the watch ended at once',
      {
        reason: 'a server that hangs up must not be called in a loop',
        input: ended(10),
        want: { failures: 1 },
        pause: true,
      },
    ],
    [
      'the watch ended and the full state is old',
      {
        reason: 'silent drift is found by reading all again',
        input: ended(300_000, 1_000 + hour),
        want: { phase: 'stream' },
        pause: false,
      },
    ],
    [
      'the version is gone',
      {
        reason: 'a list cures it at once',
        input: failed('expired'),
        want: { phase: 'stream', failures: 1 },
        pause: false,
      },
    ],
    [
      'the version is gone and the server does not stream',
      {
        reason: 'the same by list',
        state: { streaming: 'never' },
        input: failed('expired'),
        want: { phase: 'list' },
        pause: false,
      },
    ],
    [
      'the version is gone again and again',
      {
        reason: 'no storm of lists',
        state: { failures: 2 },
        input: failed('expired'),
        want: { failures: 3 },
        pause: true,
      },
    ],
    [
      'events came out of order',
      {
        reason: 'nothing that came can be trusted',
        input: failed('disordered'),
        want: { phase: 'stream' },
        pause: false,
      },
    ],
    [
      'the connection broke',
      {
        reason: 'watching goes on from the same version',
        input: failed('broken'),
        want: { phase: 'watch', resourceVersion: '10', failures: 1 },
        pause: true,
      },
    ],
    [
      'the connection broke after a long life',
      {
        reason: 'old failures are forgotten',
        state: { failures: 7 },
        input: failed('broken', 60_000),
        want: { failures: 1 },
        pause: true,
      },
    ],
    [
      'an event can not be read',
      {
        reason: 'it may have been garbled on the way',
        input: failed('corrupt'),
        want: { phase: 'watch', failures: 1 },
        pause: true,
      },
    ],
    [
      'the same event can not be read for the third time',
      {
        reason: 'a list goes around it',
        state: { failures: 2 },
        input: failed('corrupt'),
        want: { phase: 'stream' },
        pause: true,
      },
    ],
    [
      'the server refuses to stream',
      {
        reason: 'it always will',
        state: { phase: 'stream' },
        input: failed('unsupported'),
        want: { phase: 'list', streaming: 'never', failures: 0 },
        pause: false,
      },
    ],
    [
      'the stream broke',
      {
        reason: 'listing may work where streaming fails',
        state: { phase: 'stream' },
        input: failed('broken'),
        want: { phase: 'list', streaming: 'later', failures: 1 },
        pause: true,
      },
    ],
    [
      'the stream ended before the state was complete',
      {
        reason: 'half a state is none',
        state: { phase: 'stream' },
        input: ended(60_000),
        want: { phase: 'list', streaming: 'later' },
        pause: true,
      },
    ],
    [
      'a list failed',
      {
        reason: 'try again, later and later',
        state: { phase: 'list', failures: 4 },
        input: failed('broken'),
        want: { phase: 'list', failures: 5, paged: true },
        pause: true,
      },
    ],
    [
      'a list expired between two pages',
      {
        reason: 'it is slower than compaction: one page has no between',
        state: { phase: 'list' },
        input: failed('expired'),
        want: { phase: 'list', paged: false },
        pause: true,
      },
    ],
  ])('%s', (_, { state, input, want, pause }) => {
    const next = transition({ ...base, ...state }, input, hour);
    expect(next.state).toMatchObject(want);
    expect(next.pause).toBe(pause);
  });

  test('law: after any history a good list and a good watch are all it takes to follow again', () => {
    const inputs = fc.array(
      fc.oneof(
        fc.constantFrom<FailureKind>('expired', 'corrupt', 'disordered', 'broken', 'unsupported').map((f) => failed(f)),
        fc.constantFrom(ended(0), ended(2_000), ended(300_000, hour * 2)),
        fc.constant<ReflectorInput>({ type: 'progressed', resourceVersion: '99' }),
        fc.constant<ReflectorInput>({ type: 'listed', resourceVersion: '98', now: 5 }),
      ),
    );
    fc.assert(
      fc.property(inputs, fc.boolean(), (history, watchList) => {
        let state = initialState({ watchList });
        for (const input of history) ({ state } = transition(state, input, hour));
        if (state.phase !== 'watch') {
          ({ state } = transition(state, { type: 'listed', resourceVersion: '100', now: 6 }, hour));
        }
        ({ state } = transition(state, { type: 'progressed', resourceVersion: '101' }, hour));
        expect(state).toMatchObject({ phase: 'watch', resourceVersion: '101', failures: 0, paged: true });
      }),
    );
  });
});

describe('failureKind', () => {
  const error = (status: number, reason: string, causes: { reason: string }[] = []): KubeError =>
    new KubeError({ status, reason, message: '', details: { causes } });
  test.each<[string, unknown, ReflectorState['phase'], FailureKind]>([
    ['410', error(410, 'Expired'), 'watch', 'expired'],
    ['a server behind our version', error(504, 'Timeout', [{ reason: 'ResourceVersionTooLarge' }]), 'watch', 'expired'],
    ['422 to a stream', error(422, 'Invalid'), 'stream', 'unsupported'],
    ['422 to a list', error(422, 'Invalid'), 'list', 'broken'],
    ['not JSON', error(0, TransportReason.malformed), 'watch', 'corrupt'],
    ['too long a line', error(0, TransportReason.tooLarge), 'watch', 'corrupt'],
    ['half a line', error(0, TransportReason.truncated), 'watch', 'broken'],
    ['403', error(403, 'Forbidden'), 'watch', 'broken'],
    ['500', error(500, 'InternalError'), 'list', 'broken'],
    ['a bug', new TypeError('x'), 'watch', 'broken'],
  ])('%s', (_, cause, phase, want) => expect(failureKind(cause, phase)).toBe(want));
});
