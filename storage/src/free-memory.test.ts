import { expect, test } from '@jest/globals';
import { freeMemory } from './free-memory.ts';

test('frees what has its memory to itself', () => {
  const bytes = Buffer.allocUnsafeSlow(10_000);
  freeMemory(bytes);
  expect(bytes.byteLength).toBe(0);
  expect(bytes.buffer.byteLength).toBe(0);
});

test('frees what has so much to spare, and no more', () => {
  const bytes = Buffer.allocUnsafeSlow(10_000).subarray(0, 9_999);
  freeMemory(bytes);
  expect(bytes.byteLength).toBe(9_999);
  freeMemory(bytes, 1);
  expect(bytes.byteLength).toBe(0);
});

test('leaves alone what shares its memory, is short or belongs to several threads', () => {
  const whole = Buffer.allocUnsafeSlow(10_000).fill(7);
  freeMemory(whole.subarray(0, 9_999));
  expect(whole).toEqual(Buffer.alloc(10_000, 7));
  const short = Buffer.allocUnsafeSlow(100);
  freeMemory(short);
  expect(short.byteLength).toBe(100);
  const shared = new Uint8Array(new SharedArrayBuffer(10_000));
  freeMemory(shared);
  expect(shared.byteLength).toBe(10_000);
});
