/** Something to look for; `what` says which secret it is a form of, without giving it away. */
export interface Needle {
  bytes: Buffer;
  what: string;
}

/** Where a needle begins. */
export interface Hit {
  at: number;
  what: string;
}

const headLength = 4;

/**
 * Looks for many needles at once, in one pass: the four bytes at each place say which could begin there.
 *
 * @throws RangeError for a needle of less than four bytes
 */
export class Search {
  /** By a hash of 22 bits, so that thousands of needles leave most of it empty: whether a needle begins so. */
  readonly #filter = new Uint8Array(1 << 22);
  readonly #byHead = new Map<number, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      if (needle.bytes.length < headLength) throw new RangeError(`too short to look for: ${needle.what}`);
      const head = needle.bytes.readInt32BE(0);
      this.#filter[slot(head)] = 1;
      const others = this.#byHead.get(head);
      if (others === undefined) this.#byHead.set(head, [needle]);
      else others.push(needle);
    }
  }

  /** All places of all needles, in order; several forms of one secret at one place count once. */
  hits(text: Buffer): Hit[] {
    const found: Hit[] = [];
    const filter = this.#filter;
    let head = 0;
    for (let end = 0; end < text.length; end++) {
      head = (head << 8) | (text[end] as number);
      if (filter[slot(head)] === 0 || end < headLength - 1) continue;
      const needles = this.#byHead.get(head);
      if (needles === undefined) continue;
      const at = end - headLength + 1;
      const here = needles.filter(({ bytes }) => isAt(text, at, bytes));
      if (here.length > 0) for (const what of new Set(here.map((needle) => needle.what))) found.push({ at, what });
    }
    return found;
  }
}

// Taken once: in the contexts that tests run in, each look at a global costs more than all else that is done for a byte.
const { imul } = Math;
const slot = (head: number): number => imul(head, 0x9e3779b1) >>> 10;

/** Most differ soon: that is seen faster here than by a call for all bytes. */
function isAt(text: Buffer, at: number, bytes: Buffer): boolean {
  if (at + bytes.length > text.length) return false;
  for (let index = headLength; index < bytes.length; index++) {
    if (text[at + index] !== bytes[index]) return false;
  }
  return true;
}
