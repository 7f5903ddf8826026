import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decodePlan, encodePlan, encodeResult, parseResult, type TransferPlan, type TransferResult } from './index.ts';

describe('a plan', () => {
  const plan: TransferPlan = { version: 1, inputs: [], keep: 's3://osmo/outputs', outputs: [], checkpoints: [] };

  test('is read as it was written', () => expect(decodePlan(encodePlan(plan))).toEqual(plan));
  test('has the same bytes every time', () => expect(encodePlan(plan)).toEqual(encodePlan(plan)));
  test.each([
    ['no gzip', Buffer.from('{}'), 'incorrect header'],
    ['no JSON', gzipSync('{'), 'JSON'],
    ['of another version', gzipSync('{"version":2}'), 'version 2: this runtime reads version 1'],
  ])('refuses %s', (_, bytes, message) => expect(() => decodePlan(bytes)).toThrow(message));
});

describe('a result', () => {
  const manifest = `blake3:${'0a'.repeat(32)}`;
  const bytesOf = (result: TransferResult) => Buffer.byteLength(encodeResult(result));

  test('is read as it was written', () => {
    const result: TransferResult = { version: 1, output: { files: 1, bytes: 2, manifest, stored: 3 } };
    expect(parseResult(encodeResult(result))).toEqual(result);
  });

  test.each([undefined, '', 'Killed', '{', '{"version":2}'])('%j is none', (text) =>
    expect(parseResult(text)).toBeUndefined(),
  );

  test('metadata goes first when there is no room', () => {
    const outputs = Array.from({ length: 4 }, (_, index) => ({
      index,
      files: 1,
      bytes: 1,
      manifest,
      metadata: { text: 'x'.repeat(1500) },
    }));
    const result: TransferResult = { version: 1, outputs };
    expect(bytesOf(result)).toBeLessThanOrEqual(4096);
    expect(parseResult(encodeResult(result))?.outputs).toEqual(
      outputs.map(({ metadata: _, ...rest }) => ({ ...rest, omitted: 'TooLarge' })),
    );
  });

  test('manifests stay, whatever the message', () => {
    const outputs = Array.from({ length: 20 }, (_, index) => ({ index, files: 1e6, bytes: 1e12, manifest }));
    const result: TransferResult = { version: 1, outputs, code: 12, message: 'ü'.repeat(4000) };
    expect(bytesOf(result)).toBeLessThanOrEqual(4096);
    expect(parseResult(encodeResult(result))?.outputs?.map((output) => output.manifest)).toEqual(
      outputs.map(() => manifest),
    );
  });

  test('one that can not be told is a failure', () => {
    const outputs = Array.from({ length: 64 }, (_, index) => ({ index, files: 1e6, bytes: 1e12, manifest }));
    expect(parseResult(encodeResult({ version: 1, outputs }))).toMatchObject({ code: 40 });
  });
});
