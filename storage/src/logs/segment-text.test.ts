import { expect, test } from '@jest/globals';
import { SegmentText } from './segment-text.ts';

const words = ['', 'a', 'line of ordinary length\n', 'äöü€😀\n', 'x'.repeat(5_000), 'y'.repeat(40_000)];

test('holds what was added, and forgets its beginning when that is stored', () => {
  const text = new SegmentText();
  let expected = Buffer.alloc(0);
  for (let index = 0; index < 400; index++) {
    const word = words[(index * 7) % words.length]!;
    text.add(word);
    expected = Buffer.concat([expected, Buffer.from(word)]);
    expect(text.size).toBe(expected.byteLength);
    if (index % 50 === 49) {
      expect(text.first(text.size).equals(expected)).toBe(true);
      const stored = Math.floor(expected.byteLength / 3) * (index % 100 === 99 ? 3 : 1);
      text.drop(stored);
      expected = expected.subarray(stored);
      expect(text.first(text.size).equals(expected)).toBe(true);
    }
  }
  text.drop(text.size);
  expect([text.size, text.first(0).byteLength]).toEqual([0, 0]);
  text.add('again');
  expect(text.first(text.size).toString()).toBe('again');
});

test('a copy of the beginning stays what it was', () => {
  const text = new SegmentText();
  text.add('one\n');
  const first = text.first(text.size);
  text.add('two\n');
  expect(first.toString()).toBe('one\n');
  expect(text.first(4).toString()).toBe('one\n');
});
