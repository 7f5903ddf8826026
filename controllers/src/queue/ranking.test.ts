import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Ranking } from './ranking.ts';

test('places are those of a sorted list, whatever comes and goes', () => {
  const item = fc
    .tuple(fc.nat(2), fc.nat(5), fc.constantFrom('a', 'b', 'c'))
    .map(([first, second, last]) => ({ order: [first, second, last] as const }));
  fc.assert(
    fc.property(
      fc.uniqueArray(item, { selector: ({ order }) => order.join(), maxLength: 40 }),
      fc.func(fc.boolean()),
      (items, stays) => {
        const ranking = new Ranking<(typeof items)[number]>();
        for (const each of items) ranking.add(each);
        const left = items.filter((each) => stays(each.order));
        for (const each of items) if (!left.includes(each)) ranking.remove(each);
        const sorted = left.toSorted(
          ({ order: a }, { order: b }) => a[0] - b[0] || a[1] - b[1] || a[2].localeCompare(b[2]),
        );
        expect(ranking.size).toBe(sorted.length);
        expect(sorted.map((each) => ranking.rankOf(each))).toEqual(sorted.map((_, rank) => rank));
        expect(sorted.map((_, rank) => ranking.at(rank))).toEqual(sorted);
      },
    ),
    { numRuns: 300 },
  );
});

test('taking out what is not there changes nothing', () => {
  const ranking = new Ranking();
  const there = { order: [0, 0, 'a'] as const };
  ranking.add(there);
  ranking.remove({ order: [0, 0, 'a'] });
  expect(ranking.at(0)).toBe(there);
});
