import { describe, expect, test } from '@jest/globals';
import { constantsPage } from './constants-page.ts';

const table = (...lines: string[]) =>
  ['/** Words. */', 'export const Words = {', ...lines, '} as const;', ''].join('\n');

test('a table becomes a section, an entry a row', () => {
  const page = constantsPage(
    table('  /** What it is. */', "  first: 'osmo.dev/first',", '  /** A code: a|b. */', '  code: 3_001,'),
  );
  expect(page).toContain('## Words\n\nWords.\n');
  expect(page).toContain('| `osmo.dev/first` | What it is. | `Words.first` |');
  expect(page).toContain('| `3001` | A code: a\\|b. | `Words.code` |');
});

test('a doc comment may have several lines', () => {
  const page = constantsPage(table('  /**', '   * What it is', '   * in full.', '   */', "  first: 'x',"));
  expect(page).toContain('| `x` | What it is in full. | `Words.first` |');
});

describe('what would be missing on the page is refused with its line', () => {
  const cases: [string, string, RegExp][] = [
    ['an entry without a doc', table("  first: 'x',"), /constants\.ts:3: no doc comment before 'first/],
    [
      'a table without a doc',
      "export const Words = {\n  /** A. */\n  a: 'x',\n} as const;\n",
      /constants\.ts:1: no doc comment/,
    ],
    ['a value that is computed', table('  /** A. */', "  first: 'x' + 'y',"), /constants\.ts:4: can't read 'first/],
    ['a constant outside of a table', "/** A. */\nexport const a = 'x';\n", /constants\.ts:2: can't read/],
  ];
  test.each(cases)('%s', (_, source, want) => expect(() => constantsPage(source)).toThrow(want));
});
