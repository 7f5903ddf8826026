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
  /** By a hash of sixteen bits: whether a needle begins so. */
  readonly #filter = new Uint8Array(1 << 16);
  readonly #byHead = new Map<number, Needle[]>();

  constructor(needles: readonly Needle[]) {
    for (const needle of needles) {
      if (needle.bytes.length < headLength) throw new RangeError(`too short to look for: ${needle.what}`);
      const head = needle.bytes.readUInt32BE(0);
      this.#filter[slot(head)] = 1;
      const others = this.#byHead.get(head);
      if (others === undefined) this.#byHead.set(head, [needle]);
      else others.push(needle);
    }
  }

  /** All places of all needles, in order; several forms of one secret at one place count once. */
  hits(text: Buffer): Hit[] {
    const found: Hit[] = [];
    let head = 0;
    for (let end = 0; end < text.length; end++) {
      head = ((head << 8) | (text[end] ?? 0)) >>> 0;
      if (end < headLength - 1 || this.#filter[slot(head)] === 0) continue;
      const at = end - headLength + 1;
      const here = (this.#byHead.get(head) ?? []).filter(({ bytes }) => isAt(text, at, bytes));
      for (const what of new Set(here.map((needle) => needle.what))) found.push({ at, what });
    }
    return found;
  }
}

const slot = (head: number): number => Math.imul(head, 0x9e3779b1) >>> 16;

const isAt = (text: Buffer, at: number, bytes: Buffer): boolean =>
  at + bytes.length <= text.length && text.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0;
