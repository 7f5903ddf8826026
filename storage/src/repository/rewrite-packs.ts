import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { encode } from './codec.ts';
import { DedupIndex } from './dedup-index.ts';
import { fetchChunks, fetchGroup, groupsOf, openChunk } from './fetch-chunks.ts';
import type { Blake3 } from './hash.ts';
import { encodeManifest, type PageRef } from './manifest.ts';
import { type FoundManifest, readManifest, versionKeys } from './manifests.ts';
import { readEntries } from './pack-entries.ts';
import { type NeededOffsets, placeOf, sparsePacks } from './pack-usage.ts';
import { PackWriter, type StoredPack } from './pack-writer.ts';
import { type ChunkRef, decodePage, encodePage, type Entry, type Location } from './page.ts';
import { isRepositoryError, RepositoryError } from './repository-error.ts';
import { Session } from './session.ts';

export interface RewriteOptions {
  store: ObjectStore;
  blake3: Blake3;
  /** Packs of which less than this part is needed are written anew; 0: none. */
  below: number;
  now?: (() => number) | undefined;
  newName?: (() => string) | undefined;
  signal?: AbortSignal | undefined;
}

/** Manifests that wait for their pages to be stored; bytes. */
const mostWaiting = 32 * 1024 * 1024;

/**
 * Puts what is needed of sparse packs into new ones, and lets versions refer to these: afterwards the old packs are garbage like any
 * other. A version keeps its digest, which doesn't cover places; its manifest is replaced only if it still is the one that was read.
 *
 * @returns how many packs were written anew; 0 also when something is damaged (which `verify` names) or the work came too late
 */
export async function rewritePacks(options: RewriteOptions): Promise<number> {
  const { store, blake3, below, signal } = options;
  if (below <= 0) return 0;
  try {
    const sparse = await sparsePacks(store, blake3, below, signal);
    if (sparse.size === 0) return 0;
    const session = new Session(options);
    await session.begin();
    try {
      await new Rewriting(options, session).run(sparse);
    } finally {
      await session.end();
    }
    return sparse.size;
  } catch (error) {
    if (isRepositoryError(error, 'Corrupt', 'Conflict')) return 0;
    throw error;
  }
}

/** A manifest with other places, and the one that it replaces. */
interface Moved {
  found: FoundManifest;
  bytes: Buffer;
}

/** A page with other places. */
interface MovedPage {
  page: Pick<PageRef, 'digest' | 'size' | 'at'>;
  /** That it needs instead of sparse ones, its own too. */
  packs: ReadonlySet<string>;
}

class Rewriting {
  readonly #options: RewriteOptions;
  readonly #session: Session;
  readonly #index: DedupIndex;
  readonly #data: PackWriter;
  readonly #lists: PackWriter;
  /** Where chunks and pages of sparse packs are now, by their former places. */
  readonly #places = new Map<string, Location>();
  /** By the former places of the pages; undefined for one that needs something that wasn't needed before. */
  readonly #pages = new Map<string, MovedPage | undefined>();
  #waiting: Moved[] = [];
  #waitingBytes = 0;

  constructor(options: RewriteOptions, session: Session) {
    const { store, blake3, signal } = options;
    this.#options = options;
    this.#session = session;
    this.#index = new DedupIndex({ store, blake3, session: session.id, mayUse: () => true, signal });
    const packs = {
      store,
      blake3,
      signal,
      nextId: () => session.nextPack(),
      onStored: (pack: StoredPack) => {
        session.use(pack.id);
        this.#index.add(pack);
      },
    };
    this.#data = new PackWriter(packs);
    this.#lists = new PackWriter(packs);
  }

  async run(sparse: ReadonlyMap<string, { size: number; needed: NeededOffsets }>): Promise<void> {
    const { store, blake3, signal } = this.#options;
    try {
      for (const [pack, { size, needed }] of sparse) await this.#copy(pack, size, needed);
      await this.#data.finish();
      for await (const key of versionKeys(store, signal)) {
        await this.#session.renew();
        const found = await readManifest(store, key, blake3, signal);
        const moved = found && (await this.#move(found, sparse));
        if (moved === undefined) continue;
        this.#waiting.push(moved);
        this.#waitingBytes += moved.bytes.byteLength + moved.found.bytes.byteLength;
        if (this.#waitingBytes > mostWaiting) await this.#publish();
      }
      await this.#publish();
      await this.#index.flush({ all: true });
    } catch (error) {
      await Promise.allSettled([this.#data.abandon(), this.#lists.abandon()]);
      throw error;
    }
  }

  /** Copies what is needed of a pack, after checking it: what is damaged stays where it is found. */
  async #copy(pack: string, size: number, needed: NeededOffsets): Promise<void> {
    const { store, blake3, signal } = this.#options;
    const entries = await readEntries(store, pack, size, blake3, signal);
    const wanted = entries
      .filter(({ offset }) => needed.has(offset))
      .map(({ digest, offset, length, encoding, size: bytes }) => ({
        digest,
        size: bytes,
        at: { pack, offset, length, encoding },
      }));
    for await (const group of groupsOf(wanted)) {
      await this.#session.renew();
      const bytes = await fetchGroup(group, this.#options);
      const start = group[0]?.at.offset ?? 0;
      for (const chunk of group) {
        const { offset, length, encoding } = chunk.at;
        const stored = bytes.subarray(offset - start, offset - start + length);
        openChunk(chunk, stored, this.#options);
        this.#places.set(placeOf(chunk.at), this.#data.append(chunk.digest, chunk.size, { encoding, stored }));
        await this.#data.ready();
      }
    }
  }

  /** The manifest of a version with other places; undefined when it needs no sparse pack, or more of one than was copied. */
  async #move(found: FoundManifest, sparse: ReadonlyMap<string, unknown>): Promise<Moved | undefined> {
    const { manifest } = found;
    if (![...manifest.packs].some((pack) => sparse.has(pack))) return undefined;
    const pages: PageRef[] = [];
    const packs = new Set([...manifest.packs].filter((pack) => !sparse.has(pack)));
    for await (const { item, plain } of fetchChunks<PageRef>(manifest.pages, this.#options)) {
      const place = placeOf(item.at);
      if (!this.#pages.has(place)) this.#pages.set(place, await this.#movePage(item, plain, sparse));
      const moved = this.#pages.get(place);
      if (moved === undefined) return undefined;
      pages.push({ ...item, ...moved.page });
      for (const pack of moved.packs) packs.add(pack);
    }
    const { digest, bytes } = encodeManifest(pages, packs, this.#options.blake3);
    if (digest !== manifest.digest) throw changed(found.key);
    return { found, bytes };
  }

  async #movePage(page: PageRef, blob: Buffer, sparse: ReadonlyMap<string, unknown>): Promise<MovedPage | undefined> {
    const { blake3 } = this.#options;
    const packs = new Set<string>();
    const lost: Location[] = [];
    const place = (at: Location): Location => {
      if (!sparse.has(at.pack)) return at;
      const to = this.#places.get(placeOf(at));
      if (to === undefined) lost.push(at);
      packs.add(to?.pack ?? at.pack);
      return to ?? at;
    };
    const entries = decodePage(blob).map((entry): Entry => {
      const chunks = entry.chunks.map((chunk): ChunkRef => ({ ...chunk, at: place(chunk.at) }));
      return { ...entry, chunks };
    });
    const isSame = packs.size === 0;
    const at = isSame ? place(page.at) : undefined;
    if (lost.length > 0) return undefined;
    if (at !== undefined) return { page: { digest: page.digest, size: page.size, at }, packs };
    const made = encodePage(entries);
    if (!blake3.digest(made.canonical).equals(page.canonical)) throw changed(page.first);
    const digest = blake3.digest(made.blob);
    const size = made.blob.byteLength;
    const to = this.#lists.append(digest, size, encode(made.blob));
    await this.#lists.ready();
    return { page: { digest, size, at: to }, packs: packs.add(to.pack) };
  }

  /** Replaces the manifests that wait, those that are still what was read. */
  async #publish(): Promise<void> {
    const { store, signal } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (waiting.length === 0) return;
    await this.#lists.finish();
    const done: { found: FoundManifest; etag: string }[] = [];
    await this.#session.commit(
      async () => {
        for (const { found, bytes } of waiting) {
          const etag = await replaced(store, found.key, bytes, found.etag, signal);
          if (etag !== undefined) done.push({ found, etag });
        }
      },
      async () => {
        for (const { found, etag } of done) await replaced(store, found.key, found.bytes, etag, signal);
      },
    );
  }
}

/** Replaces an object that is still the one of that etag. @returns its new etag; undefined when it is another one, or none */
async function replaced(
  store: ObjectStore,
  key: string,
  bytes: Buffer,
  etag: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return (await store.put(key, bytes, { ifMatch: etag, signal })).etag;
  } catch (error) {
    if (isStoreError(error, 'Changed', 'NotFound')) return undefined;
    throw error;
  }
}

function changed(what: string): RepositoryError {
  return new RepositoryError('Corrupt', `${what}: says something else in its new form`);
}
