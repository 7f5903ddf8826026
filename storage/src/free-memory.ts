/** Less isn't worth the call. */
const leastBytes = 4096;

/**
 * Frees the memory of bytes that nobody uses any more, at once: nobody may touch them afterwards. It lies outside of the heap, and left to
 * the garbage collector some hundred megabytes a second that go through here make it look at all of the heap again and again. What shares its memory
 * with something else is left alone.
 *
 * @param spare bytes that their memory may have beyond them, which are nobody's
 */
export function freeMemory({ buffer, byteLength }: Uint8Array, spare = 0): void {
  if (byteLength < leastBytes || !(buffer instanceof ArrayBuffer) || buffer.byteLength > byteLength + spare) return;
  // The new owner is dropped, with nothing in it.
  buffer.transfer(0);
}
