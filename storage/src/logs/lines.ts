const newline = 0x0a;
/** A line without an end must not fill the memory; what is longer is cut into several pieces. */
const longest = 1 << 20;

/** A line without its newline, or a piece of one that is very long. */
export interface LinePiece {
  text: string;
  /** It goes on where the piece before it ended. */
  continues: boolean;
  /** Its newline has been seen: nothing more of this line comes. */
  ended: boolean;
}

/** Bytes as lines. What is behind the last newline is a piece that hasn't ended, unless it is empty. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LinePiece> {
  let pending: Uint8Array[] = [];
  let size = 0;
  let continues = false;
  const take = (ended: boolean): LinePiece => {
    const piece = { text: Buffer.concat(pending, size).toString('utf8'), continues, ended };
    pending = [];
    size = 0;
    continues = !ended;
    return piece;
  };
  const add = (piece: Uint8Array): void => {
    pending.push(piece);
    size += piece.byteLength;
  };
  for await (const piece of bytes) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      add(piece.subarray(start, end));
      start = end + 1;
      yield take(true);
    }
    // A copy: the reader's buffer may be used again.
    if (start < piece.byteLength) add(Uint8Array.from(piece.subarray(start)));
    if (size >= longest) yield take(false);
  }
  if (size > 0) yield take(false);
}

/**
 * The time that a line of the kubelet begins with, in a form that sorts: RFC 3339 with exactly nine digits of a second,
 * which the kubelet shortens. Undefined when it begins with none.
 */
export function timeOfLine(line: string): string | undefined {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z(?: |$)/.exec(line);
  return found === null ? undefined : `${found[1]}.${(found[2] ?? '').padEnd(9, '0')}Z`;
}
