/** A line longer than this is cut into several: the kubelet itself cuts at 16 KiB. */
export const longestLine = 1 << 20;
const newline = 0x0a;

/** Bytes as lines of UTF-8, empty ones included; characters may be split between pieces. */
export async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let size = 0;
  const take = (): string => {
    const text = Buffer.concat(pending).toString('utf8');
    pending = [];
    size = 0;
    return text;
  };
  for await (const piece of bytes) {
    let start = 0;
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      pending.push(piece.subarray(start, end));
      start = end + 1;
      yield take();
    }
    if (start < piece.length) {
      pending.push(piece.subarray(start));
      size += piece.length - start;
    }
    if (size > longestLine) yield take();
  }
  if (size > 0) yield take();
}
