import { describe, expect, test } from '@jest/globals';
import { boundaries, explainInterval, explainWait, nextLook, type WaitFacts } from './explain.ts';

const GiB = 2 ** 30;
const facts = (more: Partial<WaitFacts> = {}): WaitFacts => ({
  pool: 'gpu-a',
  backend: 'west',
  connected: true,
  since: 0,
  asked: { gpu: 8, cpu: 64_000, memory: 256 * GiB },
  free: { gpu: 3, cpu: 500_000, memory: 2000 * GiB },
  ahead: 2,
  ...more,
});

describe('what a workflow waits for', () => {
  test.each<[string, Partial<WaitFacts>, string]>([
    ['GPUs', {}, 'waiting for pool gpu-a: 8 GPUs asked, 3 free; 2 workflows ahead'],
    ['with one ahead', { ahead: 1 }, 'waiting for pool gpu-a: 8 GPUs asked, 3 free; 1 workflow ahead'],
    ['at the front', { ahead: 0 }, 'waiting for pool gpu-a: 8 GPUs asked, 3 free'],
    [
      'what is scarce, not what is asked first',
      { free: { gpu: 9, cpu: 12_500, memory: 2000 * GiB } },
      'waiting for pool gpu-a: 64 CPUs asked, 12.5 free; 2 workflows ahead',
    ],
    [
      'memory',
      { asked: { gpu: 0, cpu: 1000, memory: 1.5 * GiB }, free: { gpu: 0, cpu: 1000, memory: GiB } },
      'waiting for pool gpu-a: 1.5 GiB of memory asked, 1 GiB free; 2 workflows ahead',
    ],
    [
      'enough in all',
      { free: { gpu: 12, cpu: 500_000, memory: 2000 * GiB }, ahead: 0 },
      'waiting for pool gpu-a: 8 GPUs asked, 12 free in all; no node given yet',
    ],
    [
      'less than one',
      { asked: { gpu: 0, cpu: 50, memory: GiB }, free: { gpu: 0, cpu: 20, memory: GiB } },
      'waiting for pool gpu-a: 0.05 CPUs asked, 0.02 free; 2 workflows ahead',
    ],
    [
      'less memory than one GiB',
      { asked: { gpu: 0, cpu: 50, memory: GiB / 2 }, free: { gpu: 0, cpu: 50, memory: GiB / 4 } },
      'waiting for pool gpu-a: 512 MiB of memory asked, 256 MiB free; 2 workflows ahead',
    ],
    ['nodes that nobody has counted', { free: undefined }, 'waiting for pool gpu-a: 8 GPUs asked; 2 workflows ahead'],
    ['nothing that is counted', { asked: { gpu: 0, cpu: 0, memory: 0 }, ahead: 0 }, 'waiting for pool gpu-a'],
    ['its backend', { connected: false }, 'waiting for backend west of pool gpu-a, which is not connected'],
    ['far behind', { ahead: 74 }, 'waiting for pool gpu-a: 8 GPUs asked; 50 workflows or more ahead'],
  ])('%s', (_, more, want) => {
    expect(explainWait(facts(more))).toBe(want);
  });

  test('says the same far behind as long as little changes', () => {
    const one = explainWait(facts({ ahead: 120 }));
    const other = explainWait(facts({ ahead: 199, free: { gpu: 0, cpu: 0, memory: 0 } }));
    expect(other).toBe(one);
  });
});

test('boundaries are few, however long the queue', () => {
  expect(boundaries(9)).toEqual([]);
  expect(boundaries(10)).toEqual([10]);
  expect(boundaries(1000)).toEqual([10, 20, 50, 100, 200, 500, 1000]);
});

test('only the first ones look again by themselves, and those whose backend is away', () => {
  const now = new Date(100_000);
  const after = (ms: number) => new Date(now.getTime() + ms);
  expect(nextLook(facts({ since: 95_000 }), now)).toEqual(after(5000));
  expect(nextLook(facts({ ahead: 9 }), now)).toEqual(after(explainInterval));
  expect(nextLook(facts({ ahead: 10 }), now)).toBeUndefined();
  expect(nextLook(facts({ ahead: 10, connected: false }), now)).toEqual(after(60_000));
});
