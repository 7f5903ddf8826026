import { describe, expect, test } from '@jest/globals';
import { partOf } from './part.ts';

const tag = '"abc"';
const of = (headers: Record<string, string>, size = 10) => partOf(headers, tag, size);
const whole = { status: 200, offset: 0, length: 10 };

describe('what is asked for of a file of ten bytes', () => {
  test.each([
    ['', 0, 10, 200],
    ['bytes=0-3', 0, 4, 206],
    ['bytes=4-', 4, 6, 206],
    ['bytes=-3', 7, 3, 206],
    ['bytes=-30', 0, 10, 206],
    ['bytes=9-9', 9, 1, 206],
    ['bytes=2-99', 2, 8, 206],
    ['Bytes= 2-3 ', 2, 2, 206],
    // None of these is one range of bytes.
    ['bytes=3-2', 0, 10, 200],
    ['bytes=-', 0, 10, 200],
    ['bytes=0-1,3-4', 0, 10, 200],
    ['lines=0-1', 0, 10, 200],
    ['bytes=a-b', 0, 10, 200],
  ])('by %j is %d+%d (%d)', (range, offset, length, status) => {
    expect(of(range === '' ? {} : { range })).toEqual({ status, offset, length });
  });

  test.each(['bytes=10-', 'bytes=10-12', 'bytes=-0'])('by %j is refused with the size', (range) => {
    expect(() => of({ range })).toThrow(
      expect.objectContaining({ status: 416, headers: { 'content-range': 'bytes */10' } }),
    );
  });

  test('is a part only of the version that If-Range names', () => {
    expect(of({ range: 'bytes=0-3', 'if-range': tag })).toMatchObject({ status: 206 });
    expect(of({ range: 'bytes=0-3', 'if-range': '"other"' })).toEqual(whole);
    expect(of({ range: 'bytes=0-3', 'if-range': `W/${tag}` })).toEqual(whole);
    expect(of({ range: 'bytes=0-3', 'if-range': 'Sun, 22 Nov 2026 01:00:00 GMT' })).toEqual(whole);
    // Even where the range couldn't be had: all of it is sent then.
    expect(of({ range: 'bytes=99-', 'if-range': '"other"' })).toEqual(whole);
  });

  test('is nothing where it is known, range or not', () => {
    expect(of({ 'if-none-match': `"x", W/${tag}`, range: 'bytes=0-3' })).toEqual({ status: 304 });
    expect(of({ 'if-none-match': '*' })).toEqual({ status: 304 });
    expect(of({ 'if-none-match': '"x"' })).toEqual(whole);
  });

  test('of an empty file is all of it, and no range', () => {
    expect(of({}, 0)).toEqual({ status: 200, offset: 0, length: 0 });
    expect(() => of({ range: 'bytes=0-0' }, 0)).toThrow(expect.objectContaining({ status: 416 }));
  });
});
