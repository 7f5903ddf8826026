export interface TurnLimits {
  /** Most that have their turn at once. */
  count: number;
  /** Most bytes that those have together; a larger one has its turn alone. */
  bytes: number;
  /** Runs something when all that has come in meanwhile was looked at; absent: Node's next turn. */
  soon?: (run: () => void) => void;
}

interface Waiting {
  bytes: number;
  begin: () => void;
}

/**
 * Lets in one after the other, in their order, as many as there is room for. Each begins in a turn of the event loop of its own, so that
 * whatever else the process has to answer, probes above all, waits for one of them and not for all.
 */
export class Turns {
  readonly #limits: Required<TurnLimits>;
  readonly #waiting: Waiting[] = [];
  #count = 0;
  #bytes = 0;
  #scheduled = false;

  constructor({ count, bytes, soon = (run) => void setImmediate(run) }: TurnLimits) {
    this.#limits = { count, bytes, soon };
  }

  /** Waits for a turn; @returns what ends it, to be called once. */
  async take(bytes: number): Promise<() => void> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ bytes, begin });
      this.#schedule();
    });
    return () => {
      this.#count -= 1;
      this.#bytes -= bytes;
      this.#schedule();
    };
  }

  #schedule(): void {
    const [next] = this.#waiting;
    if (this.#scheduled || next === undefined || !this.#hasRoomFor(next)) return;
    this.#scheduled = true;
    this.#limits.soon(() => {
      this.#scheduled = false;
      this.#waiting.shift();
      this.#count += 1;
      this.#bytes += next.bytes;
      next.begin();
      this.#schedule();
    });
  }

  #hasRoomFor({ bytes }: Waiting): boolean {
    if (this.#count === 0) return true;
    return this.#count < this.#limits.count && this.#bytes + bytes <= this.#limits.bytes;
  }
}
