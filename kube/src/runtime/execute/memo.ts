import { createHash } from 'node:crypto';

/** Bounded memory of what was written last, as digests; the oldest entries are forgotten first. */
export class Memo {
  readonly #limit: number;
  readonly #digests = new Map<string, string>();

  constructor(limit = 100_000) {
    this.#limit = limit;
  }

  has(key: string, value: unknown): boolean {
    return this.#digests.get(key) === digest(value);
  }

  set(key: string, value: unknown): void {
    this.#digests.delete(key);
    this.#digests.set(key, digest(value));
    const oldest = this.#digests.keys().next().value;
    if (oldest !== undefined && this.#digests.size > this.#limit) this.#digests.delete(oldest);
  }

  delete(key: string): void {
    this.#digests.delete(key);
  }
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64');
}
