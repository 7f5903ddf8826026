import { describe, expect, test } from '@jest/globals';
import { mayLowerOomScore } from './host.ts';

describe('CAP_SYS_RESOURCE', () => {
  test.each([
    ['all capabilities', 'CapEff:\t000001ffffffffff', true],
    ['all but that one', 'CapEff:\t000001fffeffffff', false],
    ['only that one', 'CapPrm:\t0000000000000000\nCapEff:\t0000000001000000', true],
    ['none', 'CapEff:\t0000000000000000', false],
    ['no such line', 'Name:\tx', false],
  ])('is told from a status with %s', (_, status, want) => {
    expect(mayLowerOomScore(status)).toBe(want);
  });
});
