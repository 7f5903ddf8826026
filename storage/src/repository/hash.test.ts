import { expect, test } from '@jest/globals';
import { loadBlake3 } from './hash.ts';
import { Random } from './testing/random.ts';

test('hashes the same with machine code and without, as BLAKE3 is published', async () => {
  const [native, portable] = await Promise.all([loadBlake3(), loadBlake3({ portable: true })]);
  expect([native.kind, portable.kind]).toEqual(['native', 'wasm']);
  expect(native.digest(Buffer.alloc(0)).toString('hex')).toBe(
    'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262',
  );
  const random = new Random(3);
  for (const length of [0, 1, 63, 64, 65, 1023, 1024, 1025, 65_537, 1_000_000]) {
    const bytes = random.bytes(length);
    expect(portable.digest(bytes).equals(native.digest(bytes))).toBe(true);
  }
});
