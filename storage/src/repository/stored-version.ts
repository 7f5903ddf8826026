import { fetchChunks } from './fetch-chunks.ts';
import type { Manifest, PageRef } from './manifest.ts';
import { canonicalOf, type ChunkRef, decodePage, type Entry, type Line, linesOf } from './page.ts';
import { comparePaths } from './paths.ts';
import { RepositoryError } from './repository-error.ts';
import { type RestoreTools, restoreVersion } from './restore.ts';
import type { FileInfo, ListOptions, ManifestDigest, ReadOptions, RestoreOptions, Version } from './types.ts';

/** Pages whose entries are in memory. */
const cachedPages = 4;

/** A version, read from its manifest, which says where its pages are, which say where the chunks are: nothing else is needed. */
export class StoredVersion implements Version {
  readonly manifest: ManifestDigest;
  readonly files: number;
  readonly bytes: number;
  readonly #manifest: Manifest;
  readonly #options: RestoreTools;
  readonly #cache = new Map<PageRef, Promise<Entry[]>>();

  constructor(manifest: Manifest, options: RestoreTools) {
    this.manifest = manifest.digest;
    this.files = manifest.files;
    this.bytes = manifest.bytes;
    this.#manifest = manifest;
    this.#options = options;
  }

  get pages(): readonly PageRef[] {
    return this.#manifest.pages;
  }

  /** All that are needed to read it. */
  get packs(): ReadonlySet<string> {
    return this.#manifest.packs;
  }

  async *list({ prefix = '', after = '', limit = Infinity, signal }: ListOptions = {}): AsyncGenerator<FileInfo> {
    let left = limit;
    if (left <= 0) return;
    for await (const blob of this.#blobs(this.#pagesFrom(prefix, after), signal)) {
      for (const line of linesOf(blob, this.#options.blake3)) {
        if (!line.path.startsWith(prefix)) {
          if (prefix !== '' && comparePaths(line.path, prefix) > 0) return;
          continue;
        }
        if (after !== '' && comparePaths(line.path, after) <= 0) continue;
        yield infoOf(line);
        if (--left <= 0) return;
      }
    }
  }

  /** Entries with their chunks, in the order of paths. */
  async *entries({
    prefix = '',
    signal,
  }: { prefix?: string; signal?: AbortSignal | undefined } = {}): AsyncGenerator<Entry> {
    for await (const blob of this.#blobs(this.#pagesFrom(prefix, ''), signal)) {
      for (const entry of decodePage(blob)) {
        if (entry.path.startsWith(prefix)) yield entry;
        else if (comparePaths(entry.path, prefix) > 0) return;
      }
    }
  }

  async find(path: string): Promise<FileInfo | undefined> {
    const page = this.#pageOf(path);
    if (page === undefined) return undefined;
    for await (const blob of this.#blobs([page])) {
      for (const line of linesOf(blob, this.#options.blake3)) if (line.path === path) return infoOf(line);
    }
    return undefined;
  }

  /** An entry with its chunks; pages that were read last are kept. */
  async entry(path: string): Promise<Entry | undefined> {
    const page = this.#pageOf(path);
    if (page === undefined) return undefined;
    return (await this.#entriesOf(page)).find((entry) => entry.path === path);
  }

  async *read(path: string, { offset = 0, length = Infinity, signal }: ReadOptions = {}): AsyncGenerator<Uint8Array> {
    const entry = await this.entry(path);
    if (entry?.kind !== 'file') {
      const what = entry === undefined ? 'is not in this version' : `is a ${entry.kind}`;
      throw new RepositoryError('Refused', `path ${JSON.stringify(path)} of ${this.manifest}: ${what}`);
    }
    if (!(offset >= 0 && length >= 0)) {
      throw new RepositoryError('Refused', `range ${offset}+${length}: offset and length must be numbers ≥ 0`);
    }
    const end = offset + length;
    const parts: (ChunkRef & { start: number })[] = [];
    let start = 0;
    for (const chunk of entry.chunks) {
      if (start + chunk.size > offset && start < end) parts.push({ ...chunk, start });
      start += chunk.size;
    }
    for await (const { item, plain } of fetchChunks(parts, {
      ...this.#options,
      signal: signal ?? this.#options.signal,
    })) {
      yield plain.subarray(Math.max(0, offset - item.start), Math.min(plain.byteLength, end - item.start));
    }
  }

  restore(folder: string, options: RestoreOptions = {}): Promise<{ files: number; bytes: number; skipped: number }> {
    return restoreVersion(this, folder, this.#options, options);
  }

  async *#blobs(pages: readonly PageRef[], signal?: AbortSignal): AsyncGenerator<Buffer> {
    const { blake3, store } = this.#options;
    const fetched = fetchChunks(pages, { ...this.#options, signal: signal ?? this.#options.signal });
    for await (const { item, plain } of fetched) {
      if (!blake3.digest(canonicalOf(plain)).equals(item.canonical)) {
        const what = `the page of files from ${JSON.stringify(item.first)} on`;
        throw new RepositoryError('Corrupt', `${store.url}: ${what} isn't the one of ${this.manifest}`);
      }
      yield plain;
    }
  }

  async #entriesOf(page: PageRef): Promise<Entry[]> {
    const known = this.#cache.get(page);
    if (known !== undefined) return known;
    const read = (async () => {
      for await (const blob of this.#blobs([page])) return decodePage(blob);
      return [];
    })();
    this.#cache.set(page, read);
    read.catch(() => this.#cache.delete(page));
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > cachedPages && oldest !== undefined) this.#cache.delete(oldest);
    return read;
  }

  /** Pages from the one on that may hold the first path with this prefix, or behind another. */
  #pagesFrom(prefix: string, after: string): readonly PageRef[] {
    const from = comparePaths(prefix, after) > 0 ? prefix : after;
    const index = this.#indexOf(from);
    const pages = this.pages.slice(Math.max(0, index));
    if (prefix === '') return pages;
    const end = pages.findIndex(({ first }) => comparePaths(first, prefix) > 0 && !first.startsWith(prefix));
    return end < 0 ? pages : pages.slice(0, end);
  }

  #pageOf(path: string): PageRef | undefined {
    return this.pages[this.#indexOf(path)];
  }

  /** Of the last page that doesn't begin behind the path; -1 when all do. */
  #indexOf(path: string): number {
    let [low, high] = [0, this.pages.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comparePaths(this.pages[middle]?.first ?? '', path) <= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function infoOf({ digest, ...line }: Line): FileInfo {
  return { ...line, digest: `blake3:${digest}` };
}
