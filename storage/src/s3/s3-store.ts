import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { partsOf } from '../bytes.ts';
import { BodyFailure, marked, prepended } from '../caller-body.ts';
import { checkAnswered, continued, leave } from '../continued.ts';
import { deleteEach } from '../delete-each.ts';
import { PartSlots } from '../send-parts.ts';
import { checkFolder, checkKey, type KeyRule } from '../keys.ts';
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
import { checkRange } from '../range.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import type { Pause } from '../back-off.ts';
import type { OpenOptions } from '../open-store.ts';
import { newClient } from './client.ts';
import { statusOf, translated } from './errors.ts';
import { putParts, putWhole, type Target, type Upload } from './multipart.ts';
import type { S3Target } from './services.ts';

/** S3 takes parts from 5 MiB on. */
const smallestPart = 5 * 1024 * 1024;
const defaultPartSize = 8 * 1024 * 1024;
/** Parts of large objects on their way at once, beside one of each. */
const extraParts = 8;
/** S3's bound. */
const mostDeleted = 1000;
/** How often to try again when somebody else is writing the same key at the same moment. */
const conflictAttempts = 8;
/**
 * Refusals (409) that another request at the same moment explains. The second is versitygw's, where a key was being written
 * and deleted; a key that is a folder for good is refused at the last attempt too.
 */
const momentary: ReadonlySet<string> = new Set(['ConditionalRequestConflict', 'ExistingObjectIsDirectory']);

/** Opens a store in a bucket of a service that speaks S3; nothing is asked of it yet. */
export function openS3Store(target: S3Target, options: OpenOptions = {}): ObjectStore {
  const { partSize = defaultPartSize, credentials, environment = process.env, keys = 'plain', pause, fetch } = options;
  if (partSize < smallestPart) throw new RangeError(`partSize ${partSize}: must be at least ${smallestPart}`);
  return new S3Store(target, newClient(target, { credentials, environment, fetch }), { partSize, keys, pause });
}

class S3Store implements ObjectStore {
  readonly url: string;
  readonly #bucket: string;
  readonly #client: S3Client;
  readonly #partSize: number;
  readonly #keys: KeyRule;
  readonly #pause: Pause | undefined;
  readonly #conditionalWrites: boolean;
  readonly #batchDelete: boolean;
  readonly #slots = new PartSlots(extraParts);
  /** Put before every key. */
  readonly #prefix: string;

  constructor(
    target: S3Target,
    client: S3Client,
    { partSize, keys, pause }: { partSize: number; keys: KeyRule; pause: Pause | undefined },
  ) {
    this.#bucket = target.bucket;
    this.#client = client;
    this.#partSize = partSize;
    this.#keys = keys;
    this.#pause = pause;
    this.#conditionalWrites = target.conditionalWrites;
    this.#batchDelete = target.batchDelete;
    this.#prefix = target.prefix === '' ? '' : `${target.prefix}/`;
    this.url = target.url;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { ifAbsent = false, ifMatch, contentType, signal } = options;
    checkKey(key, this.#keys);
    this.#refuseConditions(key, ifAbsent || ifMatch !== undefined);
    const upload: Upload = {
      client: this.#client,
      target: this.#target(key),
      url: this.#urlOf(key),
      ifAbsent,
      ifMatch,
      contentType,
      signal,
    };
    return this.#write(upload, key, async () => {
      if (body instanceof Uint8Array) return this.#putWhole(upload, body);
      const parts = partsOf(marked(body), this.#partSize);
      const first = await parts.next();
      if (first.done === true) return this.#putWhole(upload, new Uint8Array());
      // A part that isn't full is the last.
      if (first.value.byteLength < this.#partSize) {
        await parts.next();
        return this.#putWhole(upload, first.value);
      }
      return putParts(upload, prepended(first.value, parts), this.#slots);
    });
  }

  async get(key: string, { range, signal, shortLived }: GetOptions = {}): Promise<StoredObject> {
    checkKey(key, this.#keys);
    checkRange(range);
    const { answer, body } = await this.#open(key, { offset: range?.offset ?? 0, length: range?.length }, signal);
    const { ContentLength: length = 0, ContentRange, ETag = '', LastModified } = answer;
    const size = ContentRange === undefined ? length : Number(ContentRange.split('/').at(-1));
    const reading = {
      url: this.#urlOf(key),
      first: body,
      offset: range?.offset ?? 0,
      length,
      reopen: async (rest: { offset: number; length: number }) => (await this.#open(key, rest, signal, ETag)).body,
      translated: (error: unknown) => translated(error, this.#urlOf(key)),
      signal,
      shortLived,
      pause: this.#pause,
    };
    return { info: { key, size, etag: ETag, modified: LastModified ?? new Date(0) }, body: continued(reading) };
  }

  async head(key: string, { signal }: StoreOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key, this.#keys);
    return this.#guard(key, signal, async () => {
      try {
        const { ContentLength, ETag, LastModified } = await this.#client.send(
          new HeadObjectCommand(this.#target(key)),
          { ...(signal !== undefined && { abortSignal: signal }) },
        );
        return { key, size: ContentLength ?? 0, etag: ETag ?? '', modified: LastModified ?? new Date(0) };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async *list(folder: string, options: ListOptions = {}): AsyncGenerator<ListPage> {
    const { shallow = false, after, pageSize = 1000, signal } = options;
    checkFolder(folder, this.#keys);
    let next: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.#bucket,
        Prefix: this.#prefix + folder,
        MaxKeys: pageSize,
        ...(shallow && { Delimiter: '/' }),
        ...(next === undefined && after !== undefined && { StartAfter: this.#prefix + after }),
        ...(next !== undefined && { ContinuationToken: next }),
      });
      // Each page is asked for with the token of the one before.
      // oxlint-disable-next-line no-await-in-loop
      const answer = await this.#guard(folder, signal, () =>
        this.#client.send(command, { ...(signal !== undefined && { abortSignal: signal }) }),
      );
      const objects = (answer.Contents ?? []).map(({ Key = '', Size = 0, ETag = '', LastModified }) => ({
        key: Key.slice(this.#prefix.length),
        size: Size,
        etag: ETag,
        modified: LastModified ?? new Date(0),
      }));
      const folders = (answer.CommonPrefixes ?? []).map(({ Prefix = '' }) => Prefix.slice(this.#prefix.length));
      if (objects.length + folders.length > 0) yield { objects, folders };
      next = answer.IsTruncated === true ? answer.NextContinuationToken : undefined;
    } while (next !== undefined);
  }

  async delete(key: string, { signal }: StoreOptions = {}): Promise<void> {
    checkKey(key, this.#keys);
    await this.#guard(key, signal, async () => {
      try {
        await this.#client.send(new DeleteObjectCommand(this.#target(key)), {
          ...(signal !== undefined && { abortSignal: signal }),
        });
      } catch (error) {
        const { name } = error as Error;
        if (statusOf(error) !== 404 || name === 'NoSuchBucket') throw error;
      }
    });
  }

  async deleteMany(keys: readonly string[], options: StoreOptions = {}): Promise<void> {
    for (const key of keys) checkKey(key, this.#keys);
    if (!this.#batchDelete) return deleteEach(this, keys, options);
    const { signal } = options;
    for (let at = 0; at < keys.length; at += mostDeleted) {
      const Objects = keys.slice(at, at + mostDeleted).map((key) => ({ Key: this.#prefix + key }));
      // One batch after the other.
      // oxlint-disable-next-line no-await-in-loop
      const { Errors = [] } = await this.#guard(keys[at] ?? '', signal, () =>
        this.#client.send(new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects, Quiet: true } }), {
          ...(signal !== undefined && { abortSignal: signal }),
        }),
      );
      const failed = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (failed === undefined) continue;
      const { Key = '', Code = '', Message = '' } = failed;
      const reason = Code === 'AccessDenied' ? 'Denied' : 'Unavailable';
      throw new StoreError(reason, this.#urlOf(Key.slice(this.#prefix.length)), `${Code}: ${Message}`);
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** A write that meets another one is neither done nor refused yet: it is asked again. */
  async #putWhole(upload: Upload, body: Uint8Array): Promise<{ size: number; etag: string }> {
    for (let attempt = 1; ; attempt++) {
      try {
        // One attempt after the other.
        // oxlint-disable-next-line no-await-in-loop
        return await putWhole(upload, body);
      } catch (error) {
        const isRace = statusOf(error) === 409 && momentary.has((error as Error).name);
        if (!isRace || attempt >= conflictAttempts) throw error;
      }
    }
  }

  async #open(
    key: string,
    { offset, length }: { offset: number; length: number | undefined },
    signal: AbortSignal | undefined,
    etag?: string,
  ) {
    const last = length === undefined ? '' : offset + length - 1;
    const isWhole = offset === 0 && length === undefined;
    const answer = await this.#guard(key, signal, () =>
      this.#client.send(
        new GetObjectCommand({
          ...this.#target(key),
          ...(!isWhole && { Range: `bytes=${offset}-${last}` }),
          ...(etag !== undefined && etag !== '' && { IfMatch: etag }),
        }),
        { ...(signal !== undefined && { abortSignal: signal }) },
      ),
    );
    const body = answer.Body as unknown as AsyncIterable<Uint8Array>;
    await checkAnswered({ offset, range: answer.ContentRange, body, url: this.#urlOf(key) });
    if (etag === undefined || answer.ETag === etag) return { answer, body };
    // A service that doesn't know the condition.
    await leave(body);
    throw new StoreError('Changed', this.#urlOf(key), 'was replaced while it was read');
  }

  /** Says of a refused condition which one it was. */
  async #write<T>({ ifAbsent, ifMatch, signal }: Upload, key: string, act: () => Promise<T>): Promise<T> {
    try {
      return await this.#guard(key, signal, act);
    } catch (error) {
      if (ifAbsent && isStoreError(error, 'Changed')) {
        throw new StoreError('AlreadyExists', this.#urlOf(key), 'exists already', { cause: error });
      }
      if (ifMatch !== undefined && isStoreError(error, 'NotFound')) {
        throw new StoreError('Changed', this.#urlOf(key), 'is not there any more', { cause: error });
      }
      throw error;
    }
  }

  #refuseConditions(key: string, hasCondition: boolean): void {
    if (!hasCondition || this.#conditionalWrites) return;
    throw new StoreError(
      'Misconfigured',
      this.#urlOf(key),
      'needs a write with a condition, which GCS ignores by its S3 interface: what several may write at once, datasets for instance, needs another store',
    );
  }

  async #guard<T>(key: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      return await act();
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof BodyFailure) throw error.cause;
      throw translated(error, this.#urlOf(key));
    }
  }

  #target(key: string): Target {
    return { Bucket: this.#bucket, Key: this.#prefix + key };
  }

  #urlOf(key: string): string {
    return `${this.url}/${key}`;
  }
}
