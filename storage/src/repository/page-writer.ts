import type { ChunkStore } from './chunk-store.ts';
import { encode } from './codec.ts';
import type { PageSizes } from './format.ts';
import type { Blake3 } from './hash.ts';
import type { PageRef } from './manifest.ts';
import type { PackWriter } from './pack-writer.ts';
import { encodePage, type Entry, type Location, sizeOf } from './page.ts';
import type { Session } from './session.ts';

/** A page ends in any case when it refers to so many chunks. */
const mostChunks = 16_384;
/** So few bytes of pages get no packs of their own. */
const fewBytes = 1024 * 1024;

export interface PageWriterOptions {
  sizes: PageSizes;
  blake3: Blake3;
  chunks: ChunkStore;
  session: Session;
  /** Of packs that hold pages only, so that a list is read in few requests. */
  writer: PackWriter;
  /** Where the pages of a version go that has few. */
  smallWriter: PackWriter;
  /** Pages of the base, by the latin1 form of their digest. */
  base: ReadonlyMap<string, Location>;
}

interface Cut extends Omit<PageRef, 'at'> {
  blob: Buffer;
}

/** Cuts entries, in the order of paths, into pages, at places that follow from the paths, and stores the pages. */
export class PageWriter {
  readonly #options: PageWriterOptions;
  #entries: Entry[] = [];
  #chunks = 0;
  #waiting: Cut[] = [];
  #waitingBytes = 0;
  readonly #pages: PageRef[] = [];

  constructor(options: PageWriterOptions) {
    this.#options = options;
  }

  async add(entry: Entry): Promise<void> {
    this.#entries.push(entry);
    this.#chunks += entry.chunks.length;
    const { least, normal, most } = this.#options.sizes;
    const { length } = this.#entries;
    const cut = length >= least && (hashOf(entry.path) & (normal - 1)) === 0;
    if (!cut && length < most && this.#chunks < mostChunks) return;
    this.#cut();
    if (this.#waitingBytes > fewBytes || this.#pages.length > 0) await this.#store(this.#options.writer);
  }

  /** Pages of the version, in their order; stored when their writers are finished. */
  async finish(): Promise<readonly PageRef[]> {
    this.#cut();
    await this.#store(this.#pages.length > 0 ? this.#options.writer : this.#options.smallWriter);
    return this.#pages;
  }

  #cut(): void {
    const entries = this.#entries;
    if (entries.length === 0) return;
    const { canonical, blob } = encodePage(entries);
    const { blake3, session } = this.#options;
    // A page that is there already may be taken instead of ours: it names the same packs.
    for (const { chunks } of entries) for (const { at } of chunks) session.use(at.pack);
    this.#waiting.push({
      first: entries[0]?.path ?? '',
      entries: entries.length,
      files: entries.filter(({ kind }) => kind !== 'folder').length,
      bytes: entries.reduce((sum, entry) => sum + sizeOf(entry), 0),
      canonical: blake3.digest(canonical),
      digest: blake3.digest(blob),
      size: blob.byteLength,
      blob,
    });
    this.#waitingBytes += blob.byteLength;
    this.#entries = [];
    this.#chunks = 0;
  }

  async #store(writer: PackWriter): Promise<void> {
    const cuts = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const { chunks, base } = this.#options;
    const places = await chunks.store(
      cuts,
      async (wanted) => wanted.map((number) => encode(cuts[number]?.blob ?? Buffer.alloc(0))),
      writer,
      base,
    );
    cuts.forEach(({ blob: _, ...page }, number) => {
      this.#pages.push({ ...page, at: places[number] as Location });
    });
  }
}

/** FNV-1a of the path in UTF-8, 32 bits, with its halves folded together, since only the lowest bits are looked at. */
function hashOf(path: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(path)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 16)) & 0xffff;
}
