/** A column of a table: its title, and how its cells look (after they were measured). */
export interface Column {
  title: string;
  /** Numbers stand at the right. */
  right?: boolean;
  paint?: (text: string) => string;
}

const gap = '   ';

/**
 * A table in upstream's form: titles, a rule of `=`, rows. Cells are cleaned of control characters, so that nothing that
 * a server says moves the cursor. Ends without a newline.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columnWidths(columns, rows);
  const rule = '='.repeat(widths.reduce((sum, each) => sum + each, gap.length * (columns.length - 1)));
  const titles = tableRow(
    columns.map(({ title, right = false }) => ({ title, right })),
    columns.map(({ title }) => title),
    widths,
  );
  return [titles, rule, ...rows.map((row) => tableRow(columns, row, widths))].join('\n');
}

/** A column that may be there only where more was asked for. */
export interface ListColumn extends Column {
  /** Only with `-o wide`. */
  wide?: boolean;
}

/** A table without the columns, and their cells, that are shown only when it may be wide. */
export function listTable(columns: readonly ListColumn[], rows: readonly (readonly string[])[], wide: boolean): string {
  const isShown = (_: unknown, index: number): boolean => wide || columns[index]?.wide !== true;
  return table(
    columns.filter(isShown),
    rows.map((row) => row.filter(isShown)),
  );
}

/** How wide the columns of a table with these rows are, in characters. */
export function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, index) =>
    Math.max(width(title), ...rows.map((row) => width(clean(row[index] ?? '')))),
  );
}

/** One row below a table of those widths; longer cells take what they need. */
export function tableRow(columns: readonly Column[], row: readonly string[], widths: readonly number[]): string {
  return columns
    .map(({ right = false, paint }, index) => {
      const text = clean(row[index] ?? '');
      const blanks = ' '.repeat(Math.max(0, (widths[index] ?? 0) - width(text)));
      const shown = paint ? paint(text) : text;
      return right ? blanks + shown : shown + blanks;
    })
    .join(gap)
    .trimEnd();
}

/** Text on one line without control characters. */
export function clean(text: string): string {
  return text.replaceAll(/\s*[\n\r]\s*/g, ' ').replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '');
}

/** Columns that a text takes, at two for East Asian wide characters. */
function width(text: string): number {
  let sum = 0;
  for (const character of text)
    sum += /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/.test(
      character,
    )
      ? 2
      : 1;
  return sum;
}

/** Names and values, the values below each other: `Workflow ID : hello-1`. */
export function fields(pairs: readonly (readonly [name: string, value: string])[]): string {
  const longest = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `${name.padEnd(longest)} : ${value}`).join('\n');
}
