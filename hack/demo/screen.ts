import { ansi, changeLines, progressLines } from './render.ts';
import { type WorkflowState } from './outcome.ts';

/** Shows progress while workflows run. */
export interface Screen {
  show(states: readonly WorkflowState[]): void;
  /** Leaves the last picture where it is. */
  close(): void;
}

/** The part of a terminal or pipe that is used. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
  rows?: number;
}

/** Redraws in place on a terminal that is tall enough, prints one line per change elsewhere. */
export function newScreen(output: Output, now: () => Date): Screen {
  return output.isTTY ? newTerminalScreen(output, now) : newLineScreen(output);
}

function newLineScreen(output: Output): Screen {
  let last: readonly WorkflowState[] = [];
  return {
    show(states) {
      for (const line of changeLines(last, states)) output.write(`${line}\n`);
      last = states;
    },
    close() {},
  };
}

function newTerminalScreen(output: Output, now: () => Date): Screen {
  let drawn = 0;
  return {
    show(states) {
      // A picture taller than the terminal can't be redrawn: the cursor doesn't leave the screen.
      const lines = progressLines(states, now(), ansi).slice(-((output.rows ?? 24) - 1));
      const up = drawn > 0 ? `\u001b[${drawn}F` : '';
      const cleared = lines.map((line) => `${cut(line, output.columns ?? 80)}\u001b[K\n`).join('');
      output.write(`${up}${cleared}\u001b[J`);
      drawn = lines.length;
    },
    close() {
      drawn = 0;
    },
  };
}

/** Cuts a line to a number of columns; escape sequences have no width. */
function cut(line: string, columns: number): string {
  let width = 0;
  let end = 0;
  // eslint-disable-next-line no-control-regex -- the escape character is what is looked for
  for (const part of line.matchAll(/\u001b\[\d+m|[^\u001b]/g)) {
    if (!part[0].startsWith('\u001b')) width += 1;
    if (width > columns) return `${line.slice(0, end)}\u001b[0m`;
    end = part.index + part[0].length;
  }
  return line;
}
