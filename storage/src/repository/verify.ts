import { crc32 } from 'node:zlib';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import { fetchChunks, fetchGroup, groupsOf, openChunk } from './fetch-chunks.ts';
import { readFormat } from './format.ts';
import type { Blake3 } from './hash.ts';
import { isWholeRun } from './index-run.ts';
import {
  checkManifest,
  formatKey,
  indexFolder,
  packIdOf,
  packKey,
  packsFolder,
  versionKey,
  versionsFolder,
} from './layout.ts';
import { decodeManifest, type Manifest, type PageRef } from './manifest.ts';
import { type PackEntry, packHead } from './pack.ts';
import { readEntries } from './pack-entries.ts';
import { canonicalOf, type ChunkRef, decodePage } from './page.ts';
import { isRepositoryError } from './repository-error.ts';
import type { ManifestDigest, Problem, VerifyOptions } from './types.ts';

const longest = 1024 * 1024 * 1024;
const mostPaths = 10;

/** What is known of a pack after looking into it. */
interface Checked {
  /** By offset; undefined when the list at its end can't be read. */
  entries: Map<number, PackEntry> | undefined;
  /** Offsets of damaged chunks, and what is wrong. */
  damaged: Map<number, string>;
}

/**
 * Looks for everything that is wrong. First at each pack, then at each version: whether all that it needs is there. Memory: lists of the
 * packs that one version needs.
 */
export async function* verify(store: ObjectStore, blake3: Blake3, options: VerifyOptions): AsyncGenerator<Problem> {
  yield* new Verification(store, blake3, options).run();
}

class Verification {
  readonly #store: ObjectStore;
  readonly #blake3: Blake3;
  readonly #options: VerifyOptions;
  readonly #packs = new Map<string, Checked | 'missing'>();

  constructor(store: ObjectStore, blake3: Blake3, options: VerifyOptions) {
    this.#store = store;
    this.#blake3 = blake3;
    this.#options = options;
  }

  async *run(): AsyncGenerator<Problem> {
    const { manifest, signal } = this.#options;
    if (manifest !== undefined) {
      yield* this.#checkVersion(checkManifest(manifest));
      return;
    }
    try {
      await readFormat(this.#store, this.#blake3, { signal });
    } catch (error) {
      if (!isRepositoryError(error)) throw error;
      yield { kind: 'Damaged', object: formatKey, detail: error.message };
    }
    for await (const { objects } of this.#store.list(packsFolder, { signal })) {
      for (const { key } of objects) {
        const id = packIdOf(key);
        if (id !== undefined) yield* this.#checkPack(id);
      }
    }
    for await (const { objects } of this.#store.list(indexFolder, { signal })) {
      for (const { key } of objects) yield* this.#checkIndex(key);
    }
    for await (const { objects } of this.#store.list(versionsFolder, { signal })) {
      for (const { key } of objects) yield* this.#checkVersion(`blake3:${key.slice(versionsFolder.length)}`);
    }
  }

  async *#checkVersion(digest: ManifestDigest): AsyncGenerator<Problem> {
    const key = versionKey(digest);
    const { signal } = this.#options;
    let manifest: Manifest;
    try {
      const bytes = await readAll(this.#store, key, { limit: longest, signal });
      manifest = decodeManifest(bytes, digest, key, this.#blake3);
    } catch (error) {
      if (isStoreError(error, 'NotFound')) {
        // Of a walk through all versions, one that was deleted meanwhile.
        if (this.#options.manifest === undefined) return;
        yield { kind: 'Missing', object: key, manifest: digest, detail: 'there is no such version' };
        return;
      }
      if (!isRepositoryError(error)) throw error;
      yield { kind: 'Damaged', object: key, manifest: digest, detail: error.message };
      return;
    }
    for (const pack of manifest.packs) yield* this.#checkPack(pack);
    const affected = new Map<string, { problem: Problem; paths: Set<string> }>();
    for (const page of manifest.pages) await this.#checkPage(page, digest, affected);
    for (const { problem, paths } of affected.values()) yield { ...problem, paths: [...paths] };
  }

  async #checkPage(
    page: PageRef,
    manifest: ManifestDigest,
    affected: Map<string, { problem: Problem; paths: Set<string> }>,
  ): Promise<void> {
    const note = (ref: { at: ChunkRef['at'] }, kind: Problem['kind'], detail: string, path: string): void => {
      const object = packKey(ref.at.pack);
      const name = `${object} ${kind === 'Missing' ? '' : ref.at.offset}`;
      const known = affected.get(name) ?? { problem: { kind, object, manifest, detail }, paths: new Set<string>() };
      affected.set(name, known);
      if (known.paths.size < mostPaths) known.paths.add(path);
    };
    const { signal } = this.#options;
    try {
      for await (const { plain } of fetchChunks([page], { store: this.#store, blake3: this.#blake3, signal })) {
        if (!this.#blake3.digest(canonicalOf(plain)).equals(page.canonical)) {
          note(page, 'Damaged', `holds another page of files at byte ${page.at.offset}`, page.first);
          return;
        }
        for (const { path, chunks } of decodePage(plain)) {
          for (const chunk of chunks) {
            const problem = await this.#problemOf(chunk);
            if (problem !== undefined) note(chunk, problem.kind, problem.detail, path);
          }
        }
      }
    } catch (error) {
      if (!isRepositoryError(error, 'Corrupt')) throw error;
      const kind = this.#packs.get(page.at.pack) === 'missing' ? 'Missing' : 'Damaged';
      note(page, kind, `the files from ${JSON.stringify(page.first)} on can't be listed: ${error.message}`, page.first);
    }
  }

  async #problemOf(chunk: ChunkRef): Promise<Pick<Problem, 'kind' | 'detail'> | undefined> {
    const checked = this.#packs.get(chunk.at.pack);
    if (checked === undefined || checked === 'missing') return { kind: 'Missing', detail: 'is missing' };
    const damaged = checked.damaged.get(chunk.at.offset);
    if (damaged !== undefined) return { kind: 'Damaged', detail: damaged };
    if (checked.entries === undefined) return this.#readChunk(chunk, checked);
    const entry = checked.entries.get(chunk.at.offset);
    const { length, encoding } = chunk.at;
    if (entry?.digest.equals(chunk.digest) && entry.length === length && entry.encoding === encoding) return undefined;
    return { kind: 'Damaged', detail: `has another chunk at byte ${chunk.at.offset}` };
  }

  /** Looks at a chunk itself: of a pack that doesn't say any more what is in it. */
  async #readChunk(chunk: ChunkRef, checked: Checked): Promise<Pick<Problem, 'kind' | 'detail'> | undefined> {
    const options = { store: this.#store, blake3: this.#blake3, signal: this.#options.signal };
    try {
      openChunk(chunk, await fetchGroup([chunk], options), options);
      return undefined;
    } catch (error) {
      if (!isRepositoryError(error, 'Corrupt')) throw error;
      checked.damaged.set(chunk.at.offset, error.message);
      return { kind: 'Damaged', detail: error.message };
    }
  }

  /** Once for each pack; that one is missing is told by the versions that need it. */
  async *#checkPack(id: string): AsyncGenerator<Problem> {
    if (this.#packs.has(id)) return;
    const object = packKey(id);
    const { signal } = this.#options;
    try {
      const size = (await this.#store.head(object, { signal }))?.size;
      if (size === undefined) {
        this.#packs.set(id, 'missing');
        return;
      }
      const checked: Checked = { entries: undefined, damaged: new Map() };
      this.#packs.set(id, checked);
      const entries = await readEntries(this.#store, id, size, this.#blake3, signal);
      checked.entries = new Map(entries.map((entry) => [entry.offset, entry]));
      if (this.#options.data === true) yield* this.#checkChunks(id, entries, checked);
    } catch (error) {
      if (!isRepositoryError(error, 'Corrupt')) throw error;
      yield { kind: 'Damaged', object, detail: error.message };
    }
  }

  async *#checkChunks(pack: string, entries: readonly PackEntry[], checked: Checked): AsyncGenerator<Problem> {
    const options = { store: this.#store, blake3: this.#blake3, signal: this.#options.signal };
    const object = packKey(pack);
    const [first] = entries;
    if (first !== undefined) {
      const head = { offset: 0, length: packHead.byteLength };
      const start = await readAll(this.#store, object, { limit: 64, range: head, signal: options.signal });
      if (!start.equals(packHead)) yield { kind: 'Damaged', object, detail: 'its first bytes are damaged' };
    }
    const refs = entries.map(({ digest, size, check, offset, length, encoding }) => ({
      digest,
      size,
      check,
      at: { pack, offset, length, encoding },
    }));
    for await (const group of groupsOf(refs)) {
      const bytes = await fetchGroup(group, options);
      const start = group[0]?.at.offset ?? 0;
      for (const ref of group) {
        const { offset, length } = ref.at;
        const stored = bytes.subarray(offset - start, offset - start + length);
        try {
          openChunk(ref, stored, options);
          if (crc32(stored) !== ref.check) {
            yield { kind: 'Damaged', object, detail: `the chunk at byte ${offset} is damaged, and can still be read` };
          }
        } catch (error) {
          if (!isRepositoryError(error, 'Corrupt')) throw error;
          checked.damaged.set(offset, error.message);
          yield { kind: 'Damaged', object, detail: error.message };
        }
      }
    }
  }

  async *#checkIndex(key: string): AsyncGenerator<Problem> {
    try {
      const bytes = await readAll(this.#store, key, { limit: longest, signal: this.#options.signal });
      if (isWholeRun(bytes, this.#blake3)) return;
    } catch (error) {
      if (isStoreError(error, 'NotFound')) return;
      throw error;
    }
    const detail = 'is damaged: no file is affected, but some may be stored twice until garbage is collected';
    yield { kind: 'Damaged', object: key, detail };
  }
}
