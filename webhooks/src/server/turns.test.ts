import { describe, expect, test } from '@jest/globals';
import { Turns } from './turns.ts';

/** Turns of an event loop that goes on when it is told to. */
function turnsOf(limits: { count: number; bytes: number }) {
  const steps: (() => void)[] = [];
  const turns = new Turns({ ...limits, soon: (run) => void steps.push(run) });
  const [begun, ends] = [[] as string[], new Map<string, () => void>()];
  return {
    begun,
    scheduled: () => steps.length,
    take: async (name: string, bytes: number): Promise<void> => {
      ends.set(name, await turns.take(bytes));
      begun.push(name);
    },
    end: (name: string): void => ends.get(name)?.(),
    async step(): Promise<void> {
      steps.shift()?.();
      // What waits for the turn goes on.
      for (let pending = 0; pending < 4; pending++) {
        // oxlint-disable-next-line no-await-in-loop
        await Promise.resolve();
      }
    },
  };
}

describe('turns', () => {
  test('are given in order, one in each round of the event loop', async () => {
    const made = turnsOf({ count: 8, bytes: 100 });
    for (const name of ['a', 'b', 'c']) void made.take(name, 1);
    expect([made.begun, made.scheduled()]).toEqual([[], 1]);
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['a'], 1]);
    await made.step();
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('wait for room in number', async () => {
    const made = turnsOf({ count: 2, bytes: 100 });
    for (const name of ['a', 'b', 'c']) void made.take(name, 1);
    await made.step();
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['a', 'b'], 0]);
    made.end('a');
    expect(made.scheduled()).toBe(1);
    await made.step();
    expect(made.begun).toEqual(['a', 'b', 'c']);
  });

  test('wait for room in bytes; what is too large for all of it goes alone', async () => {
    const made = turnsOf({ count: 8, bytes: 10 });
    void made.take('small', 6);
    void made.take('large', 50);
    void made.take('last', 6);
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['small'], 0]);
    made.end('small');
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['small', 'large'], 0]);
    made.end('large');
    await made.step();
    expect([made.begun, made.scheduled()]).toEqual([['small', 'large', 'last'], 0]);
    made.end('last');
    expect(made.scheduled()).toBe(0);
  });
});
