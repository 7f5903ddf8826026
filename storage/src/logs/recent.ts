/** Lines of a block, and blocks that are remembered: 8192 lines, in 32 KiB. */
const blockLines = 512;
const mostBlocks = 16;
/** Characters of a line by which it is told from others; its time is among them. */
const told = 1024;

interface Block {
  /** Earliest time of a line in it. */
  since: string;
  hashes: Uint32Array;
  count: number;
}

/** What is known of a line that is read again: it is one of the last lines, older than these, or new. */
export type Recall = 'known' | 'older' | 'new';

/**
 * The last lines of a log, to tell which lines of a stream that begins before its end are known. Times alone don't say: where a
 * log file is followed by the next one, the runtime's clock goes back by some milliseconds.
 */
export class RecentLines {
  readonly #blocks: Block[] = [];
  /** Latest time of all lines so far; undefined before the first. */
  latest: string | undefined;

  add(time: string, line: string): void {
    if (this.latest === undefined || time > this.latest) this.latest = time;
    let block = this.#blocks.at(-1);
    if (block === undefined || block.count === blockLines) {
      const reused = this.#blocks.length === mostBlocks ? this.#blocks.shift()?.hashes : undefined;
      block = { since: time, hashes: reused ?? new Uint32Array(blockLines), count: 0 };
      this.#blocks.push(block);
    }
    if (time < block.since) block.since = time;
    block.hashes[block.count++] = hashOf(line);
  }

  /** A function that is asked about the lines of a stream in their order; undefined when no line is known. */
  recall(): ((time: string, line: string) => Recall) | undefined {
    if (this.#blocks.length === 0) return undefined;
    const counts = new Map<number, number>();
    for (const { hashes, count } of this.#blocks) {
      for (const hash of hashes.subarray(0, count)) counts.set(hash, (counts.get(hash) ?? 0) + 1);
    }
    const since = this.#blocks.map((block) => block.since).reduce((a, b) => (a < b ? a : b));
    return (time, line) => {
      const hash = hashOf(line);
      const left = counts.get(hash) ?? 0;
      if (left === 0) return time < since ? 'older' : 'new';
      counts.set(hash, left - 1);
      return 'known';
    };
  }
}

/** FNV-1a, 32 bits. */
function hashOf(line: string): number {
  let hash = 0x811c9dc5;
  const end = Math.min(line.length, told);
  for (let index = 0; index < end; index++) hash = Math.imul(hash ^ line.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
