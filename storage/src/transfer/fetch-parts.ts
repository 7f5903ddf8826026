import type { ObjectInfo } from '../object-store.ts';
import type { PartSlots } from '../send-parts.ts';
import type { PartsDraft } from './parts-draft.ts';

/** A large object on its way. */
export interface PartsFetch {
  info: ObjectInfo;
  draft: PartsDraft;
  /** Ranges that may be under way beside one of each object. */
  slots: PartSlots;
  signal: AbortSignal;
  /** Begins to read a range. */
  open: (range: { offset: number; length?: number }, signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>;
  /** Told of bytes that are there. */
  onMoved: (bytes: number) => void;
}

/**
 * Fetches the parts of an object that its draft hasn't, several at once where there are slots. After the first error the others are
 * stopped by their signal; it is thrown when all have ended.
 */
export async function fetchParts({ info, draft, slots, signal, open, onMoved }: PartsFetch): Promise<void> {
  const lengthOf = (part: number): number => Math.min(draft.partSize, info.size - part * draft.partSize);
  const waiting: number[] = [];
  for (let part = 0; part * draft.partSize < info.size; part++) {
    if (draft.isDone(part)) onMoved(lengthOf(part));
    else waiting.push(part);
  }
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();

  const fetchPart = async (part: number): Promise<void> => {
    let position = part * draft.partSize;
    for await (const piece of await open({ offset: position, length: lengthOf(part) }, both)) {
      both.throwIfAborted();
      await draft.write(piece, position);
      position += piece.byteLength;
      onMoved(piece.byteLength);
    }
    await draft.keep(part);
  };
  /** One part after the other. */
  const lane = async (): Promise<void> => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      while (waiting.length > 0 && slots.take()) start(() => slots.give());
      // oxlint-disable-next-line no-await-in-loop
      await fetchPart(part);
    }
  };
  const start = (onEnd: () => void): void => {
    const one: Promise<void> = lane()
      .catch((error: unknown) => {
        failures.push(error);
        waiting.length = 0;
        stop.abort(error);
      })
      .finally(() => {
        onEnd();
        running.delete(one);
      });
    running.add(one);
  };
  start(() => undefined);
  while (running.size > 0) await Promise.race(running);
  if (failures.length > 0) throw failures[0];
}
