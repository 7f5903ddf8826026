import type { Progress, TransferResult } from './types.ts';

const mostNamed = 20;

/** A file that could not be transferred. */
export interface Problem {
  /** Below the folder. */
  path: string;
  why: string;
}

/** Some files could not be transferred; all others were. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
  /** At most 20 of them. */
  readonly problems: readonly Problem[];
  readonly count: number;
  /** What was done. */
  readonly result: TransferResult;

  constructor(problems: readonly Problem[], count: number, result: TransferResult) {
    const named = problems.slice(0, 5).map(({ path, why }) => `${JSON.stringify(path)}: ${why}`);
    const more = count > named.length ? `; and ${count - named.length} more` : '';
    super(`${count} ${count === 1 ? 'file' : 'files'} could not be transferred: ${named.join('; ')}${more}`);
    this.problems = problems;
    this.count = count;
    this.result = result;
  }
}

/** Keeps count of a transfer, in bounded memory. */
export class Tally {
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #totals: { totalFiles: number; totalBytes: number } | undefined;
  readonly #problems: Problem[] = [];
  readonly #ignored: string[] = [];
  #problemCount = 0;
  #ignoredCount = 0;
  #files = 0;
  #skipped = 0;
  #bytes = 0;
  #shown = 0;

  constructor(
    onProgress: ((progress: Progress) => void) | undefined,
    totals: { totalFiles: number; totalBytes: number } | undefined,
  ) {
    this.#onProgress = onProgress;
    this.#totals = totals;
  }

  /** Bytes that moved, of a file that isn't done; negative when it begins anew. */
  moved(bytes: number): void {
    this.#shown += bytes;
    this.#show();
  }

  done(bytes: number): void {
    this.#files += 1;
    this.#bytes += bytes;
    this.#show();
  }

  skipped(bytes: number): void {
    this.#skipped += 1;
    this.#shown += bytes;
    this.#show();
  }

  ignored(path: string): void {
    this.#ignoredCount += 1;
    if (this.#ignored.length < mostNamed) this.#ignored.push(path);
  }

  problem(path: string, why: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < mostNamed) this.#problems.push({ path, why });
  }

  /** @throws TransferError when there were problems */
  result(): TransferResult {
    const result = {
      files: this.#files,
      bytes: this.#bytes,
      skipped: this.#skipped,
      ignored: { count: this.#ignoredCount, first: this.#ignored },
    };
    if (this.#problemCount > 0) throw new TransferError(this.#problems, this.#problemCount, result);
    return result;
  }

  #show(): void {
    this.#onProgress?.({ files: this.#files + this.#skipped, bytes: this.#shown, ...this.#totals });
  }
}
