import type { Host, Terminal } from '../host.ts';

/** Colours text, or not. */
export type Colors = Readonly<Record<'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'blue', (text: string) => string>>;

/** Colours for a terminal; none for files and pipes, with `NO_COLOR` (no-color.org) and on `TERM=dumb`. */
export function colors(terminal: Terminal, env: Host['env']): Colors {
  const on = terminal.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  const paint =
    (code: number, end: number) =>
    (text: string): string =>
      on ? `\u001B[${code}m${text}\u001B[${end}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    green: paint(32, 39),
    red: paint(31, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
  };
}

/** A status in the colour of its kind. */
export function paintStatus(status: string, { green, red, yellow, blue }: Colors): string {
  if (status === 'COMPLETED') return green(status);
  if (status.startsWith('FAILED')) return red(status);
  if (status === 'RUNNING' || status === 'INITIALIZING') return blue(status);
  return yellow(status);
}
