import { lookup as lookupAddresses } from 'node:dns/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** What the barrier needs of the world outside of its sockets. Neither function throws for being stopped. */
export interface World {
  /** The addresses of a host name; none while it has none, or when the signal aborts first. */
  lookup(host: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Waits, at most until the signal aborts. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
  /** Tells a person what goes on. */
  say(text: string): void;
}

/** The world as it is. A failed look-up is told once, until another one fails otherwise. */
export function realWorld(say: (text: string) => void): World {
  let lastTrouble = '';
  return {
    say,
    pause: (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
    lookup: async (host, signal) => {
      const found = await orAborted(lookupAddresses(host, { all: true }), signal).catch((error: Error) => {
        if (error.message !== lastTrouble) say(error.message);
        lastTrouble = error.message;
        return [];
      });
      return found.map(({ address }) => address);
    },
  };
}

/** The system's look-up can't be stopped, but it needn't be waited for. */
function orAborted<T>(promise: Promise<T[]>, signal: AbortSignal): Promise<T[]> {
  const { promise: stopped, resolve } = Promise.withResolvers<T[]>();
  const stop = (): void => resolve([]);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  return Promise.race([promise, stopped]).finally(() => signal.removeEventListener('abort', stop));
}
