import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WaitingWorkflows } from './waiting.ts';

test('each workflow is found under the pool that it said last, and nowhere else', () => {
  const key = fc.constantFrom('ns/a', 'ns/b', 'ns/c');
  const pool = fc.constantFrom('x', 'y', undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(key, pool)), (history) => {
      const waiting = new WaitingWorkflows();
      for (const entry of history) waiting.set(...entry);
      const last = new Map(history);
      for (const name of ['x', 'y']) {
        const want = [...last].filter(([, at]) => at === name).map(([each]) => each);
        expect(waiting.of(name).toSorted()).toEqual(want.toSorted());
      }
      expect(waiting.size).toBe([...last.values()].filter((at) => at !== undefined).length);
    }),
  );
});
