import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Chunker, type ChunkSizes } from './chunker.ts';
import { defaultChunkSizes } from './format.ts';
import { Random } from './testing/random.ts';

/** The bytes of the vectors in docs/designs/0008-repository.md. */
function vectorBytes(length: number): Buffer {
  const hashes = Array.from({ length: length / 32 }, (_, number) =>
    createHash('sha256').update(`osmo-vector-${number}`).digest(),
  );
  return Buffer.concat(hashes);
}

function cutsOf(bytes: Buffer, sizes: ChunkSizes): number[] {
  const chunker = new Chunker(sizes);
  const cuts: number[] = [];
  for (let start = 0; start < bytes.byteLength;) {
    const length = chunker.cut(bytes, start, Math.min(bytes.byteLength, start + sizes.most));
    cuts.push(length);
    start += length;
  }
  return cuts;
}

const small = { least: 64, normal: 256, most: 1024 };

describe('the chunker', () => {
  test('cuts the published vectors where they are to be cut', () => {
    expect(cutsOf(vectorBytes(4096), small)).toEqual([
      76, 334, 260, 302, 389, 315, 306, 335, 392, 299, 153, 73, 277, 295, 290,
    ]);
    expect(cutsOf(vectorBytes(8 * 1024 * 1024), defaultChunkSizes)).toEqual([
      541255, 531689, 562422, 645409, 1244553, 572333, 532248, 532410, 764336, 399194, 569490, 305784, 721901, 465584,
    ]);
  });

  test('gives chunks of the sizes that are asked for, the largest where nothing tells where to cut', () => {
    expect(cutsOf(Buffer.alloc(2500), small)).toEqual([1024, 1024, 452]);
    expect(cutsOf(Buffer.alloc(64), small)).toEqual([64]);
    const cuts = cutsOf(new Random(1).bytes(200_000), small);
    expect(Math.max(...cuts)).toBeLessThanOrEqual(1024);
    expect(Math.min(...cuts.slice(0, -1))).toBeGreaterThan(64);
    expect(200_000 / cuts.length).toBeGreaterThan(220);
    expect(200_000 / cuts.length).toBeLessThan(360);
  });

  test('finds the same chunks again behind what is put in or taken out', () => {
    const random = new Random(2);
    const bytes = random.bytes(100_000);
    const chunksOf = (all: Buffer): string[] => {
      let start = 0;
      return cutsOf(all, small).map((length) => all.toString('latin1', start, (start += length)));
    };
    const known = new Set(chunksOf(bytes));
    for (const at of [0, 1, 31_337, 99_999]) {
      const edited = chunksOf(Buffer.concat([bytes.subarray(0, at), random.bytes(7), bytes.subarray(at + 3)]));
      expect(edited.filter((chunk) => !known.has(chunk)).length).toBeLessThanOrEqual(6);
    }
  });
});
