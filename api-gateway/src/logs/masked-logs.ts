import type { Clock } from '@osmo/kube';
import { maskerOf } from '@osmo/storage';
import { pause } from '../system/pause.ts';
import type { CredentialValues } from './credential-values.ts';
import type { LogLine, LogRequest, LogSource } from './log-source.ts';
import { eitherSource, type StoredLogs } from './stored-logs.ts';

/** How often the store is asked for the beginning of a log, and how often still when its attempt has ended. */
const lookAgainMs = 2_000;
const looksAfterTheEnd = 30;

export interface MaskedLogsOptions {
  /** Logs as the cluster has them, with whatever the commands printed. */
  pods: LogSource;
  values: CredentialValues;
  /** Logs that are masked already; undefined: there is no store. */
  stored?: StoredLogs | undefined;
  clock: Clock;
}

/**
 * Logs without the values of credentials, wherever they are. A pod's log is shown where the values are known, or there are none;
 * of the others what is stored, where the operator has masked them: up to ten seconds later. Where there is no store, such a log
 * is not shown, and says so.
 */
export function maskedLogs({ pods, values, stored, clock }: MaskedLogsOptions): LogSource {
  const masked: LogSource = {
    async open(request, signal) {
      const secrets = await values(request, signal);
      const lines = secrets && (await pods.open(request, signal));
      return lines && (secrets.length === 0 ? lines : maskedLines(lines, maskerOf(secrets)));
    },
  };
  const source = stored === undefined ? masked : eitherSource(masked, stored);
  return {
    async open(request, signal) {
      const lines = await source.open(request, signal);
      if (lines !== undefined || (await values(request, signal)) !== undefined) return lines;
      const begun = stored && request.follow ? await firstStored(stored, request, clock, signal) : undefined;
      return begun ?? notice(request, stored !== undefined);
    },
  };
}

async function* maskedLines(lines: AsyncIterable<LogLine>, mask: (text: string) => string): AsyncGenerator<LogLine> {
  for await (const { time, text } of lines) yield { time, text: mask(text) };
}

/** The stored log once there is something of it; undefined when its attempt has ended and nothing comes any more. */
async function firstStored(
  stored: LogSource,
  request: LogRequest,
  clock: Clock,
  signal: AbortSignal,
): Promise<AsyncIterable<LogLine> | undefined> {
  let left = looksAfterTheEnd;
  while (left > 0) {
    // oxlint-disable no-await-in-loop
    await pause(clock, lookAgainMs, signal);
    const lines = await stored.open(request, signal);
    // oxlint-enable no-await-in-loop
    if (lines !== undefined) return lines;
    if (request.isRunning?.() !== true) left--;
  }
  return undefined;
}

async function* notice({ task }: LogRequest, isStored: boolean): AsyncGenerator<LogLine> {
  const { status, metadata } = task;
  const time = status?.startTime ?? metadata.creationTimestamp ?? '';
  const why = 'this task sees credentials, whose values can be masked here only for callers who may get their Secrets';
  const what = isStored
    ? 'what is stored of its log is masked, but nothing is stored yet'
    : 'its log is not shown, since there is no store of masked logs';
  yield { time, text: `[osmo] ${why}; ${what}` };
}
