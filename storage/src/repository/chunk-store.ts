import type { Encoded } from './batch-reader.ts';
import type { DedupIndex } from './dedup-index.ts';
import type { PackWriter, StoredPack } from './pack-writer.ts';
import type { Location } from './page.ts';
import type { Session } from './session.ts';

/** A chunk that is to be in the store. */
export interface Wanted {
  digest: Buffer;
  size: number;
}

/** Where chunks are that were found elsewhere than in the index, by the latin1 form of their digest. */
export type KnownChunks = ReadonlyMap<string, Location>;

interface Claim {
  location: Promise<Location>;
  settle: (location: Location) => void;
  fail: (error: unknown) => void;
}

/** Stores each chunk once: of those who bring the same one at the same time, one does it and the others wait for where. */
export class ChunkStore {
  readonly #index: DedupIndex;
  readonly #session: Session;
  /** Chunks that are being stored, until the index knows them. */
  readonly #claims = new Map<string, Claim>();

  constructor(index: DedupIndex, session: Session) {
    this.#index = index;
    this.#session = session;
  }

  /**
   * Says where chunks are, after putting those into packs that aren't anywhere.
   *
   * @param encode gives the stored forms of some of them, by their places in `chunks`
   */
  async store(
    chunks: readonly Wanted[],
    encode: (wanted: readonly number[]) => Promise<readonly Encoded[]>,
    writer: PackWriter,
    known?: KnownChunks,
  ): Promise<Location[]> {
    const claimed = new Set<number>();
    const claims = chunks.map(({ digest }, number) =>
      this.#claim(digest.toString('latin1'), () => claimed.add(number)),
    );
    try {
      const wanted: number[] = [];
      for (const number of claimed) {
        const { digest } = chunks[number] as Wanted;
        const found = this.#usable(known?.get(digest.toString('latin1'))) ?? (await this.#index.find(digest));
        if (found === undefined) wanted.push(number);
        else {
          claims[number]?.settle(found);
          this.#claims.delete(digest.toString('latin1'));
        }
      }
      const encoded = wanted.length === 0 ? [] : await encode(wanted);
      wanted.forEach((number, at) => {
        const { digest, size } = chunks[number] as Wanted;
        claims[number]?.settle(writer.append(digest, size, encoded[at] as Encoded));
      });
      await writer.ready();
    } catch (error) {
      for (const number of claimed) claims[number]?.fail(error);
      throw error;
    }
    const locations = await Promise.all(claims.map(({ location }) => location));
    for (const { pack } of locations) this.#session.use(pack);
    return locations;
  }

  /** To be called when a pack is in the store. */
  packed(pack: StoredPack): void {
    this.#index.add(pack);
    for (const { digest } of pack.entries) this.#claims.delete(digest.toString('latin1'));
  }

  #usable(location: Location | undefined): Location | undefined {
    return location !== undefined && this.#session.mayUse(location.pack) ? location : undefined;
  }

  #claim(name: string, onOwn: () => void): Claim {
    const existing = this.#claims.get(name);
    if (existing !== undefined) return existing;
    onOwn();
    const { promise, resolve, reject } = Promise.withResolvers<Location>();
    promise.catch(() => undefined);
    const claim = { location: promise, settle: resolve, fail: reject };
    this.#claims.set(name, claim);
    return claim;
  }
}
