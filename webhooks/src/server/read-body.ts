import type { IncomingMessage } from 'node:http';

/** A request whose body isn't taken. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Bytes of all bodies that are being read, or wait for their answer: a bound on what callers can make the process hold. */
export class BodyBudget {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** @returns false when there is no room. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#most) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

/** A body that was read. */
export interface Body {
  text: string;
  bytes: number;
  /** Gives its room back; to be called once, when its text isn't needed any more. */
  done: () => void;
}

/**
 * Reads a JSON body of at most `limit` bytes.
 *
 * @throws BodyError: 413 when it is longer, 503 when the others together leave no room, 415 for another type, 400 when it
 *   breaks off
 */
export async function readBody(request: IncomingMessage, limit: number, budget: BodyBudget): Promise<Body> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new BodyError(415, 'the body must be application/json');
  const tooLarge = () => new BodyError(413, `the body must have at most ${limit} bytes`);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (!budget.take(chunk.length)) throw new BodyError(503, 'too many requests at once; try again');
      size += chunk.length;
      if (size > limit) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    budget.give(size);
    throw error instanceof BodyError ? error : new BodyError(400, 'the body broke off');
  }
  return { text: Buffer.concat(chunks).toString('utf8'), bytes: size, done: () => budget.give(size) };
}
