/** A first-in-first-out queue with O(1) operations (amortised) and memory in proportion to what is in it. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.#head >= this.#items.length) return undefined;
    this.#items[this.#head++] = undefined;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Keeps only the items that pass, in their order. O(n). */
  keep(pass: (item: T) => boolean): void {
    this.#items = this.#items.slice(this.#head).filter((item) => pass(item as T));
    this.#head = 0;
  }
}
