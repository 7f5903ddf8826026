import { differences, type WorkflowState } from './outcome.ts';

/** Colours a text, or returns it as it is where there is no terminal. */
export type Paint = (colour: 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold', text: string) => string;

const codes = { green: 32, red: 31, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const;

export const ansi: Paint = (colour, text) => `\u001b[${codes[colour]}m${text}\u001b[0m`;
export const plain: Paint = (_, text) => text;

const colourOf = (state: string): Parameters<Paint>[0] => {
  if (state === 'Completed') return 'green';
  if (state === 'Running') return 'cyan';
  if (['Scheduling', 'Initializing', 'Pending'].includes(state)) return 'yellow';
  if (state === 'Waiting' || state === 'Upstream') return 'dim';
  return 'red';
};

/** Time between two RFC 3339 times, for people: `0s`, `1m05s`; `-` when one of them is missing. */
export function duration(from: string | undefined, to: string | undefined): string {
  if (from === undefined || to === undefined) return '-';
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

/** The picture of all workflows while they run: one line a workflow, its tasks below it. */
export function progressLines(states: readonly WorkflowState[], now: Date, paint: Paint): string[] {
  return states.flatMap((workflow) => {
    const done = workflow.tasks.filter((task) => task.ended).length;
    const time = duration(workflow.createdTime, workflow.completionTime ?? now.toISOString());
    const head = [
      paint('bold', workflow.name.padEnd(12)),
      paint(colourOf(workflow.phase), workflow.phase.padEnd(10)),
      `${done}/${workflow.tasks.length} tasks`,
      paint('dim', time),
    ];
    const message = workflow.message !== undefined && !workflow.ended ? [`  ${paint('dim', workflow.message)}`] : [];
    const tasks = workflow.tasks.map((task) => {
      const ran =
        task.startTime === undefined ? '' : duration(task.startTime, task.completionTime ?? now.toISOString());
      return `  ${task.name.padEnd(20)} ${paint(colourOf(task.state), task.state.padEnd(14))} ${paint('dim', ran)}`;
    });
    return [head.join('  '), ...message, ...tasks];
  });
}

/** What changed between two pictures, one line a change: for logs, where nothing can be redrawn. */
export function changeLines(before: readonly WorkflowState[], after: readonly WorkflowState[]): string[] {
  const flat = (states: readonly WorkflowState[]): Map<string, string> =>
    new Map(
      states.flatMap((workflow) => [
        [workflow.name, workflow.reason === undefined ? workflow.phase : `${workflow.phase} (${workflow.reason})`],
        ...workflow.tasks.map((task) => [`${workflow.name}/${task.name}`, task.state] as const),
      ]),
    );
  const was = flat(before);
  return [...flat(after)]
    .filter(([name, state]) => was.get(name) !== state)
    .map(([name, state]) => `${name}: ${state}`);
}

/** One line of the final table. */
export interface Result {
  workflow: string;
  phase: string;
  reason?: string;
  tasks: string;
  duration: string;
  expected: string;
  ok: boolean;
  /** What differs from the expected outcome. */
  differences: string[];
}

/** How an example ended, beside how it should have. */
export function resultOf(state: WorkflowState): Result {
  const found = differences(state);
  const { phase, reason } = state.example.expected;
  return {
    workflow: state.name,
    phase: state.phase,
    ...(state.reason !== undefined && { reason: state.reason }),
    tasks: countsOf(state),
    duration: duration(state.createdTime, state.completionTime),
    expected: reason === undefined ? phase : `${phase} (${reason})`,
    ok: found.length === 0,
    differences: found,
  };
}

function countsOf(state: WorkflowState): string {
  const kinds = ['completed', 'failed', 'upstream', 'unfinished'] as const;
  const kindOf = (task: WorkflowState['tasks'][number]): (typeof kinds)[number] => {
    if (!task.ended) return 'unfinished';
    if (task.state === 'Completed') return 'completed';
    return task.state === 'Upstream' ? 'upstream' : 'failed';
  };
  return kinds
    .map((kind) => [state.tasks.filter((task) => kindOf(task) === kind).length, kind] as const)
    .filter(([count]) => count > 0)
    .map(([count, kind]) => `${count} ${kind}`)
    .join(', ');
}

const headings = ['WORKFLOW', 'PHASE', 'REASON', 'TASKS', 'DURATION', 'EXPECTED', ''] as const;

function cellsOf(result: Result): string[] {
  const verdict = result.ok ? 'as expected' : 'NOT AS EXPECTED';
  const { workflow, phase, reason = '-', tasks, expected } = result;
  return [workflow, phase, reason, tasks, result.duration, expected, verdict];
}

/** The final table, with the differences below each line that isn't as expected. */
export function tableLines(results: readonly Result[], paint: Paint): string[] {
  const rows = results.map((result) => ({ result, cells: cellsOf(result) }));
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    paint('bold', line(headings)),
    ...rows.flatMap(({ result, cells }) => [
      paint(result.ok ? 'green' : 'red', line(cells)),
      ...result.differences.map((difference) => `    ${difference}`),
    ]),
  ];
}
