import { longestLine } from './messages.ts';

const lineEnd = 10;

/** Cuts a stream of bytes into lines; keeps at most one unfinished line of at most `longestLine` bytes. */
export class Lines {
  #rest: Buffer = Buffer.alloc(0);

  /** The lines that these bytes complete, without their ends; undefined once a line is longer than any message. */
  take(bytes: Buffer): string[] | undefined {
    const lines: string[] = [];
    let from = 0;
    for (let end = bytes.indexOf(lineEnd); end >= 0; end = bytes.indexOf(lineEnd, from)) {
      const line = this.#complete(bytes.subarray(from, end));
      if (line === undefined) return undefined;
      lines.push(line);
      from = end + 1;
    }
    const tail = bytes.subarray(from);
    if (this.#rest.length + tail.length > longestLine) return undefined;
    // A copy: a view would keep the whole chunk.
    if (tail.length > 0) this.#rest = Buffer.concat([this.#rest, tail]);
    return lines;
  }

  #complete(end: Buffer): string | undefined {
    if (this.#rest.length + end.length > longestLine) return undefined;
    const line = Buffer.concat([this.#rest, end]).toString('utf8');
    this.#rest = Buffer.alloc(0);
    return line;
  }
}
