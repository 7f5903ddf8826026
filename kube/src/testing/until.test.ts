import { describe, expect, test } from '@jest/globals';
import { until } from './until.ts';

describe('until', () => {
  test('gives the state that holds', async () => {
    let count = 0;
    expect(
      await until(
        () => ++count,
        (n) => n === 3,
      ),
    ).toBe(3);
  });

  test('takes an error for not yet', async () => {
    let count = 0;
    const read = (): number => {
      count += 1;
      if (count < 3) throw new Error('not yet');
      return count;
    };
    expect(await until(read, () => true)).toBe(3);
  });

  test('says what was there last', async () => {
    await expect(
      until(
        () => ({ phase: 'Pending' }),
        () => false,
        0,
      ),
    ).rejects.toThrow('"phase": "Pending"');
    await expect(
      until(
        () => Promise.reject(new Error('refused')),
        () => true,
        0,
      ),
    ).rejects.toThrow('refused');
  });
});
