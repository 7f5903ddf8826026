import type { Task } from '@osmo/crds';
import type { LogLine, LogSource } from './log-source.ts';

/** A line and whose it is. */
export interface TaskLine extends LogLine {
  task: Task;
  attempt: number;
}

/**
 * The last lines of several logs together, by time, of what is there now. Memory: twice as many lines.
 *
 * @returns the lines, and by task UID the time of the last line of each log that has any
 */
export async function lastLines(
  tasks: readonly { task: Task; attempt: number }[],
  count: number,
  source: LogSource,
  signal: AbortSignal,
): Promise<{ lines: TaskLine[]; lastOf: ReadonlyMap<string, string> }> {
  let lines: TaskLine[] = [];
  const lastOf = new Map<string, string>();
  const cut = (): void => {
    lines = lines.toSorted((a, b) => (byTime(a) < byTime(b) ? -1 : byTime(a) > byTime(b) ? 1 : 0));
    if (lines.length > count) lines = lines.slice(lines.length - count);
  };
  for (const { task, attempt } of tasks) {
    // One log after the other, so that the memory doesn't grow with their number.
    // oxlint-disable no-await-in-loop
    const found = await source.open({ task, attempt, follow: false, tailLines: count }, signal);
    for await (const line of found ?? []) {
      lines.push({ ...line, task, attempt });
      lastOf.set(task.metadata.uid ?? '', line.time);
      if (lines.length >= 2 * count) cut();
    }
    // oxlint-enable no-await-in-loop
  }
  cut();
  return { lines, lastOf };
}

/** A time in a form that sorts: the kubelet leaves out zeros at the end of a fraction. */
export function sortableTime(time: string): string {
  const found = /^([^.Z]+)(?:\.(\d*))?Z$/.exec(time);
  return found === null ? time : `${found[1]}.${(found[2] ?? '').padEnd(9, '0')}Z`;
}

function byTime({ time }: LogLine): string {
  return sortableTime(time);
}
