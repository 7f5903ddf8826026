import { met, type Row, type Target } from './row.ts';

/** Colours a text, or returns it as it is. */
export type Paint = (colour: 'green' | 'red' | 'yellow' | 'bold' | 'dim', text: string) => string;

/** Three significant digits, thousands grouped, no exponent: `0.412`, `18.3`, `1,420`. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const digits = Math.floor(Math.log10(Math.abs(value))) + 1;
  const decimals = Math.min(6, Math.max(0, 3 - digits));
  return value.toLocaleString('en-US', { maximumFractionDigits: decimals, minimumFractionDigits: 0 });
}

/** `≥ 15 workflows/s`; `ratio ≥ 0.8`; empty without a target. */
export function formatTarget(target: Target | undefined, unit: string): string {
  if (target === undefined) return '';
  const bounds = [
    target.atLeast === undefined ? undefined : `≥ ${formatNumber(target.atLeast)}`,
    target.atMost === undefined ? undefined : `≤ ${formatNumber(target.atMost)}`,
  ].filter((bound) => bound !== undefined);
  return target.of === 'ratio' ? `ratio ${bounds.join(', ')}` : `${bounds.join(', ')} ${unit}`;
}

const header = ['what', 'measured', 'beside', 'ratio', 'target', ''] as const;

/** The rows as aligned lines, grouped by bench, each with its verdict. */
export function tableLines(rows: readonly Row[], paint: Paint): string[] {
  const cells = rows.map(cellsOf);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const lines: string[] = [];
  rows.forEach((row, index) => {
    if (row.bench !== rows[index - 1]?.bench) {
      lines.push('', paint('bold', row.bench), `  ${paint('dim', line(header))}`);
    }
    const verdict = met(row);
    const text = `  ${line(cells[index] as string[])}`;
    if (row.value === undefined) lines.push(paint('yellow', text));
    else lines.push(verdict === undefined ? text : paint(verdict ? 'green' : 'red', text));
    if (row.note !== undefined) lines.push(`      ${paint('dim', row.note)}`);
  });
  return lines;
}

function cellsOf(row: Row): string[] {
  const { what, value, unit, beside, ratio, target } = row;
  const verdict = met(row);
  return [
    what,
    value === undefined ? 'not measured' : `${formatNumber(value)} ${unit}`,
    beside === undefined ? '' : `${formatNumber(beside.value)} ${beside.unit} (${beside.what})`,
    ratio === undefined ? '' : `${ratio.toFixed(2)}×`,
    formatTarget(target, unit),
    verdict === undefined ? '' : verdict ? 'met' : 'MISSED',
  ];
}
