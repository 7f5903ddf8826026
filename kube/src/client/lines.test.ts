import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from './lines.ts';

/** Cuts bytes at the given places. */
function cut(bytes: Uint8Array, places: number[]): Uint8Array[] {
  const ends = [...new Set(places.map((p) => p % (bytes.length + 1)))].toSorted((a, b) => a - b);
  const starts = [0, ...ends];
  return starts.map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
}

test('law: lines are the same however the bytes are cut, within characters too', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line), line, fc.array(fc.nat()), (lines, rest, places) => {
      const splitter = new LineSplitter(1_000);
      const seen: string[] = [];
      const bytes = Buffer.from([...lines, rest].join('\n'), 'utf8');
      for (const chunk of cut(bytes, places)) splitter.push(chunk, (text) => seen.push(text));
      expect(splitter.pendingBytes).toBe(Buffer.byteLength(rest));
      expect(seen).toEqual(lines.filter((text) => text !== ''));
      expect(splitter.end()).toBe(rest);
    }),
  );
});

test('a line that is too long is refused as soon as it is, without its end', () => {
  const splitter = new LineSplitter(10);
  splitter.push(Buffer.from('12345'), () => undefined);
  expect(() => splitter.push(Buffer.from('678901'), () => undefined)).toThrow(RangeError);
});

test('many short lines are not one long one', () => {
  const splitter = new LineSplitter(3);
  const seen: string[] = [];
  splitter.push(Buffer.from('abc\ndef\nghi\n'), (text) => seen.push(text));
  expect(seen).toEqual(['abc', 'def', 'ghi']);
});
