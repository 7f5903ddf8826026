import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock, until } from '@osmo/kube/testing';
import { type LogRef, type ObjectStore, openLog, openStore } from '@osmo/storage';
import { taskOf, workflowOf } from '../testing/objects.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { eitherSource, storedLogSource } from './stored-logs.ts';

const workflow = workflowOf('w');
const task = taskOf(workflow, 'Train_it', { phase: 'Completed' });
const ref: LogRef = {
  namespace: 'default',
  workflowUid: workflow.metadata.uid ?? '',
  taskUid: task.metadata.uid ?? '',
  attempt: 0,
  container: 'train-it',
};
const request = (more: Partial<LogRequest> = {}): LogRequest => ({ task, attempt: 0, follow: false, ...more });
const text = (from: number, to: number): string => {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  return numbers.map((n) => `2026-01-01T00:00:0${n}Z line ${n}\n`).join('');
};
async function* bytes(of: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(of);
}
const { signal } = new AbortController();

let folder: string;
let store: ObjectStore;
let clock: FakeClock;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-stored-logs-'));
  store = await openStore(`file://${folder}/store`);
  clock = new FakeClock();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

async function read(source: LogSource, wanted: LogRequest): Promise<string[] | undefined> {
  const lines = await source.open(wanted, signal);
  if (lines === undefined) return undefined;
  const found: string[] = [];
  for await (const line of lines) found.push(line.text);
  return found;
}

describe('a stored log', () => {
  test('is not there until something of it is', async () => {
    const source = storedLogSource(store, clock);
    expect(await read(source, request())).toBeUndefined();
    const log = await openLog(store, ref);
    await log.append(bytes(text(0, 3)));
    expect(await read(source, request())).toEqual(['line 0', 'line 1', 'line 2']);
    expect(await read(source, request({ attempt: 1 }))).toBeUndefined();
    expect(await source.isWhole(request(), signal)).toBe(false);
    await log.end();
    expect(await source.isWhole(request(), signal)).toBe(true);
    expect(await read(source, request({ tailLines: 2 }))).toEqual(['line 1', 'line 2']);
  });

  test('says when something of it is missing', async () => {
    const log = await openLog(store, ref);
    await log.append(bytes(text(0, 1)));
    await log.end({ lost: true });
    expect(await read(storedLogSource(store, clock), request())).toEqual([
      'line 0',
      expect.stringContaining('a part of this log is missing'),
    ]);
  });

  test('is followed until it is whole', async () => {
    const log = await openLog(store, ref);
    await log.append(bytes(text(0, 2)));
    const reading = read(storedLogSource(store, clock), request({ follow: true }));
    for (const to of [4, 6]) {
      // oxlint-disable-next-line no-await-in-loop
      await until(
        async () => clock.pending,
        (count) => count === 1,
      );
      // oxlint-disable-next-line no-await-in-loop
      await log.append(bytes(text(0, to)));
      // oxlint-disable-next-line no-await-in-loop
      if (to === 6) await log.end();
      clock.advance(5000);
    }
    expect(await reading).toEqual(Array.from({ length: 6 }, (_, n) => `line ${n}`));
    expect(clock.pending).toBe(0);
  });
});

describe('of pods and the store', () => {
  const ofPod = (lines: readonly string[] | undefined): LogSource => ({
    open: async () =>
      lines &&
      (async function* all(): AsyncGenerator<LogLine> {
        for (const each of lines) yield { time: '2026-01-01T00:00:00Z', text: each };
      })(),
  });
  const either = (pod: LogSource) => eitherSource(pod, storedLogSource(store, clock));

  test('the pod is asked while it runs, and as long as the store has not all', async () => {
    const log = await openLog(store, ref);
    await log.append(bytes(text(0, 1)));
    expect(await read(either(ofPod(['of the pod'])), request())).toEqual(['of the pod']);
    await log.end();
    expect(await read(either(ofPod(['of the pod'])), request())).toEqual(['line 0']);
    expect(await read(either(ofPod(['of the pod'])), request({ follow: true }))).toEqual(['of the pod']);
  });

  test('whoever has one is asked', async () => {
    expect(await read(either(ofPod(undefined)), request())).toBeUndefined();
    await (await openLog(store, ref)).append(bytes(text(0, 1)));
    expect(await read(either(ofPod(undefined)), request())).toEqual(['line 0']);
  });
});
