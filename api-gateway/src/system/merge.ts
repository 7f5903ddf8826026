/** Pieces that wait for the reader, of all sources together. */
const mostWaiting = 256;

/**
 * Many streams as one: pieces in the order in which they come. Sources may be added while it is read; it ends when all have
 * ended and no more are to come. A slow reader slows the sources down.
 */
export class Merge<T> implements AsyncIterable<T> {
  readonly #waiting: T[] = [];
  readonly #signal: AbortSignal;
  #active = 0;
  #closed = false;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #drained: (() => void)[] = [];

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#changed(), { once: true });
  }

  /** Reads a source to its end. */
  add(source: AsyncIterable<T>, onEnd: () => void = () => undefined): void {
    this.#active++;
    void this.#pump(source)
      .catch((error: unknown) => (this.#failure ??= { error }))
      .finally(() => {
        this.#active--;
        onEnd();
        this.#changed();
      });
  }

  /** No more sources will be added. */
  close(): void {
    this.#closed = true;
    this.#changed();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      if (this.#signal.aborted) return;
      const next = this.#waiting.shift();
      if (next !== undefined) {
        if (this.#waiting.length === 0) this.#release();
        yield next;
        continue;
      }
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#closed && this.#active === 0) return;
      // oxlint-disable-next-line no-await-in-loop
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async #pump(source: AsyncIterable<T>): Promise<void> {
    for await (const piece of source) {
      if (this.#signal.aborted) return;
      this.#waiting.push(piece);
      this.#changed();
      while (this.#waiting.length >= mostWaiting && !this.#signal.aborted) {
        await new Promise<void>((resolve) => {
          this.#drained.push(resolve);
        });
      }
    }
  }

  #changed(): void {
    this.#wake?.();
    this.#wake = undefined;
    if (this.#signal.aborted) this.#release();
  }

  #release(): void {
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }
}
