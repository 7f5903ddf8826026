import { amount, size } from './words.ts';

/** How far a transfer is. */
export interface Progress {
  files: number;
  bytes: number;
  totalFiles?: number | undefined;
  totalBytes?: number | undefined;
}

/** Lines of one transfer are so far apart. */
const everyMs = 30_000;

/**
 * A listener that says how a transfer goes on, at most every 30 s: who reads the log sees that it lives, and a short
 * transfer says nothing.
 */
export function sayProgress(
  what: string,
  { now, say }: { now: () => Date; say: (line: string) => void },
): (progress: Progress) => void {
  const started = now().getTime();
  let said = started;
  return ({ files, bytes, totalBytes }) => {
    const time = now().getTime();
    if (time - said < everyMs) return;
    said = time;
    const rate = size(Math.round((bytes * 1000) / (time - started)));
    say(`${what}: ${amount({ files, bytes })}${totalBytes === undefined ? '' : ` of ${size(totalBytes)}`}, ${rate}/s`);
  };
}
