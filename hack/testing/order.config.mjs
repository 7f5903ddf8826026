import sequencer from '@jest/test-sequencer';

/** What looks at all that a run has left comes after everything else; the rest is in jest's own order. */
const last = /\/e2e\/secrets\.e2e\.test\.ts$/;

export default class Order extends sequencer {
  async sort(tests) {
    // Not that of an array: the other rule is about those.
    // oxlint-disable-next-line unicorn/no-array-sort
    const sorted = await super.sort(tests);
    const isLast = ({ path }) => last.test(path);
    return [...sorted.filter((each) => !isLast(each)), ...sorted.filter(isLast)];
  }
}
