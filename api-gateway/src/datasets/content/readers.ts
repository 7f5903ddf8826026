import { RequestError } from '../../http/errors.ts';

/** Most files and lists that are read from stores at once, by everybody and by one caller: each takes memory of this process. */
export const mostReaders = { all: 8, caller: 4 } as const;

/** Counts those who read from stores. */
export class Readers {
  readonly #callers = new Map<string, number>();
  #all = 0;

  /**
   * Begins to count a reader.
   *
   * @returns ends it; more often than once is no harm
   * @throws RequestError 429 with Retry-After when there are too many
   */
  begin(user: string): () => void {
    const own = this.#callers.get(user) ?? 0;
    if (own >= mostReaders.caller || this.#all >= mostReaders.all) {
      const whose =
        own >= mostReaders.caller ? `of yours (${mostReaders.caller})` : `of everybody (${mostReaders.all})`;
      const message = `as many files ${whose} as may be are being read from stores now; try again, or read with a key of your own`;
      throw new RequestError(429, 'SERVER', message, { headers: { 'retry-after': '1' } });
    }
    this.#callers.set(user, own + 1);
    this.#all++;
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#all--;
      const left = (this.#callers.get(user) ?? 1) - 1;
      if (left === 0) this.#callers.delete(user);
      else this.#callers.set(user, left);
    };
  }
}
