import { setImmediate } from 'node:timers/promises';
import type { KubeObject } from '@osmo/kube';
import type { CreationOrder, Place } from './order.ts';

/** Places that one caller may have looked at before it is somebody else's turn: a millisecond or so. */
const sliceSize = 2_000;

/** One page, whether there is more behind it, and of how many that passed it is the end. */
export interface Page<T> {
  items: T[];
  more: boolean;
  /** Those before the page and on it. */
  passed: number;
}

/** One page of what passes a test, and whether there is more behind it. */
export function pageOf<T>(
  all: Iterable<T>,
  passes: (item: T) => boolean,
  { offset, limit }: { offset: number; limit: number },
): Page<T> {
  const items: T[] = [];
  let skipped = 0;
  for (const item of all) {
    if (!passes(item)) continue;
    if (skipped < offset) {
      skipped++;
      continue;
    }
    if (items.length === limit) return { items, more: true, passed: skipped + limit };
    items.push(item);
  }
  return { items, more: false, passed: skipped + items.length };
}

/** What is asked of each object. */
export interface Tests<T> {
  /** What its place tells, asked first: cheaper by far, since most objects then need no look. */
  readonly placed?: ((place: Place) => boolean) | undefined;
  readonly passes: (item: T) => boolean;
}

/**
 * The same of a whole cache, of which tests may pass little: looked through in slices, between which others are answered, and no further
 * once the caller has hung up. What changes meanwhile is in it or not; nothing is in it twice.
 */
export async function pageInSlices<T extends KubeObject>(
  order: Pick<CreationOrder<T>, 'places'>,
  newestFirst: boolean,
  { placed, passes }: Tests<T>,
  { offset, limit }: { offset: number; limit: number },
  signal: AbortSignal,
  pause: () => Promise<unknown> = () => setImmediate(),
): Promise<Page<T>> {
  const items: T[] = [];
  let skipped = 0;
  let last: Place | undefined;
  for (;;) {
    const slice = order.places(newestFirst, sliceSize, last);
    for (const place of slice) {
      if (placed?.(place) === false) continue;
      const { object } = place;
      if (object === undefined || !passes(object)) continue;
      if (items.length === limit) return { items, more: true, passed: skipped + limit };
      if (skipped < offset) skipped++;
      else items.push(object);
    }
    last = slice.at(-1);
    if (slice.length < sliceSize) return { items, more: false, passed: skipped + items.length };
    // oxlint-disable-next-line no-await-in-loop
    await pause();
    signal.throwIfAborted();
  }
}
