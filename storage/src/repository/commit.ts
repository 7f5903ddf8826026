import { freeMemory } from '../free-memory.ts';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import type { BatchFile, ChunkReader, Encoded } from './batch-reader.ts';
import { ChunkStore, type KnownChunks } from './chunk-store.ts';
import { DedupIndex } from './dedup-index.ts';
import type { Format } from './format.ts';
import type { Blake3 } from './hash.ts';
import { versionKey } from './layout.ts';
import { encodeManifest } from './manifest.ts';
import { mergeEntries } from './merge.ts';
import { mapOrdered } from './ordered.ts';
import { PackWriter } from './pack-writer.ts';
import type { ChunkRef, Entry, Location } from './page.ts';
import { PageWriter } from './page-writer.ts';
import { checkPath } from './paths.ts';
import { RepositoryError } from './repository-error.ts';
import { Session } from './session.ts';
import { isFolderSource, itemsOfFolder, itemsOfStream, type SourceItem } from './source.ts';
import type { StoredVersion } from './stored-version.ts';
import type { CommitOptions, CommitResult, FolderSource, TreeEntry } from './types.ts';

/** What a commit works with. */
export interface CommitContext {
  store: ObjectStore;
  blake3: Blake3;
  format: Format;
  /** Batches that are read at once. */
  lanes: number;
  /** Reads the files of a batch. */
  reader: (files: readonly BatchFile[]) => ChunkReader;
  open: (manifest: string) => Promise<StoredVersion>;
  /** Seconds that never go back. */
  now?: (() => number) | undefined;
  /** Gives names that nobody else has: 16 hexadecimal digits. */
  newName?: (() => string) | undefined;
}

/** A batch of small files; a larger file is one of its own. */
const batchBytes = 4 * 1024 * 1024;
const batchItems = 256;

/**
 * Commits a version: its contents first, then the list of its files, and last, by a conditional write, what makes it visible. Broken
 * off anywhere it leaves nothing but garbage, of which a later commit makes use.
 */
export async function commit(
  context: CommitContext,
  tree: AsyncIterable<TreeEntry> | FolderSource,
  options: CommitOptions,
): Promise<CommitResult> {
  const { store, now, newName } = context;
  const { signal } = options;
  if (options.at !== undefined) checkPath(options.at);
  const session = new Session({ store, now, newName, signal });
  await session.begin();
  try {
    return await new Commit(context, session, options).run(tree);
  } finally {
    await session.end();
  }
}

class Commit {
  readonly #context: CommitContext;
  readonly #session: Session;
  readonly #options: CommitOptions;
  readonly #index: DedupIndex;
  readonly #chunks: ChunkStore;
  readonly #data: PackWriter;
  readonly #lists: PackWriter;
  readonly #progress = { files: 0, bytes: 0 };

  constructor(context: CommitContext, session: Session, options: CommitOptions) {
    const { store, blake3 } = context;
    const { signal } = options;
    this.#context = context;
    this.#session = session;
    this.#options = options;
    const mayUse = (pack: string): boolean => session.mayUse(pack);
    this.#index = new DedupIndex({ store, blake3, session: session.id, mayUse, signal });
    this.#chunks = new ChunkStore(this.#index, session);
    const packs = {
      store,
      blake3,
      signal,
      nextId: () => session.nextPack(),
      onStored: (pack: Parameters<ChunkStore['packed']>[0]) => this.#chunks.packed(pack),
    };
    this.#data = new PackWriter(packs);
    this.#lists = new PackWriter(packs);
  }

  async run(tree: AsyncIterable<TreeEntry> | FolderSource): Promise<CommitResult> {
    const { blake3, format, open } = this.#context;
    const { base: manifest, remove = () => false, signal } = this.#options;
    const [base] = await Promise.all([manifest === undefined ? undefined : open(manifest), this.#index.load()]);
    for (const pack of base?.packs ?? []) this.#session.hold(pack);
    const pages = new PageWriter({
      sizes: format.pages,
      blake3,
      chunks: this.#chunks,
      session: this.#session,
      writer: this.#lists,
      smallWriter: this.#data,
      base: new Map(base?.pages.map(({ digest, at }) => [digest.toString('latin1'), at])),
    });
    try {
      for await (const entry of mergeEntries(base?.entries({ signal }) ?? none(), this.#entries(tree, base), remove)) {
        signal?.throwIfAborted();
        await pages.add(entry);
      }
      const list = await pages.finish();
      await Promise.all([this.#data.finish(), this.#lists.finish()]);
      await this.#index.flush({ all: true });
      const packs = this.#session.used;
      const { digest, bytes } = encodeManifest(list, packs, blake3);
      await this.#publish(digest, bytes);
      const files = list.reduce((sum, page) => sum + page.files, 0);
      const size = list.reduce((sum, page) => sum + page.bytes, 0);
      const storedBytes = this.#data.storedBytes + this.#lists.storedBytes + bytes.byteLength;
      return { manifest: digest, files, bytes: size, storedBytes };
    } catch (error) {
      await Promise.allSettled([this.#data.abandon(), this.#lists.abandon()]);
      // So that trying again doesn't begin anew. Not by the caller's signal: that may be what ended us.
      await this.#index.flush({ all: true }).catch(() => undefined);
      if (isStoreError(error) || error instanceof RepositoryError) throw error;
      throw error instanceof RangeError ? new RepositoryError('Refused', error.message, { cause: error }) : error;
    }
  }

  async #publish(digest: string, bytes: Buffer): Promise<void> {
    const { store } = this.#context;
    const { signal } = this.#options;
    await this.#session.commit(
      async () => {
        try {
          await store.put(versionKey(digest), bytes, { ifAbsent: true, signal });
        } catch (error) {
          // The same contents were committed before, by somebody or by a lost answer of this request.
          if (!isStoreError(error, 'AlreadyExists')) throw error;
        }
      },
      () => store.delete(versionKey(digest)),
    );
  }

  /** Entries of the tree with their chunks in packs, in the order of paths. */
  async *#entries(
    tree: AsyncIterable<TreeEntry> | FolderSource,
    base: StoredVersion | undefined,
  ): AsyncGenerator<Entry> {
    const items = isFolderSource(tree) ? itemsOfFolder(tree) : itemsOfStream(tree);
    const batches = mapOrdered(batchesOf(items), this.#context.lanes, (batch) => this.#readBatch(batch, base));
    for await (const entries of batches) {
      yield* entries;
      await this.#index.flush({ all: false });
    }
  }

  async #readBatch(items: readonly SourceItem[], base: StoredVersion | undefined): Promise<Entry[]> {
    const paths = items.map(({ path }) => (this.#options.at === undefined ? path : `${this.#options.at}/${path}`));
    const numbers = items.flatMap(({ kind }, number) => (kind === 'file' || kind === 'stream' ? [number] : []));
    const files = numbers.map((number) => fileOf(items[number] as SourceItem));
    const known = new Map<string, Location>();
    for (const number of base === undefined ? [] : numbers) {
      const entry = await base?.entry(paths[number] ?? '');
      for (const { digest, at } of entry?.chunks ?? []) known.set(digest.toString('latin1'), at);
    }
    const read = await this.#readFiles(files, known);
    const skipped = new Set<number>();
    read.failed.forEach((why, file) => {
      if (why === 'gone') skipped.add(numbers[file] ?? -1);
    });
    return items.flatMap((item, number): Entry[] => {
      const { mode } = item;
      const path = paths[number] ?? '';
      if (skipped.has(number)) return [];
      if (item.kind === 'link') return [{ path, kind: 'link', mode, chunks: [], target: item.target }];
      if (item.kind === 'folder') return [{ path, kind: 'folder', mode, chunks: [] }];
      return [{ path, kind: 'file', mode, chunks: read.chunks[numbers.indexOf(number)] ?? [] }];
    });
  }

  /** Reads files, those that change meanwhile once more. */
  async #readFiles(
    files: readonly BatchFile[],
    known: KnownChunks,
    again = false,
  ): Promise<{ chunks: ChunkRef[][]; failed: Map<number, 'gone'> }> {
    const chunks = files.map((): ChunkRef[] => []);
    const changed: number[] = [];
    const failed = new Map<number, 'gone'>();
    const reader = this.#context.reader(files);
    try {
      for (let found = await reader.next(); found !== undefined; found = await reader.next()) {
        this.#options.signal?.throwIfAborted();
        await this.#session.renew();
        const { pieces } = found;
        let encoded: Encoded[] = [];
        const encode = async (wanted: readonly number[]): Promise<Encoded[]> => (encoded = await reader.encode(wanted));
        const places = await this.#chunks.store(pieces, encode, this.#data, known);
        // Packs have copies.
        for (const { stored } of encoded) freeMemory(stored);
        pieces.forEach(({ file, digest, size }, number) => {
          chunks[file]?.push({ digest, size, at: places[number] as Location });
          this.#progress.bytes += size;
        });
        for (const { file, why } of found.failed) {
          if (why === 'gone') failed.set(file, why);
          else changed.push(file);
        }
        this.#options.onProgress?.({ ...this.#progress });
      }
    } finally {
      await reader.close();
    }
    for (const file of changed) {
      const one = files[file] as BatchFile;
      if (again) throw new RepositoryError('Refused', `path ${JSON.stringify(one.path)}: changes while it is read`);
      const second = await this.#readFiles([one], known, true);
      chunks[file] = second.chunks[0] ?? [];
      if (second.failed.has(0)) failed.set(file, 'gone');
    }
    if (!again) this.#progress.files += files.length;
    return { chunks, failed };
  }
}

async function* none(): AsyncGenerator<Entry> {}

function fileOf(item: SourceItem): BatchFile {
  if (item.kind === 'file') return { path: item.path, file: item.file, size: item.size };
  if (item.kind === 'stream') return { path: item.path, size: item.size, open: item.open };
  throw new RangeError(`${item.path} is no file`);
}

/** Items that are read together, in their order. */
async function* batchesOf(items: AsyncIterable<SourceItem>): AsyncGenerator<SourceItem[]> {
  let batch: SourceItem[] = [];
  let bytes = 0;
  for await (const item of items) {
    const size = 'size' in item ? item.size : 0;
    if (batch.length >= batchItems || (batch.length > 0 && bytes + size > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
