import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { splitLines } from './split-lines.ts';

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
async function lines(parts: readonly Uint8Array[]): Promise<string[]> {
  const found: string[] = [];
  for await (const line of splitLines(pieces(parts))) found.push(line);
  return found;
}

test('lines are the same wherever the bytes are cut', async () => {
  const text = 'first\n\nzweite Zeile: größer\n日本\nwithout end';
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 10 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const parts = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
      expect(await lines(parts)).toEqual(text.split('\n'));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('a line without end is cut', async () => {
  const found = await lines(Array.from({ length: 5 }, () => Buffer.alloc(400_000, 'x')));
  expect(found.length).toBeGreaterThan(1);
  expect(found.join('')).toHaveLength(2_000_000);
});
