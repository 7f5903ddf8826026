const newline = 0x0a;
/** A line without an end must not fill the memory; what is longer is cut into several. */
const longest = 1 << 20;

/** Bytes as lines without their newline. What is behind the last newline is a line too, unless it is empty. */
export async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let size = 0;
  const take = (): string => {
    const text = Buffer.concat(pending, size).toString('utf8');
    pending = [];
    size = 0;
    return text;
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
      yield take();
    }
    // A copy: the reader's buffer may be used again.
    if (start < piece.byteLength) add(Uint8Array.from(piece.subarray(start)));
    if (size >= longest) yield take();
  }
  if (size > 0) yield take();
}

/**
 * The time that a line of the kubelet begins with, in a form that sorts: RFC 3339 with exactly nine digits of a second,
 * which the kubelet shortens. Undefined when it begins with none.
 */
export function timeOfLine(line: string): string | undefined {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z(?: |$)/.exec(line);
  return found === null ? undefined : `${found[1]}.${(found[2] ?? '').padEnd(9, '0')}Z`;
}
