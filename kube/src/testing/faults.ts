/** What a request asks for; also what the request log keeps. */
export interface RequestInfo {
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'apply' | 'delete' | 'deletecollection';
  /** 'plural' or 'plural.group'. */
  resource: string;
  namespace?: string | undefined;
  name?: string | undefined;
  subresource?: string | undefined;
  manager?: string | undefined;
  dryRun: boolean;
}

/** What goes wrong. */
export type Effect =
  /** Refuse without doing anything. */
  | { respond: { status: number; reason?: string; message?: string; retryAfterSeconds?: number; body?: string } }
  /** Break the connection: before the request did anything, or after it did but before the answer. */
  | { reset: 'before' | 'after' }
  /** Do it later. */
  | { delayMs: number }
  /** Never answer; of a watch: never send anything. */
  | { stall: true }
  /**
   * Rewrite the lines of a watch: drop ([]), duplicate, reorder or garble them; 'cut' breaks the connection, 'end' ends it,
   * `half` ends it after part of a line.
   */
  | { lines: (line: string, index: number) => readonly string[] | 'cut' | 'end' | { half: string } };

export interface Fault {
  /** Which requests. Absent: all. */
  on?: ((request: RequestInfo) => boolean) | undefined;
  /** How many of them, after `skip`. Default 1. */
  times?: number | undefined;
  skip?: number | undefined;
  effect: Effect;
}

export interface InjectedFault {
  /** Requests that it struck. */
  readonly hits: number;
  remove(): void;
}

/** The faults that are to strike, in the order in which they were injected. */
export class Faults {
  readonly #active = new Set<{ fault: Fault; seen: number; hits: number }>();

  inject(fault: Fault): InjectedFault {
    const entry = { fault, seen: 0, hits: 0 };
    this.#active.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => this.#active.delete(entry),
    };
  }

  /** The effect that this request suffers, if any. */
  strike(request: RequestInfo): Effect | undefined {
    for (const entry of this.#active) {
      const { on, times = 1, skip = 0, effect } = entry.fault;
      if (on && !on(request)) continue;
      entry.seen++;
      if (entry.seen <= skip) continue;
      entry.hits++;
      if (entry.hits >= times) this.#active.delete(entry);
      return effect;
    }
    return undefined;
  }
}
