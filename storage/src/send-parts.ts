/** How many parts of large objects a store has on their way at once, over all its uploads; each upload may always have one. */
export class PartSlots {
  #free: number;

  constructor(slots: number) {
    this.#free = slots;
  }

  /** Takes a slot if there is one. */
  take(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  give(): void {
    this.#free += 1;
  }
}

/**
 * Sends the parts of a stream, several at once where there are slots. Holds those and the next one. After the first error
 * the others are stopped by their signal; it is thrown when all have ended.
 *
 * @param send gets the index of the part, from 0
 * @returns what `send` gave, in the order of the parts, and their size in bytes
 */
export async function sendParts<T>(
  parts: AsyncIterable<Uint8Array>,
  { slots, signal }: { slots: PartSlots; signal: AbortSignal | undefined },
  send: (part: Uint8Array, index: number, signal: AbortSignal) => Promise<T>,
): Promise<{ size: number; sent: T[] }> {
  const stop = new AbortController();
  const both = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const sent: T[] = [];
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let size = 0;
  let index = 0;
  const start = (part: Uint8Array, number: number, hasSlot: boolean): void => {
    const keep = async (): Promise<void> => {
      sent[number] = await send(part, number, both);
    };
    const one: Promise<void> = keep()
      .catch((error: unknown) => {
        failures.push(error);
        stop.abort(error);
      })
      .finally(() => {
        if (hasSlot) slots.give();
        running.delete(one);
      });
    running.add(one);
  };
  try {
    for await (const part of parts) {
      let hasSlot = false;
      while (running.size > 0 && !(hasSlot = slots.take())) await Promise.race(running);
      if (failures.length > 0) {
        if (hasSlot) slots.give();
        break;
      }
      start(part, index, hasSlot);
      index += 1;
      size += part.byteLength;
    }
  } catch (error) {
    failures.push(error);
    stop.abort(error);
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
  return { size, sent };
}
