import { crc32 } from 'node:zlib';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import type { Blake3 } from './hash.ts';
import { packKey } from './layout.ts';
import { encodeFooter, type PackEntry, packHead } from './pack.ts';
import type { Location } from './page.ts';

/** When a pack is full. */
export const packBytes = 32 * 1024 * 1024;
/** So that what lists the chunks of a pack stays small beside it. */
const mostEntries = 8192;
/** Packs that are on their way while the next one is filled, when nobody has to wait. */
const uploadsAtOnce = 1;

/** A pack that is in the store. */
export interface StoredPack {
  id: string;
  footerBytes: number;
  entries: readonly PackEntry[];
}

export interface PackWriterOptions {
  store: ObjectStore;
  blake3: Blake3;
  /** Gives the name of the next pack. */
  nextId: () => string;
  /** Called when a pack is in the store. */
  onStored: (pack: StoredPack) => void;
  signal?: AbortSignal | undefined;
}

interface Filling {
  id: string;
  buffer: Buffer;
  entries: PackEntry[];
  size: number;
}

const firstBytes = 64 * 1024;

/** Puts chunks into packs and packs into the store. Memory: the one that is filled, and two that are on their way. */
export class PackWriter {
  readonly #options: PackWriterOptions;
  #filling: Filling | undefined;
  readonly #uploads = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  /** Memory of packs that are in the store, for the next ones. */
  readonly #free: Buffer[] = [];
  /** Bytes of packs that were given to the store. */
  storedBytes = 0;

  constructor(options: PackWriterOptions) {
    this.#options = options;
  }

  /** Bytes that aren't in the store yet. */
  get pendingBytes(): number {
    return this.#filling?.size ?? 0;
  }

  /**
   * Takes a copy of a chunk; where it will be is known at once.
   *
   * @throws what an earlier upload failed with
   */
  append(digest: Buffer, size: number, { encoding, stored }: { encoding: number; stored: Uint8Array }): Location {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#filling ??= this.#begin();
    const { id, entries, size: offset } = this.#filling;
    const entry = { digest, offset, length: stored.byteLength, encoding, size, check: crc32(stored) };
    this.#put(this.#filling, stored);
    entries.push(entry);
    if (this.#filling.size >= packBytes || entries.length >= mostEntries) this.#send();
    return { pack: id, offset, length: entry.length, encoding };
  }

  /** Waits until there is room for more. */
  async ready(): Promise<void> {
    while (this.#uploads.size > uploadsAtOnce) await Promise.race(this.#uploads);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Stores what there is, and waits for all of it. */
  async finish(): Promise<void> {
    this.#send();
    await Promise.all(this.#uploads);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits for what is on its way and forgets the rest. */
  async abandon(): Promise<void> {
    this.#filling = undefined;
    await Promise.all(this.#uploads);
  }

  #begin(): Filling {
    const buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(firstBytes);
    const filling = { id: this.#options.nextId(), buffer, entries: [], size: 0 };
    this.#put(filling, packHead);
    return filling;
  }

  #put(filling: Filling, bytes: Uint8Array): void {
    const size = filling.size + bytes.byteLength;
    if (size > filling.buffer.byteLength) {
      const grown = Buffer.allocUnsafeSlow(Math.max(size, 2 * filling.buffer.byteLength));
      filling.buffer.copy(grown, 0, 0, filling.size);
      filling.buffer = grown;
    }
    filling.buffer.set(bytes, filling.size);
    filling.size = size;
  }

  #send(): void {
    const filling = this.#filling;
    if (filling === undefined) return;
    this.#filling = undefined;
    const upload = this.#upload(filling).catch((error: unknown) => {
      this.#failure ??= { error };
    });
    this.#uploads.add(upload);
    void upload.then(() => this.#uploads.delete(upload));
  }

  async #upload(filling: Filling): Promise<void> {
    const { id, entries } = filling;
    const { store, blake3, onStored, signal } = this.#options;
    const footer = encodeFooter(entries, blake3);
    this.#put(filling, footer);
    const body = filling.buffer.subarray(0, filling.size);
    try {
      await store.put(packKey(id), body, { ifAbsent: true, signal });
    } catch (error) {
      if (!isStoreError(error, 'AlreadyExists')) throw error;
      // No other writer has our name: an answer to this very request was lost.
      const found = await store.head(packKey(id), { signal });
      if (found?.size !== body.byteLength) throw error;
    }
    this.storedBytes += body.byteLength;
    this.#free.push(filling.buffer);
    onStored({ id, footerBytes: footer.byteLength, entries });
  }
}
