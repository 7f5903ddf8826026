import { describe, expect, test } from '@jest/globals';
import { met, problemOf, type Row } from './row.ts';
import { formatNumber, formatTarget, tableLines } from './table.ts';

const row = (extra: Partial<Row>): Row => ({ bench: 'b', what: 'w', value: 10, unit: 'things/s', ...extra });

describe('met', () => {
  test.each<[string, Partial<Row>, boolean | undefined]>([
    ['a value at its lower bound is enough', { target: { of: 'value', atLeast: 10 } }, true],
    ['a value below it is not', { target: { of: 'value', atLeast: 10.1 } }, false],
    ['a value at its upper bound is fine', { target: { of: 'value', atMost: 10 } }, true],
    ['a value above it is not', { target: { of: 'value', atMost: 9 } }, false],
    ['a target of the ratio looks at the ratio', { ratio: 0.7, target: { of: 'ratio', atLeast: 0.8 } }, false],
    ['a range holds at both ends', { ratio: 1.3, target: { of: 'ratio', atLeast: 0.8, atMost: 1.2 } }, false],
    ['no target, no verdict', {}, undefined],
  ])('%s', (_, extra, want) => {
    expect(met(row(extra))).toBe(want);
  });

  test('what was not measured has no verdict', () => {
    const { value: _, ...unmeasured } = row({ target: { of: 'value', atMost: 3 } });
    expect(met(unmeasured)).toBeUndefined();
  });
});

test.each<[string, Partial<Row>, boolean]>([
  ['a target without bounds would always be met', { target: { of: 'value' } }, true],
  ['a ratio target needs a ratio', { target: { of: 'ratio', atLeast: 1 } }, true],
  ['a bounded target is fine', { target: { of: 'value', atLeast: 1 } }, false],
])('problemOf: %s', (_, extra, want) => {
  expect(problemOf(row(extra)) !== undefined).toBe(want);
});

test.each([
  [0, '0'],
  [0.0412, '0.0412'],
  [0.41234, '0.412'],
  [18.34, '18.3'],
  [183.4, '183'],
  [204_800, '204,800'],
  [-5.25, '-5.25'],
])('formatNumber(%d) is %s', (value, want) => {
  expect(formatNumber(value)).toBe(want);
});

test.each([
  ['≥ 15 things/s', { of: 'value', atLeast: 15 }],
  ['≤ 200 things/s', { of: 'value', atMost: 200 }],
  ['ratio ≥ 0.8', { of: 'ratio', atLeast: 0.8 }],
  ['', undefined],
] as const)('formatTarget: %s', (want, target) => {
  expect(formatTarget(target, 'things/s')).toBe(want);
});

describe('tableLines', () => {
  const lines = tableLines(
    [
      row({
        what: 'creates',
        beside: { what: 'bare loop', value: 20, unit: 'things/s' },
        ratio: 0.5,
        target: { of: 'ratio', atLeast: 0.8 },
      }),
      row({ what: 'memory', value: 3, unit: 'MiB', target: { of: 'value', atMost: 5 }, note: 'after a collection' }),
      { bench: 'c', what: 'start', unit: 'ms', note: 'no cluster is up' },
    ],
    (colour, text) => (colour === 'dim' ? text : `<${colour}>${text}</>`),
  );

  test('say the bench once, the verdict of each row, the reason of a gap', () => {
    expect(lines).toEqual(
      [
        '',
        '<bold>b</>',
        '  what     measured      beside                   ratio  target       ',
        '<red>  creates  10 things/s   20 things/s (bare loop)  0.50×  ratio ≥ 0.8  MISSED</>',
        '<green>  memory   3 MiB                                         ≤ 5 MiB      met</>',
        '      after a collection',
        '',
        '<bold>c</>',
        '  what     measured      beside                   ratio  target       ',
        '<yellow>  start    not measured</>',
        '      no cluster is up',
      ].map((line) => line.trimEnd()),
    );
  });
});
