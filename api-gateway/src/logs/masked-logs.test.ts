import { describe, expect, test } from '@jest/globals';
import { FakeClock } from '@osmo/kube/testing';
import { taskOf, workflowOf } from '../testing/objects.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { maskedLogs, type MaskedLogsOptions } from './masked-logs.ts';
import type { StoredLogs } from './stored-logs.ts';

const { signal } = new AbortController();
const secret = 'correct-horse-battery';
const request = (more: Partial<LogRequest> = {}): LogRequest => ({
  task: taskOf(workflowOf('w'), 'a', { startTime: '2026-01-01T00:00:00Z' }),
  attempt: 0,
  follow: false,
  ...more,
});
const sourceOf = (answer: (asked: number) => readonly string[] | undefined): LogSource => {
  let asked = 0;
  return {
    open: async () => {
      const lines = answer(++asked);
      return (
        lines &&
        (async function* all(): AsyncGenerator<LogLine> {
          for (const each of lines) yield { time: '2026-01-01T00:00:01Z', text: each };
        })()
      );
    },
  };
};
const storeOf = (answer: (asked: number) => readonly string[] | undefined, whole = false): StoredLogs => ({
  ...sourceOf(answer),
  isWhole: async () => whole,
});
const ofPod = sourceOf(() => ['before', `the token is ${secret}`]);
const clock = new FakeClock();

async function read(options: Partial<MaskedLogsOptions>, wanted = request()): Promise<string[] | undefined> {
  const all = { pods: ofPod, values: () => Promise.resolve([secret]), clock, ...options };
  const lines = await maskedLogs(all).open(wanted, signal);
  if (lines === undefined) return undefined;
  const found: string[] = [];
  for await (const { text } of lines) found.push(text);
  return found;
}
const unknown = (): Promise<undefined> => Promise.resolve(undefined);

describe('where the values are known', () => {
  test('the log of the pod is shown without them', async () => {
    expect(await read({})).toEqual(['before', 'the token is [MASKED]']);
    expect(await read({}, request({ follow: true }))).toEqual(['before', 'the token is [MASKED]']);
  });
  test('and there are none, it is shown as it is', async () =>
    expect(await read({ values: () => Promise.resolve([]) })).toEqual(['before', `the token is ${secret}`]));
  test('and there is no log, there is none', async () =>
    expect(await read({ pods: sourceOf(() => undefined) })).toBeUndefined());
  test('what is whole in the store comes from there', async () =>
    expect(await read({ stored: storeOf(() => ['stored'], true) })).toEqual(['stored']));
});

describe('where they are not', () => {
  test('the log of the pod is never shown', async () => {
    const lines = await read({ values: unknown });
    expect(lines).toEqual([expect.stringContaining('there is no store of masked logs')]);
  });
  test('what is stored is', async () => {
    expect(await read({ values: unknown, stored: storeOf(() => ['stored']) })).toEqual(['stored']);
    const follow = request({ follow: true });
    expect(await read({ values: unknown, stored: storeOf(() => ['stored']) }, follow)).toEqual(['stored']);
  });
  test('nothing stored yet is said', async () =>
    expect(await read({ values: unknown, stored: storeOf(() => undefined) })).toEqual([
      expect.stringContaining('nothing is stored yet'),
    ]));
  test('who follows it waits until something is stored', async () => {
    const stored = storeOf((asked) => (asked < 4 ? undefined : ['stored']));
    const reading = read({ values: unknown, stored }, request({ follow: true, isRunning: () => true }));
    await advanceUntil(reading);
    expect(await reading).toEqual(['stored']);
  });
  test('and not for ever, when the attempt has ended', async () => {
    const stored = storeOf(() => undefined);
    const reading = read({ values: unknown, stored }, request({ follow: true, isRunning: () => false }));
    await advanceUntil(reading);
    expect(await reading).toEqual([expect.stringContaining('nothing is stored yet')]);
    expect(clock.pending).toBe(0);
  });
});

/** Lets time pass whenever something waits for it. */
async function advanceUntil(reading: Promise<unknown>): Promise<void> {
  const state = { ended: false };
  void reading.finally(() => {
    state.ended = true;
  });
  while (!state.ended) {
    if (clock.pending > 0) clock.advance(2_000);
    // oxlint-disable-next-line no-await-in-loop
    await new Promise(setImmediate);
  }
}
