import type { Host } from '../host.ts';
import { shownDuration } from '../output/times.ts';
import { shownBytes } from './amount.ts';

/** How far a transfer is. */
export interface Moved {
  files: number;
  bytes: number;
  totalFiles?: number | undefined;
  totalBytes?: number | undefined;
}

/** ms between two pictures of a line at a terminal, and between two lines elsewhere. */
const pictureMs = 100;
const lineMs = 5_000;
/** What the rate is measured over, ms. */
const windowMs = 10_000;

/** What is told while a transfer runs, on standard error: one line that changes, or a line every few seconds where nobody looks. */
export class ProgressLine {
  readonly #host: Pick<Host, 'err' | 'now'>;
  readonly #deed: string;
  readonly #started: number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #samples: { at: number; bytes: number }[] = [];
  #width = 0;

  /** @param deed what is done: `Uploading` */
  constructor(host: Pick<Host, 'err' | 'now'>, deed: string) {
    this.#host = host;
    this.#deed = deed;
    this.#started = host.now().getTime();
    this.#samples.push({ at: this.#started, bytes: 0 });
    if (!host.err.isTTY) this.#shownAt = this.#started;
  }

  /** Seconds since the beginning. */
  get seconds(): number {
    return (this.#host.now().getTime() - this.#started) / 1000;
  }

  update(moved: Moved): void {
    const { err, now } = this.#host;
    const at = now().getTime();
    // What is under way still moves a little after an interruption was told.
    if (this.#isOver || at - this.#shownAt < (err.isTTY ? pictureMs : lineMs)) return;
    this.#shownAt = at;
    this.#samples.push({ at, bytes: moved.bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > windowMs) this.#samples.shift();
    const line = this.#line(moved);
    if (!err.isTTY) return err.write(`${line}\n`);
    const fitting = err.columns > 0 ? line.slice(0, err.columns - 1) : line;
    err.write(`\r${fitting.padEnd(this.#width)}`);
    this.#width = fitting.length;
  }

  /** Takes the line away. */
  end(): void {
    this.#isOver = true;
    if (!this.#host.err.isTTY || this.#width === 0) return;
    this.#host.err.write(`\r${' '.repeat(this.#width)}\r`);
    this.#width = 0;
  }

  #line({ files, bytes, totalFiles, totalBytes }: Moved): string {
    const [first, last] = [this.#samples[0], this.#samples.at(-1)];
    const ms = (last?.at ?? 0) - (first?.at ?? 0);
    const rate = ms > 0 ? (Math.max(0, (last?.bytes ?? 0) - (first?.bytes ?? 0)) / ms) * 1000 : 0;
    const left = totalBytes === undefined || rate === 0 ? undefined : Math.max(0, totalBytes - bytes) / rate;
    const parts = [
      totalFiles === undefined ? `${files} files` : `${files}/${totalFiles} files`,
      totalBytes === undefined ? shownBytes(bytes) : `${shownBytes(bytes)} of ${shownBytes(totalBytes)}`,
      ...(totalBytes !== undefined && totalBytes > 0
        ? [`${Math.min(100, Math.floor((100 * bytes) / totalBytes))}%`]
        : []),
      `${shownBytes(rate)}/s`,
      ...(left === undefined ? [] : [`${shownDuration(left)} left`]),
    ];
    return `${this.#deed}: ${parts.join(', ')}`;
  }
}

/** What a transfer came to: `3 files, 1.5 MiB, in 12s (128.0 KiB/s)`. */
export function shownResult({ files, bytes }: { files: number; bytes: number }, seconds: number): string {
  const rate = seconds > 0 ? ` (${shownBytes(bytes / seconds)}/s)` : '';
  return `${files} ${files === 1 ? 'file' : 'files'}, ${shownBytes(bytes)}, in ${shownDuration(seconds)}${rate}`;
}
