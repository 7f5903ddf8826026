import type { Budget } from './budget.ts';

/** Where rendered text goes. */
export interface Output {
  /** @param at offset in the source that the text comes from; `literal`: it stands there as it is. */
  write(text: string, at: number, literal: boolean): void;
}

/** Text that a macro, a `set` block or the like collects. */
export class TextOutput implements Output {
  readonly #budget: Budget;
  readonly #parts: string[] = [];

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  write(text: string): void {
    this.#budget.write(text.length);
    this.#parts.push(text);
  }

  get text(): string {
    return this.#parts.join('');
  }
}

/** A rendered text that knows where in the source each part of it comes from. */
export class MappedOutput implements Output {
  readonly #budget: Budget;
  readonly #parts: string[] = [];
  readonly #segments: { start: number; at: number; literal: boolean }[] = [];
  #length = 0;

  constructor(budget: Budget) {
    this.#budget = budget;
  }

  write(text: string, at: number, literal: boolean): void {
    if (text === '') return;
    this.#budget.write(text.length);
    this.#segments.push({ start: this.#length, at, literal });
    this.#parts.push(text);
    this.#length += text.length;
  }

  get text(): string {
    return this.#parts.join('');
  }

  /** Offset in the source of what stands at an offset of the text. */
  sourceOffset(offset: number): number {
    let [low, high] = [0, this.#segments.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#segments[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const segment = this.#segments[low];
    if (!segment) return 0;
    return segment.literal ? segment.at + (offset - segment.start) : segment.at;
  }
}
