import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { prefixBytes } from './chunk-table.ts';
import { decodeRun, encodeRun, entryBytes, isWholeRun } from './index-run.ts';
import { loadBlake3 } from './hash.ts';

const blake3 = await loadBlake3();
const prefixOf = (number: number): Buffer => createHash('sha256').update(`${number}`).digest().subarray(0, prefixBytes);
const packs = [0, 1, 2].map((pack) => ({
  id: `${pack}`.repeat(24),
  footerBytes: 100 + pack,
  prefixes: Buffer.concat(Array.from({ length: 3000 }, (_, number) => prefixOf(pack * 3000 + number))),
}));

describe('an index run', () => {
  test('says which pack has which chunk', () => {
    const run = decodeRun(encodeRun(packs, blake3));
    expect(run.packs).toEqual(packs.map(({ id, footerBytes }) => ({ id, footerBytes })));
    const found = new Map<string, number>();
    for (let at = 0; at < run.entries.byteLength; at += entryBytes) {
      found.set(run.entries.toString('hex', at, at + prefixBytes), run.entries.readUInt32LE(at + prefixBytes));
    }
    expect(found.size).toBe(9000);
    for (const number of [0, 2999, 3000, 8999]) {
      expect(found.get(prefixOf(number).toString('hex'))).toBe(Math.floor(number / 3000));
    }
  });

  test('has at its beginning the share of chunks that somebody takes who can not hold all', () => {
    const bytes = encodeRun(packs, blake3);
    const all = decodeRun(bytes).entries.byteLength / entryBytes;
    for (const level of [1, 2, 4]) {
      const some = decodeRun(bytes, level).entries;
      const expected = all / 2 ** level;
      expect(some.byteLength / entryBytes).toBeGreaterThan(expected * 0.8);
      expect(some.byteLength / entryBytes).toBeLessThan(expected * 1.2);
      // What `level` leaves out need not even be read.
      const end = bytes.indexOf(some) + some.byteLength;
      expect(decodeRun(bytes.subarray(0, end), level).entries.equals(some)).toBe(true);
      for (let at = 0; at < some.byteLength; at += entryBytes) expect(some.readUInt32LE(at) % 2 ** level).toBe(0);
    }
  });

  test('knows whether it is whole', () => {
    const bytes = encodeRun(packs, blake3);
    expect(isWholeRun(bytes, blake3)).toBe(true);
    bytes[5000] = (bytes[5000] ?? 0) ^ 4;
    expect(isWholeRun(bytes, blake3)).toBe(false);
    expect(() => decodeRun(bytes.subarray(0, 5000))).toThrow(RangeError);
    expect(() => decodeRun(Buffer.from('something else'))).toThrow('is no index');
  });
});
