import type { Task } from '@osmo/crds';

/** One line of a task's log. */
export interface LogLine {
  /** RFC 3339 with up to nine digits of a second. */
  time: string;
  text: string;
}

/** Which log, and how much of it. */
export interface LogRequest {
  task: Task;
  attempt: number;
  /** Go on until the attempt ends. */
  follow: boolean;
  /** Only so many lines of what is there already. */
  tailLines?: number | undefined;
  /** Only lines later than this time, as a line has it; a source may give earlier ones. */
  after?: string | undefined;
  /** Whether the attempt is still going on, as far as is known now; absent: it isn't. */
  isRunning?: (() => boolean) | undefined;
}

/** A place where logs are: pods, later an archive. */
export interface LogSource {
  /** The lines, as they come; undefined when this place has (no longer) a log of that attempt. */
  open(request: LogRequest, signal: AbortSignal): Promise<AsyncIterable<LogLine> | undefined>;
}

/** The first place that has a log. */
export function firstOf(sources: readonly LogSource[]): LogSource {
  return {
    async open(request, signal) {
      for (const source of sources) {
        // One after the other: the first that has it is enough.
        // oxlint-disable-next-line no-await-in-loop
        const lines = await source.open(request, signal);
        if (lines !== undefined) return lines;
      }
      return undefined;
    },
  };
}
