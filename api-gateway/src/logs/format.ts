/** A line as upstream's client shows it: `2025/01/31 12:00:00 [task] text`, with the retry where there was one. */
export function logText(time: string, task: string, attempt: number, text: string): string {
  const retry = attempt > 0 ? ` retry-${attempt}` : '';
  return `${stamp(time)} [${task}${retry}] ${text}\n`;
}

/** `2025/01/31 12:00:00`, UTC, of an RFC 3339 time. */
export function stamp(time: string): string {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)/.exec(time);
  return match === null ? time : `${match[1]}/${match[2]}/${match[3]} ${match[4]}`;
}
