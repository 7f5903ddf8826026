import { mkdir } from 'node:fs/promises';
import type { BytePool } from './byte-pool.ts';
import { damagedChunk, fetchGroup, type FetchOptions, groupsOf } from './fetch-chunks.ts';
import { digestBytes } from './hash.ts';
import { mapOrdered } from './ordered.ts';
import type { ChunkRef, Entry } from './page.ts';
import { RepositoryError } from './repository-error.ts';
import { Drafts, RestoreFolder } from './restore-folder.ts';
import type { StoredVersion } from './stored-version.ts';
import type { RestoreOptions } from './types.ts';
import { DamagedPart, type FileJob, type FileWriter } from './write-files.ts';

interface Part extends ChunkRef {
  entry: Entry;
  /** In the file. */
  offset: number;
}

/** Groups of chunks that are fetched or written at once. */
const groupsAtOnce = 8;
/** Files that are looked at at once, whether they are there already. */
const checksAtOnce = 8;

/** What a version is restored with. */
export interface RestoreTools extends FetchOptions {
  writer: FileWriter;
  pool: BytePool;
}

/**
 * Writes the files of a version below a folder: groups of chunks that lie together are fetched, checked and written several at once,
 * of one file or of many. Memory: what is fetched ahead.
 */
export async function restoreVersion(
  version: StoredVersion,
  folder: string,
  tools: RestoreTools,
  options: RestoreOptions,
): Promise<{ files: number; bytes: number; skipped: number }> {
  const { concurrency = groupsAtOnce, signal = tools.signal } = options;
  await mkdir(folder, { recursive: true });
  const restore = new Restore(version, folder, { ...tools, signal }, options);
  try {
    for await (const _ of mapOrdered(groupsOf(restore.parts()), concurrency, (group) => restore.place(group)));
  } finally {
    await restore.drafts.discard();
  }
  return restore.done;
}

class Restore {
  readonly done = { files: 0, bytes: 0, skipped: 0 };
  readonly drafts: Drafts;
  readonly #version: StoredVersion;
  readonly #target: RestoreFolder;
  readonly #tools: RestoreTools;
  readonly #options: RestoreOptions;

  constructor(version: StoredVersion, folder: string, tools: RestoreTools, options: RestoreOptions) {
    this.#version = version;
    this.#target = new RestoreFolder(folder);
    this.drafts = new Drafts(this.#target);
    this.#tools = tools;
    this.#options = options;
  }

  /** Chunks of the files to be written, in order; what has none is made here. */
  async *parts(): AsyncGenerator<Part> {
    for await (const { entry, isThere } of this.#entries()) {
      this.#tools.signal?.throwIfAborted();
      if (isThere) {
        this.done.skipped++;
        this.#progress();
        continue;
      }
      if (entry.chunks.length === 0) {
        await this.#target.makeEmpty(entry);
        if (entry.kind !== 'folder') this.done.files++;
        this.#progress();
        continue;
      }
      let offset = 0;
      for (const chunk of entry.chunks) {
        yield { ...chunk, entry, offset };
        offset += chunk.size;
      }
    }
  }

  /** Fetches chunks and puts them into their files. */
  async place(group: readonly Part[]): Promise<void> {
    const { signal, writer } = this.#tools;
    signal?.throwIfAborted();
    const { pool } = this.#tools;
    const files = byEntry(group);
    const [jobs, bytes] = await settled(
      this.#jobsOf(files, group[0]?.at.offset ?? 0),
      fetchGroup(group, this.#tools, (length) => pool.take(length)),
    );
    signal?.throwIfAborted();
    // As the jobs have them.
    const parts = [...files.values()].flat();
    const digests = Buffer.concat(
      parts.map(({ digest }) => digest),
      parts.length * digestBytes,
    );
    try {
      await writer.write({ bytes, jobs, digests });
      pool.give(bytes);
    } catch (error) {
      const damaged = error instanceof DamagedPart ? parts[error.part] : undefined;
      if (damaged !== undefined) throw damagedChunk(damaged.at, this.#tools.store, (error as Error).message, error);
      throw error instanceof RangeError ? new RepositoryError('Refused', error.message, { cause: error }) : error;
    }
    for (const [entry, written] of files) {
      this.done.bytes += written.reduce((sum, { size }) => sum + size, 0);
      const isWhole = written.length === entry.chunks.length || (await this.drafts.wrote(entry, written.length));
      if (isWhole) this.done.files++;
      this.#progress();
    }
  }

  /** @param start of what is fetched, in its pack */
  async #jobsOf(files: ReadonlyMap<Entry, readonly Part[]>, start: number): Promise<FileJob[]> {
    const jobs: FileJob[] = [];
    for (const [entry, refs] of files) {
      const parts = refs.map(({ size, offset, at }) => {
        const { length, encoding } = at;
        return { start: at.offset - start, length, encoding, size, offset };
      });
      if (refs.length < entry.chunks.length) {
        jobs.push({ draft: await this.drafts.nameOf(entry), parts });
        continue;
      }
      const { name, place } = await this.#target.placeFor(entry.path);
      jobs.push({ draft: name, parts, whole: { place, mode: entry.mode & 0o777 } });
    }
    return jobs;
  }

  /** Entries that are asked for, and whether they are there already. */
  #entries(): AsyncIterable<{ entry: Entry; isThere: boolean }> {
    const { filter = () => true, prefix = '', resume = false } = this.#options;
    const { signal, writer } = this.#tools;
    const entries = this.#version.entries({ prefix, signal });
    async function* wanted(): AsyncGenerator<Entry> {
      for await (const entry of entries) if (filter(entry.path)) yield entry;
    }
    return mapOrdered(wanted(), resume ? checksAtOnce : 1, async (entry) => ({
      entry,
      isThere: resume && (await this.#target.has(entry, writer)),
    }));
  }

  #progress(): void {
    this.#options.onProgress?.({ files: this.done.files + this.done.skipped, bytes: this.done.bytes });
  }
}

/** Parts by their files, in the order in which they are there. */
function byEntry(group: readonly Part[]): Map<Entry, Part[]> {
  const found = new Map<Entry, Part[]>();
  for (const part of group) {
    const parts = found.get(part.entry);
    if (parts === undefined) found.set(part.entry, [part]);
    else parts.push(part);
  }
  return found;
}

/** Both, when both have ended: what is under way must not outlive its caller. */
async function settled<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
