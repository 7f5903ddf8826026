import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bodyBudget, bodyBytes } from './body-budget.ts';

const refused = (take: () => unknown): string | undefined => {
  try {
    take();
    return undefined;
  } catch (error) {
    expect(error).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    return (error as Error).message;
  }
};

test('one caller has four of the largest under way, all together sixteen, and small ones as long as there is room', () => {
  const budget = bodyBudget(100);
  const give = Array.from({ length: 4 }, () => budget.take('ada', 100));
  expect(refused(() => budget.take('ada', 1))).toMatch('of this caller');
  for (const caller of ['b', 'c', 'd']) for (let body = 0; body < 4; body++) budget.take(caller, 100);
  expect(refused(() => budget.take('eve', 1))).not.toMatch('of this caller');
  expect(refused(() => budget.take('eve', 0))).toBeUndefined();
  give[0]?.();
  expect(refused(() => budget.take('eve', 60))).toBeUndefined();
  expect(refused(() => budget.take('ada', 40))).toBeUndefined();
  expect(refused(() => budget.take('ada', 1))).toBeDefined();
});

test('whoever gives everything back has all of it again', () => {
  const body = fc.tuple(fc.constantFrom('ada', 'eve'), fc.integer({ min: 0, max: 100 }));
  fc.assert(
    fc.property(fc.array(body), (bodies) => {
      const budget = bodyBudget(100);
      const taken: (() => void)[] = [];
      for (const [caller, bytes] of bodies) refused(() => taken.push(budget.take(caller, bytes)));
      for (const give of taken) give();
      expect(refused(() => budget.take('ada', 400))).toBeUndefined();
    }),
  );
});

test.each([
  [{}, 0],
  [{ 'content-length': '7' }, 7],
  [{ 'content-length': '5000' }, 100],
  [{ 'content-length': 'x' }, 100],
  [{ 'transfer-encoding': 'chunked' }, 100],
])('a body with %j has at most %d of 100', (headers, want) => expect(bodyBytes({ headers }, 100)).toBe(want));
