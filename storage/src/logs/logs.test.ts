import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FileStore } from '../file/file-store.ts';
import type { ObjectStore } from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { collect } from '../testing/collect.ts';
import { linesOf, timeOfLine } from './lines.ts';
import { isOtherWriter, logFolder, type LogRef, maskerOf, openLog, readLog, readLogEnd, writeLog } from './index.ts';

const ref: LogRef = { namespace: 'lab', workflowUid: 'w', taskUid: 't', attempt: 1, container: 'train' };
let folder: string;
let store: ObjectStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-logs-'));
  store = new FileStore(folder);
});

afterEach(() => rm(folder, { recursive: true }));

async function* bytes(text: string, pieceSize = 7, error?: Error): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.byteLength; at += pieceSize) yield all.subarray(at, at + pieceSize);
  if (error !== undefined) throw error;
}

async function stored(): Promise<string | undefined> {
  const log = await readLog(store, ref);
  return log && Buffer.concat(await collect(log)).toString();
}

/** Two lines of each moment. */
const line = (index: number): string => {
  const fraction = String(Math.floor(index / 2))
    .padStart(3, '0')
    .replace(/0+$/, '');
  return `2026-01-01T00:00:00${fraction === '' ? '' : `.${fraction}`}Z line ${index}: ü`;
};
const logOf = (count: number): string => Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');

describe('a stored log', () => {
  test('is what was written, in segments of whole lines, and known to be whole', async () => {
    const end = await writeLog(store, ref, bytes(logOf(100)), { segmentBytes: 500 });
    expect(end.segments).toBeGreaterThan(5);
    expect(await stored()).toBe(logOf(100));
    expect(await readLogEnd(store, ref)).toEqual(end);
    const parts = await collect((await readLog(store, ref)) ?? bytes(''));
    expect(parts.every((part) => Buffer.from(part).toString().endsWith('\n'))).toBe(true);
  });

  test.each([0, 1, 2, 9, 10, 50, 99, 100, 101, 5000])('gives its last %i lines', async (tailLines) => {
    await writeLog(store, ref, bytes(logOf(100)), { segmentBytes: 500 });
    const parts = await collect((await readLog(store, ref, { tailLines })) ?? bytes(''));
    const lines = logOf(100).split(/(?<=\n)/);
    expect(Buffer.concat(parts).toString()).toBe(tailLines === 0 ? '' : lines.slice(-tailLines).join(''));
  });

  test('can be read while it is written, and has few segments although they are stored often', async () => {
    const timers: (() => void)[] = [];
    const setTimeout = (_: number, fn: () => void) => (timers.push(fn), () => void timers.splice(0));
    const log = await openLog(store, ref, { segmentBytes: 10_000, flushMs: 10, setTimeout });
    async function* slowly(): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 50; index++) {
        yield Buffer.from(`${line(index)}\n`);
        for (const fn of timers.splice(0)) fn();
        await log.flush();
        expect(await stored()).toBe(logOf(index + 1));
      }
    }
    await log.append(slowly());
    expect(await log.end()).toEqual({ segments: 1 });
    expect(timers).toEqual([]);
  });

  test('can be followed until its end', async () => {
    const log = await openLog(store, ref, { segmentBytes: 200 });
    let count = 2;
    await log.append(bytes(logOf(count)));
    const follow = async (): Promise<void> => {
      await log.append(bytes(logOf((count += 3))));
      if (count >= 60) await log.end();
    };
    const read = Buffer.concat(await collect((await readLog(store, ref, { follow })) ?? bytes(''))).toString();
    expect(read).toBe(logOf(count));
    const tail = await collect((await readLog(store, ref, { tailLines: 3, follow })) ?? bytes(''));
    expect(Buffer.concat(tail).toString()).toBe(
      logOf(count)
        .split(/(?<=\n)/)
        .slice(-3)
        .join(''),
    );
  });

  test('goes on in the next file of the kubelet, whose clock has gone back, also within a line', async () => {
    const at = (ms: number): string => `2026-01-01T00:00:01.${String(ms).padStart(3, '0')}Z`;
    const log = await openLog(store, ref);
    await log.append(bytes(`${at(1)} a\n${at(500)} b\n${at(501)} begun `));
    await log.append(bytes(`${at(490)} and ended\n${at(491)} c\n`), { isLast: true });
    await log.append(bytes(`${at(490)} and ended\n${at(491)} c\n${at(502)} d\n`), { isLast: true });
    expect(await log.end()).toEqual({ segments: 1 });
    expect(await stored()).toBe(`${at(1)} a\n${at(500)} b\n${at(501)} begun and ended\n${at(491)} c\n${at(502)} d\n`);
  });

  test('of which the kubelet has thrown something away is known to miss it', async () => {
    const at = (seconds: number): string => `2026-01-01T00:00:${String(seconds).padStart(2, '0')}Z line\n`;
    const log = await openLog(store, ref);
    await log.append(bytes(at(1) + at(2)));
    await log.append(bytes(at(2) + at(9)));
    const again = await openLog(store, ref);
    await again.append(bytes(at(20)));
    expect(again.since).toBe('2026-01-01T00:00:19Z');
    expect(await again.end()).toEqual({ segments: 2, lost: true });
    expect(await stored()).toBe(at(1) + at(2) + at(9) + at(20));
  });

  test('has no line that was cut off, but for the last one of a container', async () => {
    const log = await openLog(store, ref);
    await log.append(bytes(`${line(0)}\n${line(1).slice(0, -2)}`));
    expect(await stored()).toBe(`${line(0)}\n`);
    await log.append(bytes(`${line(0)}\n${line(1)}`), { isLast: true });
    expect(await log.end()).toEqual({ segments: 1 });
    expect(await stored()).toBe(logOf(2));
  });

  test('has only lines with a time: the rest is what the kubelet says', async () => {
    const log = await openLog(store, ref);
    const { foreign } = await log.append(bytes(`${line(0)}\nrpc error: gone`), { isLast: true });
    expect(foreign).toBe('rpc error: gone');
    expect(await stored()).toBe(`${line(0)}\n`);
  });

  test('has one writer: who comes later to a segment is refused', async () => {
    const first = await openLog(store, ref);
    const second = await openLog(store, ref);
    await second.append(bytes(logOf(1)));
    const refusal: unknown = await first.append(bytes(logOf(1))).catch((error: unknown) => error);
    expect(isOtherWriter(refusal)).toBe(true);
    const third = await openLog(store, ref);
    await third.append(bytes(logOf(2)));
    expect(await stored()).toBe(logOf(2));
  });

  test('that is empty is there', async () => {
    expect(await stored()).toBeUndefined();
    expect(await readLogEnd(store, ref)).toBeUndefined();
    await writeLog(store, ref, bytes(''));
    expect(await stored()).toBe('');
    expect(await readLogEnd(store, ref)).toEqual({ segments: 0 });
  });

  test.each([0, 1, 2, 3, 50, 99, 100])(
    'has no line twice and none missing when the writer dies after %i lines',
    async (count) => {
      const died = new Error('died');
      const attempt = writeLog(store, ref, bytes(logOf(count), 7, died), { segmentBytes: 300 });
      await expect(attempt).rejects.toBe(died);
      expect(await readLogEnd(store, ref)).toBeUndefined();
      await writeLog(store, ref, bytes(logOf(100), 11), { segmentBytes: 300 });
      expect(await stored()).toBe(logOf(100));
    },
  );

  test('has no line twice and none missing when its writers die again and again', async () => {
    const died = new Error('died');
    for (let count = 1; count < 60; count++) {
      await expect(writeLog(store, ref, bytes(logOf(count), 7, died), { segmentBytes: 300 })).rejects.toBe(died);
    }
    await writeLog(store, ref, bytes(logOf(60)), { segmentBytes: 300 });
    expect(await stored()).toBe(logOf(60));
  });

  test('that is whole is not read again', async () => {
    await writeLog(store, ref, bytes(logOf(3)));
    await writeLog(store, ref, bytes('', 1, new Error('was read again')));
    expect(await stored()).toBe(logOf(3));
  });

  test('is not said to be whole when the store fails', async () => {
    const broken: ObjectStore = Object.assign(Object.create(store) as ObjectStore, {
      put: async () => {
        throw new StoreError('Unavailable', 'x', 'down');
      },
    });
    // Private members are the original's.
    for (const name of ['get', 'head', 'list'] as const) {
      Object.assign(broken, { [name]: store[name].bind(store) });
    }
    await expect(writeLog(broken, ref, bytes(logOf(3)))).rejects.toMatchObject({ reason: 'Unavailable' });
    expect(await readLogEnd(store, ref)).toBeUndefined();
  });

  test('never holds the value of a credential', async () => {
    const mask = maskerOf(['hunter2-hunter2', 'short', '-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n']);
    const at = '2026-01-01T00:00:00Z';
    const text = `${at} login hunter2-hunter2 hunter2-hunter2!\n${at} MIIEpAIBAAKCAQEA short\n`;
    await writeLog(store, ref, bytes(text), { mask });
    expect(await stored()).toBe(`${at} login [MASKED] [MASKED]!\n${at} [MASKED] short\n`);
  });

  test('is named by what can be a key', () => {
    expect(logFolder(ref)).toBe('logs/lab/w/t/1/train/');
    expect(() => logFolder({ ...ref, attempt: -1 })).toThrow(RangeError);
    expect(() => logFolder({ ...ref, container: '../x' })).toThrow(RangeError);
  });
});

test('the longer of two values that begin alike is replaced whole', () => {
  expect(maskerOf(['password', 'password-2026', 'a.c*efgh'])('password-2026 password a.c*efgh abcdefgh')).toBe(
    '[MASKED] [MASKED] [MASKED] abcdefgh',
  );
});

test('lines are cut at newlines only, however their bytes come, and never longer than the memory allows', async () => {
  const text = 'ä\n\nö ü\nlast';
  for (const size of [1, 2, 3, 100])
    expect((await collect(linesOf(bytes(text, size)))).map((piece) => piece.text)).toEqual(['ä', '', 'ö ü', 'last']);
  const long = await collect(linesOf(bytes('x'.repeat(3_000_000), 65_536)));
  expect(long.map((piece) => piece.text).join('')).toHaveLength(3_000_000);
  expect(Math.max(...long.map((piece) => piece.text.length))).toBeLessThan(1_200_000);
});

test('times of the kubelet sort as they came', () => {
  const times = ['2026-01-01T00:00:00Z x', '2026-01-01T00:00:00.1Z x', '2026-01-01T00:00:00.12Z x'].map(timeOfLine);
  expect(times).toEqual([
    '2026-01-01T00:00:00.000000000Z',
    '2026-01-01T00:00:00.100000000Z',
    '2026-01-01T00:00:00.120000000Z',
  ]);
  expect(timeOfLine('no time')).toBeUndefined();
});
