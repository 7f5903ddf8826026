import type { GetOptions } from './object-store.ts';
import { StoreError } from './store-error.ts';

/** Checks the numbers of a range. @throws RangeError */
export function checkRange(range: GetOptions['range']): void {
  if (range === undefined) return;
  const { offset, length = 1 } = range;
  const fits = Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 1;
  if (fits) return;
  throw new RangeError(`range ${JSON.stringify(range)}: offset must be an integer ≥ 0, length an integer ≥ 1`);
}

/**
 * First byte and the byte behind the last of a range of an object of this size.
 *
 * @throws StoreError InvalidRange when it begins behind the end
 */
export function rangeOf(range: GetOptions['range'], size: number, url: string): { start: number; end: number } {
  checkRange(range);
  if (range === undefined) return { start: 0, end: size };
  if (range.offset >= size) {
    throw new StoreError('InvalidRange', url, `has ${size} bytes; the range begins at byte ${range.offset}`);
  }
  return { start: range.offset, end: Math.min(size, range.offset + (range.length ?? size)) };
}
