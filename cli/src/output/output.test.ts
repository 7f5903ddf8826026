import { describe, expect, test } from '@jest/globals';
import { colors } from './colors.ts';
import { clean, table } from './table.ts';
import { shownDuration, shownTime } from './times.ts';

const terminal = (isTTY: boolean) => ({ isTTY, columns: 80, write: () => undefined, drained: async () => undefined });

describe('what people see', () => {
  test('a table is as wide as its widest cells, whatever is in them', () => {
    const text = table(
      [{ title: 'Name' }, { title: 'Count', right: true }, { title: 'Said', paint: (each) => `<${each}>` }],
      [
        ['a', '1', '機械'],
        ['long name', '1234567', 'two\nlines\u001B[2J'],
      ],
    );
    expect(text.split('\n')).toEqual([
      'Name          Count   Said',
      '='.repeat(34),
      'a                 1   <機械>',
      'long name   1234567   <two lines[2J>',
    ]);
  });
  test('nothing that a server says moves the cursor', () => {
    expect(clean('a\u001B]0;title\u0007b\u009Bc\r\nd')).toBe('a]0;titlebc d');
  });
  test.each([
    ['2026-01-31T12:05:00', 'UTC', 'Jan 31, 2026 12:05 UTC'],
    ['2026-01-31 23:30:00.123456', 'Asia/Tokyo', 'Feb 01, 2026 08:30 GMT+9'],
    ['2026-07-01T00:00:00Z', 'America/New_York', 'Jun 30, 2026 20:00 EDT'],
    [null, 'UTC', '-'],
    ['soon', 'UTC', 'soon'],
  ])('the time %p in %s', (time, zone, shown) => expect(shownTime(time, zone)).toBe(shown));
  test.each([
    [0, '0s'],
    [59.9, '59s'],
    [60, '1m'],
    [303, '5m 3s'],
    [7500, '2h 5m'],
    [90_061, '1d 1h'],
    [86_405, '1d'],
  ])('%p seconds', (seconds, shown) => expect(shownDuration(seconds)).toBe(shown));
  test.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
  ])('colours on a terminal (%p) with %j', (isTTY, env, on) =>
    expect(colors(terminal(isTTY), env).red('x') !== 'x').toBe(on),
  );
});
