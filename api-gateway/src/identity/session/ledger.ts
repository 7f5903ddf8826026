import type { Clock, Logger } from '@osmo/kube';
import { RequestError } from '../../http/errors.ts';
import {
  changed,
  emptyLedger,
  isEnded,
  type LedgerChange,
  type LedgerContent,
  type LedgerOutcome,
  merged,
  readLedger,
  writeLedger,
} from './ledger-content.ts';
import type { Session } from './session.ts';

/** Changes that may wait for being written. */
const mostWaiting = 1_000;
/** How often a write is tried again because another replica wrote in between. */
const mostTries = 10;

/** Where the ledger is kept: one text, which changes only for who knows the version that is there. */
export interface LedgerStore {
  /** @throws when it can't be read */
  read(): Promise<{ text: string | undefined; version: string }>;
  /** @returns whether it was written: not when there is another version by now. @throws when it can't be written */
  write(text: string, version: string): Promise<boolean>;
}

interface Waiting {
  change: LedgerChange;
  resolve: (outcome: 'done' | 'used') => void;
  reject: (error: unknown) => void;
}

/**
 * What replicas must agree on about logins and sessions, which are otherwise all in their cookies: a login that was used counts at no
 * replica again, and a session that was ended is over at each. Whoever changes it has it written before going on; the others hear
 * of it by `take`.
 */
export class Ledger {
  readonly #store: LedgerStore;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #known: LedgerContent = emptyLedger;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(store: LedgerStore, { clock, logger }: { clock: Clock; logger: Logger }) {
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Takes what is stored now; what can't be read changes nothing. */
  take(text: string | undefined): void {
    try {
      this.#known = merged(this.#known, readLedger(text), this.#now());
    } catch (error) {
      this.#logger.error('what is stored of ended sessions can not be read', { error });
    }
  }

  /** Whether a session was ended, as far as is known here. */
  isEnded(session: Session): boolean {
    return isEnded(this.#known, session);
  }

  /**
   * Makes a change, at all replicas or not at all. `used`: what counts once only was used before, and nothing changed.
   *
   * @throws RequestError 503 when it can't be written
   */
  change(change: LedgerChange): Promise<'done' | 'used'> {
    if (this.#waiting.length >= mostWaiting) return Promise.reject(unavailable());
    const { promise, resolve, reject } = Promise.withResolvers<'done' | 'used'>();
    this.#waiting.push({ change, resolve, reject });
    if (!this.#writing) void this.#writeAll();
    return promise;
  }

  /** One write at a time, of all that came meanwhile. */
  async #writeAll(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        // oxlint-disable-next-line no-await-in-loop
        await this.#write(batch);
      } catch (error) {
        this.#logger.error('a login or logout could not be written down', { error });
        for (const { reject } of batch) reject(unavailable());
      }
    }
    this.#writing = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    for (let tries = 0; tries < mostTries; tries++) {
      // Each try is of what the former found.
      // oxlint-disable-next-line no-await-in-loop
      const { text, version } = await this.#store.read();
      let content = readLedger(text);
      const outcomes = batch.map(({ change }): LedgerOutcome => {
        const outcome = changed(content, change, this.#now());
        if (typeof outcome === 'object') ({ content } = outcome);
        return outcome;
      });
      const isNew = outcomes.some((outcome) => typeof outcome === 'object');
      // oxlint-disable-next-line no-await-in-loop
      if (isNew && !(await this.#store.write(writeLedger(content), version))) continue;
      this.#known = merged(this.#known, content, this.#now());
      for (const [at, { resolve, reject }] of batch.entries()) {
        const outcome = outcomes[at];
        if (outcome === 'full') reject(unavailable());
        else resolve(outcome === 'used' ? 'used' : 'done');
      }
      return;
    }
    throw new Error('other replicas wrote in between each time');
  }

  #now(): number {
    return Math.floor(this.#clock.now().getTime() / 1000);
  }
}

/** A store in this process, for a gateway alone. */
export function memoryStore(): LedgerStore {
  let [text, version]: [string | undefined, number] = [undefined, 0];
  return {
    read: async () => ({ text, version: String(version) }),
    async write(next, known) {
      if (known !== String(version)) return false;
      [text, version] = [next, version + 1];
      return true;
    },
  };
}

const unavailable = (): RequestError =>
  new RequestError(503, 'SERVER', 'logins and logouts can not be written down at the moment; try again', {
    headers: { 'retry-after': '10' },
  });
