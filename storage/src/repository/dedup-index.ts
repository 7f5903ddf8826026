import { readAll } from '../bytes.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { ChunkTable, prefixBytes } from './chunk-table.ts';
import type { Blake3 } from './hash.ts';
import { decodeRun, encodeRun, entryBytes, headerLength, type IndexedPack, rarest, runHeadBytes } from './index-run.ts';
import { indexFolder, packKey } from './layout.ts';
import { decodeFooter, type PackEntry } from './pack.ts';
import type { StoredPack } from './pack-writer.ts';
import type { Location } from './page.ts';
import { isRepositoryError } from './repository-error.ts';

/** Chunks that a writer keeps in memory at 12 to 36 bytes each; of more it knows every second, fourth … and their neighbours. */
const mostChunks = 4_000_000;
/** Chunks of packs whose lists are in memory. */
const mostListed = 262_144;
/** Packs after which what was written is put into the index, so that an upload that is broken off isn't lost. */
const packsOfRun = 64;
const longestRun = 512 * 1024 * 1024;

export interface DedupIndexOptions {
  store: ObjectStore;
  blake3: Blake3;
  /** Name of the writer. */
  session: string;
  mayUse: (pack: string) => boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Knows which chunks a repository has, to not store them again. It is never needed to read anything: what it doesn't know is
 * stored once more, what it says is checked in the pack.
 */
export class DedupIndex {
  readonly #options: DedupIndexOptions;
  readonly #packs: { id: string; footerBytes: number }[] = [];
  #table = new ChunkTable(0);
  /** Where the chunks of packs are that were looked into last. */
  readonly #near = new Map<string, Location>();
  /** Those packs, the first one first, with the names of their chunks. */
  readonly #lists = new Map<number, string[]>();
  /** Packs of this writer that are in the store and not in the index yet. */
  #fresh: IndexedPack[] = [];
  #runs = 0;

  constructor(options: DedupIndexOptions) {
    this.#options = options;
  }

  /** Reads the index, or as much of it as fits into memory. */
  async load(): Promise<void> {
    const { store, signal } = this.#options;
    const runs: ObjectInfo[] = [];
    for await (const { objects } of store.list(indexFolder, { signal })) runs.push(...objects);
    const chunks = runs.reduce((sum, { size }) => sum + size / entryBytes, 0);
    const level = Math.min(rarest, Math.max(0, Math.ceil(Math.log2(chunks / mostChunks))));
    this.#table = new ChunkTable(Math.min(chunks, mostChunks));
    for (const run of runs) await this.#loadRun(run, level);
  }

  /** Where a chunk is, when some pack that may be used has it. */
  async find(digest: Buffer): Promise<Location | undefined> {
    const name = digest.toString('latin1');
    // Also neighbours of what was found before, which the table may not know.
    const near = this.#near.get(name);
    if (near !== undefined && this.#options.mayUse(near.pack)) return near;
    for (const number of this.#table.find(digest)) {
      const pack = this.#packs[number];
      if (pack === undefined || this.#lists.has(number) || !this.#options.mayUse(pack.id)) continue;
      await this.#lookInto(number, pack);
      const found = this.#near.get(name);
      if (found?.pack === pack.id) return found;
    }
    return undefined;
  }

  /** Takes in a pack that this writer has stored. */
  add({ id, footerBytes, entries }: StoredPack): void {
    const number = this.#packs.push({ id, footerBytes }) - 1;
    for (const { digest } of entries) this.#table.add(digest, number);
    this.#fresh.push({
      id,
      footerBytes,
      prefixes: Buffer.concat(entries.map(({ digest }) => digest.subarray(0, prefixBytes))),
    });
  }

  /** Writes what isn't in the index yet, when that is enough, or anyway. */
  async flush({ all }: { all: boolean }): Promise<void> {
    if (this.#fresh.length === 0 || (!all && this.#fresh.length < packsOfRun)) return;
    const packs = this.#fresh;
    this.#fresh = [];
    const { store, blake3, session, signal } = this.#options;
    const key = `${indexFolder}${session}-${(this.#runs++).toString().padStart(6, '0')}`;
    await store.put(key, encodeRun(packs, blake3), { signal });
  }

  async #lookInto(number: number, { id, footerBytes }: { id: string; footerBytes: number }): Promise<void> {
    const entries = await this.#entriesOf(id, footerBytes);
    const names = entries.map(({ digest, offset, length, encoding }) => {
      const name = digest.toString('latin1');
      this.#near.set(name, { pack: id, offset, length, encoding });
      return name;
    });
    this.#lists.set(number, names);
    for (const [oldest, chunks] of this.#lists) {
      if (this.#near.size <= mostListed || oldest === number) return;
      for (const name of chunks) this.#near.delete(name);
      this.#lists.delete(oldest);
    }
  }

  /** None when the pack is gone or can't be read: then it has nothing to refer to. */
  async #entriesOf(id: string, footerBytes: number): Promise<PackEntry[]> {
    const { store, blake3, signal } = this.#options;
    const key = packKey(id);
    try {
      const size = (await store.head(key, { signal }))?.size ?? 0;
      if (size < footerBytes) return [];
      const range = { offset: size - footerBytes, length: footerBytes };
      return decodeFooter(await readAll(store, key, { limit: footerBytes, range, signal }), key, blake3);
    } catch (error) {
      if (isStoreError(error, 'NotFound', 'InvalidRange') || isRepositoryError(error, 'Corrupt')) return [];
      throw error;
    }
  }

  async #loadRun({ key, size }: ObjectInfo, level: number): Promise<void> {
    try {
      const { packs, entries } = decodeRun(await this.#readRun(key, size, level), level);
      const first = this.#packs.length;
      for (const pack of packs) this.#packs.push(pack);
      for (let at = 0; at < entries.byteLength; at += entryBytes) {
        const pack = entries.readUInt32LE(at + prefixBytes);
        if (pack < packs.length) this.#table.add(entries.subarray(at, at + prefixBytes), first + pack);
      }
    } catch (error) {
      // Merged or damaged: what it says is only missed.
      if (!isStoreError(error, 'NotFound', 'InvalidRange', 'TooLarge') && !(error instanceof RangeError)) throw error;
    }
  }

  async #readRun(key: string, size: number, level: number): Promise<Buffer> {
    const { store, signal } = this.#options;
    if (level === 0) return readAll(store, key, { limit: longestRun, signal });
    const read = (length: number): Promise<Buffer> =>
      readAll(store, key, { limit: longestRun, range: { offset: 0, length: Math.min(length, size) }, signal });
    const start = headerLength(await read(runHeadBytes));
    // Twice the share that is to be expected; chance stays far below that wherever it would matter.
    const share = Math.ceil(((size - start) / 2 ** level) * 2) + 64 * entryBytes;
    return read(start + share);
  }
}
