import { createHash, randomUUID } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { types } from 'node:util';
import { checkFolder, checkKey, type KeyRule } from '../keys.ts';
import { storeUrl } from '../location.ts';
import type {
  Body,
  GetOptions,
  ListOptions,
  ListPage,
  ObjectInfo,
  ObjectStore,
  PutOptions,
  StoredObject,
  StoreOptions,
} from '../object-store.ts';
import { StoreError } from '../store-error.ts';
import { rangeOf } from '../range.ts';
import { deleteEach } from '../delete-each.ts';
import { exclusively } from './exclusively.ts';
import { entriesOf, hasCode, keysBelow, uploads } from './walk.ts';

const readSize = 256 * 1024;

/**
 * A store in a folder: an object is a file. Objects appear whole (written beside, then linked or renamed into place) and
 * are on the disk when `put` resolves. Several processes may use the same folder.
 */
export class FileStore implements ObjectStore {
  readonly url: string;
  readonly #root: string;
  readonly #keys: KeyRule;

  /** @param root absolute path; made when something is stored */
  constructor(root: string, { keys = 'plain' }: { keys?: KeyRule | undefined } = {}) {
    this.#root = root;
    this.#keys = keys;
    this.url = storeUrl({ kind: 'file', path: root });
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { signal, ifAbsent = false, ifMatch } = options;
    this.#check(key);
    signal?.throwIfAborted();
    const draft = join(this.#root, uploads, randomUUID());
    try {
      const file = await this.#guard(key, async () => {
        await mkdir(dirname(draft), { recursive: true });
        return open(draft, 'wx', 0o640);
      });
      const stats = await this.#fill(file, key, body, signal);
      await this.#guard(key, () =>
        ifMatch === undefined ? this.#publish(draft, key, ifAbsent) : this.#replace(draft, key, ifMatch),
      );
      const { size, etag } = infoOf(key, stats);
      return { size, etag };
    } finally {
      await unlink(draft).catch(() => undefined);
    }
  }

  async get(key: string, { range, signal, shortLived = false }: GetOptions = {}): Promise<StoredObject> {
    this.#check(key);
    signal?.throwIfAborted();
    const file = await this.#guard(key, () => open(this.#path(key), constants.O_RDONLY));
    try {
      const stats = await file.stat({ bigint: true });
      if (!stats.isFile()) throw new StoreError('NotFound', this.#urlOf(key), 'is a folder, not an object');
      const info = infoOf(key, stats);
      const { start, end } = rangeOf(range, info.size, this.#urlOf(key));
      return { info, body: this.#read(file, key, { start, end, shortLived }, signal) };
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async head(key: string, { signal }: StoreOptions = {}): Promise<ObjectInfo | undefined> {
    this.#check(key);
    signal?.throwIfAborted();
    return this.#guard(key, () => this.#info(key));
  }

  async *list(folder: string, options: ListOptions = {}): AsyncGenerator<ListPage> {
    const { shallow = false, after, pageSize = 1000, signal } = options;
    checkFolder(folder, this.#keys);
    let page: ListPage = { objects: [], folders: [] };
    const keys = shallow ? this.#shallowKeys(folder) : keysBelow(this.#root, folder, { after, keys: this.#keys });
    for await (const key of this.#guarded(folder, keys)) {
      signal?.throwIfAborted();
      if (key.endsWith('/')) page.folders.push(key);
      else {
        const info = await this.#guard(key, () => this.#info(key));
        // Deleted since its folder was read.
        if (info === undefined) continue;
        page.objects.push(info);
      }
      if (page.objects.length + page.folders.length < pageSize) continue;
      yield page;
      page = { objects: [], folders: [] };
    }
    if (page.objects.length + page.folders.length > 0) yield page;
  }

  async delete(key: string, { signal }: StoreOptions = {}): Promise<void> {
    this.#check(key);
    signal?.throwIfAborted();
    await this.#guard(key, async () => {
      await unlink(this.#path(key)).catch((error: unknown) => {
        if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'EISDIR', 'EPERM')) throw error;
      });
      // Folders exist only by what is in them.
      const segments = key.split('/').slice(0, -1);
      for (; segments.length > 0; segments.pop()) {
        // From the innermost outwards, until one isn't empty.
        // oxlint-disable-next-line no-await-in-loop
        const removed = await rmdir(join(this.#root, ...segments)).then(
          () => true,
          () => false,
        );
        if (!removed) return;
      }
    });
  }

  async deleteMany(keys: readonly string[], options: StoreOptions = {}): Promise<void> {
    for (const key of keys) this.#check(key);
    await deleteEach(this, keys, options);
  }

  async close(): Promise<void> {}

  /** Writes everything, down to the disk, and closes the file. */
  async #fill(file: FileHandle, key: string, body: Body, signal: AbortSignal | undefined): Promise<BigIntStats> {
    try {
      const write = (piece: Uint8Array): Promise<void> => this.#guard(key, () => file.writeFile(piece));
      if (body instanceof Uint8Array) await write(body);
      else {
        for await (const piece of body) {
          signal?.throwIfAborted();
          await write(piece);
        }
      }
      signal?.throwIfAborted();
      await this.#guard(key, () => file.sync());
      return await file.stat({ bigint: true });
    } finally {
      await file.close();
    }
  }

  /** Puts a finished file in its place; a folder that another process removes for being empty is made again. */
  async #publish(draft: string, key: string, ifAbsent: boolean): Promise<void> {
    const target = this.#path(key);
    let made: string | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        // One attempt after the other.
        // oxlint-disable-next-line no-await-in-loop
        made = (await mkdir(dirname(target), { recursive: true })) ?? made;
        // oxlint-disable-next-line no-await-in-loop
        await (ifAbsent ? link(draft, target) : rename(draft, target));
        break;
      } catch (error) {
        if (ifAbsent && hasCode(error, 'EEXIST')) {
          throw new StoreError('AlreadyExists', this.#urlOf(key), 'exists already', { cause: error });
        }
        if (!hasCode(error, 'ENOENT') || attempt >= 100) throw error;
      }
    }
    await syncFolders(dirname(target), made === undefined ? dirname(target) : dirname(made));
  }

  /** Puts a finished file in the place of one version; among all who ask for a version, one at a time. */
  async #replace(draft: string, key: string, etag: string): Promise<void> {
    const lock = join(this.#root, uploads, `${createHash('sha256').update(key).digest('hex')}.lock`);
    await exclusively(lock, async () => {
      const info = await this.#info(key);
      if (info?.etag !== etag) {
        throw new StoreError(
          'Changed',
          this.#urlOf(key),
          info === undefined ? 'is not there any more' : 'was replaced',
        );
      }
      await this.#publish(draft, key, false);
    });
  }

  async *#read(
    file: FileHandle,
    key: string,
    { start, end, shortLived }: { start: number; end: number; shortLived: boolean },
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    let buffer: Buffer | undefined;
    try {
      for (let position = start; position < end;) {
        signal?.throwIfAborted();
        if (buffer === undefined || !shortLived) buffer = Buffer.allocUnsafe(Math.min(readSize, end - position));
        const at = position;
        const bytes = buffer.subarray(0, end - position);
        const { bytesRead } = await this.#guard(key, () => file.read(bytes, 0, bytes.byteLength, at));
        if (bytesRead === 0) throw new StoreError('Unavailable', this.#urlOf(key), 'became shorter while it was read');
        position += bytesRead;
        yield bytes.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }

  async *#shallowKeys(folder: string): AsyncGenerator<string> {
    for (const { name, isFolder } of await entriesOf(join(this.#root, folder), this.#keys)) {
      const key = `${folder}${name}`;
      // A folder whose last object was just deleted is none.
      const first = isFolder ? await keysBelow(this.#root, key, { keys: this.#keys }).next() : undefined;
      if (first?.done !== true) yield key;
    }
  }

  async #info(key: string): Promise<ObjectInfo | undefined> {
    try {
      const stats = await stat(this.#path(key), { bigint: true });
      return stats.isFile() ? infoOf(key, stats) : undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
      throw error;
    }
  }

  async *#guarded<T>(key: string, items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (error) {
      throw this.#translated(key, error);
    }
  }

  async #guard<T>(key: string, act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw this.#translated(key, error);
    }
  }

  #translated(key: string, error: unknown): unknown {
    // Errors of the system come from outside of a test's realm, so that instanceof doesn't know them.
    if (error instanceof StoreError || !types.isNativeError(error)) return error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) return error;
    const url = this.#urlOf(key);
    const of = (reason: StoreError['reason'], detail: string) => new StoreError(reason, url, detail, { cause: error });
    if (code === 'ENOENT') return of('NotFound', 'does not exist');
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return of('Denied', error.message);
    if (['ENOTDIR', 'EISDIR', 'EEXIST', 'ENOTEMPTY', 'ENAMETOOLONG', 'EXDEV'].includes(code)) {
      return of('Misconfigured', `can't be a file of this folder: ${error.message}`);
    }
    return of('Unavailable', error.message);
  }

  #check(key: string): void {
    checkKey(key, this.#keys);
    if (key !== uploads && !key.startsWith(`${uploads}/`)) return;
    throw new RangeError(`object key ${JSON.stringify(key)}: ${uploads}/ is where unfinished objects are`);
  }

  #path(key: string): string {
    return join(this.#root, key);
  }

  #urlOf(key: string): string {
    return `${this.url}/${key}`;
  }
}

/** Brings the names in a folder down to the disk, and those in the folders above it up to `last`. */
async function syncFolders(first: string, last: string): Promise<void> {
  for (let path = first; ; path = dirname(path)) {
    try {
      // oxlint-disable-next-line no-await-in-loop
      const folder = await open(path, constants.O_RDONLY);
      // oxlint-disable-next-line no-await-in-loop
      await folder.sync().then(
        () => folder.close(),
        (error: unknown) => folder.close().then(() => Promise.reject(error as Error)),
      );
    } catch (error) {
      // What was in it has been deleted since, and it with that.
      if (!hasCode(error, 'ENOENT')) throw error;
    }
    if (path.length <= last.length) return;
  }
}

function infoOf(key: string, { size, mtimeNs, mtimeMs, ino }: BigIntStats): ObjectInfo {
  const etag = [size, mtimeNs, ino].map((number) => number.toString(16)).join('-');
  return { key, size: Number(size), etag, modified: new Date(Number(mtimeMs)) };
}
