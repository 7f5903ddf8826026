import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { type BatchFile, BatchReader, Buffers, type ChunkReader } from './batch-reader.ts';
import { BytePool } from './byte-pool.ts';
import { Chunker, type ChunkSizes } from './chunker.ts';
import { collectGarbage } from './collect-garbage.ts';
import { commit } from './commit.ts';
import { type Format, type PageSizes, readFormat } from './format.ts';
import { type Blake3, loadBlake3 } from './hash.ts';
import { checkManifest, versionKey, versionsFolder } from './layout.ts';
import { decodeManifest } from './manifest.ts';
import { StoredVersion } from './stored-version.ts';
import type {
  CommitOptions,
  CommitResult,
  FolderSource,
  GarbageOptions,
  GarbageResult,
  ManifestDigest,
  Problem,
  Repository,
  RepositoryOptions,
  TreeEntry,
  VerifyOptions,
} from './types.ts';
import { defaultThreads, Threads } from './threads.ts';
import { verify } from './verify.ts';
import { type FileWriter, hasChunks, writeFiles } from './write-files.ts';

/** A manifest of a hundred million chunks stays below. */
const longestManifest = 1024 * 1024 * 1024;

/** Less is read by this thread. */
const fewBytes = 8 * 1024 * 1024;

/** What only tests and the makers of unusual repositories set. */
export interface InnerOptions extends RepositoryOptions {
  /** Of a repository that is made. */
  chunkSizes?: ChunkSizes | undefined;
  pageSizes?: PageSizes | undefined;
  /** Absent: the fastest that is here. */
  blake3?: Blake3 | undefined;
  /** Seconds that never go back. */
  now?: (() => number) | undefined;
  /** Gives names that nobody else has: 16 hexadecimal digits. */
  newName?: (() => string) | undefined;
}

/**
 * Opens the repository in a store.
 *
 * @throws RepositoryError Format when there is none (and `create` isn't set) or none that this program knows
 */
export async function openRepository(store: ObjectStore, options: InnerOptions = {}): Promise<Repository> {
  const blake3 = options.blake3 ?? (await loadBlake3());
  const format = await readFormat(store, blake3, options);
  return new StoredRepository(store, format, blake3, options);
}

class StoredRepository implements Repository {
  readonly #store: ObjectStore;
  readonly #format: Format;
  readonly #blake3: Blake3;
  readonly #chunker: Chunker;
  readonly #buffers: Buffers;
  readonly #options: InnerOptions;
  readonly #workers: number;
  readonly #pool: BytePool;
  #threads: Threads | undefined;
  #movedBytes = 0;
  readonly #writer: FileWriter;

  constructor(store: ObjectStore, format: Format, blake3: Blake3, options: InnerOptions) {
    this.#store = store;
    this.#format = format;
    this.#blake3 = blake3;
    this.#chunker = new Chunker(format.chunker);
    this.#buffers = new Buffers(this.#chunker);
    this.#options = options;
    this.#pool = options.pool ?? new BytePool();
    this.#workers = options.workers ?? defaultThreads();
    this.#writer = {
      write: async (work) => {
        const threads = this.#threadsFor(work.bytes.byteLength);
        if (threads !== undefined) return threads.write(work);
        writeFiles(work, blake3);
      },
      hasChunks: async (file, chunks) => {
        const threads = this.#threadsFor(chunks.sizes.reduce((sum, size) => sum + size, 0));
        return threads === undefined ? hasChunks(file, chunks, blake3) : threads.hasChunks(file, chunks);
      },
    };
  }

  get threads(): number {
    return this.#threads?.started ?? 0;
  }

  commit(tree: AsyncIterable<TreeEntry> | FolderSource, options: CommitOptions = {}): Promise<CommitResult> {
    const context = {
      store: this.#store,
      blake3: this.#blake3,
      format: this.#format,
      lanes: 1 + Math.max(3, this.#workers),
      reader: (files: readonly BatchFile[]) => this.#reader(files),
      open: (manifest: ManifestDigest) => this.open(manifest),
      now: this.#options.now,
      newName: this.#options.newName,
    };
    return commit(context, tree, options);
  }

  async open(manifest: ManifestDigest): Promise<StoredVersion> {
    const key = versionKey(checkManifest(manifest));
    const { signal, limits } = this.#options;
    const bytes = await readAll(this.#store, key, { limit: limits?.manifestBytes ?? longestManifest, signal });
    const decoded = decodeManifest(bytes, manifest, `${this.#store.url}/${key}`, this.#blake3);
    const bounds = limits && { concurrency: limits.requestsAtOnce, itemBytes: limits.itemBytes };
    const tools = { store: this.#store, blake3: this.#blake3, writer: this.#writer, pool: this.#pool, signal };
    return new StoredVersion(decoded, { ...tools, ...bounds });
  }

  async delete(manifest: ManifestDigest): Promise<void> {
    await this.#store.delete(versionKey(checkManifest(manifest)), { signal: this.#options.signal });
  }

  async *versions(): AsyncGenerator<{ manifest: ManifestDigest; created: Date }> {
    for await (const { objects } of this.#store.list(versionsFolder, { signal: this.#options.signal })) {
      for (const { key, modified } of objects) {
        yield { manifest: `blake3:${key.slice(versionsFolder.length)}`, created: modified };
      }
    }
  }

  verify(options: VerifyOptions = {}): AsyncIterable<Problem> {
    return verify(this.#store, this.#blake3, options);
  }

  collectGarbage(options: GarbageOptions = {}): Promise<GarbageResult> {
    const { now, newName } = this.#options;
    return collectGarbage(this.#store, this.#blake3, options, { now, newName });
  }

  async close(): Promise<void> {
    await this.#threads?.close();
    this.#threads = undefined;
  }

  #reader(files: readonly BatchFile[]): ChunkReader {
    // Streams can't be handed to a thread.
    const threads = this.#threadsFor(files.reduce((sum, { size }) => sum + size, 0));
    if (threads === undefined || files.some(({ file }) => file === undefined)) {
      return new BatchReader(files, this.#chunker, this.#blake3, this.#buffers);
    }
    return threads.reader(files);
  }

  /** The first few bytes aren't worth starting threads for. */
  #threadsFor(bytes: number): Threads | undefined {
    this.#movedBytes += bytes;
    if (this.#workers === 0 || (this.#threads === undefined && this.#movedBytes < fewBytes)) return undefined;
    return (this.#threads ??= new Threads(this.#workers, this.#format.chunker));
  }
}
