import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { partsOf } from '../bytes.ts';
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
import { StoreError } from '../store-error.ts';
import type { OpenOptions } from '../open-store.ts';
import { newClient } from './client.ts';
import { statusOf, translated } from './errors.ts';
import { putParts, putWhole, type Target, type Upload } from './multipart.ts';
import type { S3Target } from './services.ts';

/** S3 takes parts from 5 MiB on. */
const smallestPart = 5 * 1024 * 1024;
const defaultPartSize = 8 * 1024 * 1024;
/** How often to try again when somebody else is writing the same key at the same moment. */
const conflictAttempts = 8;

/** Opens a store in a bucket of a service that speaks S3; nothing is asked of it yet. */
export function openS3Store(target: S3Target, options: OpenOptions = {}): ObjectStore {
  const { partSize = defaultPartSize, credentials, environment = process.env, keys = 'plain' } = options;
  if (partSize < smallestPart) throw new RangeError(`partSize ${partSize}: must be at least ${smallestPart}`);
  return new S3Store(target, newClient(target, { credentials, environment }), { partSize, keys });
}

class S3Store implements ObjectStore {
  readonly url: string;
  readonly #bucket: string;
  readonly #client: S3Client;
  readonly #partSize: number;
  readonly #keys: KeyRule;
  /** Put before every key. */
  readonly #prefix: string;

  constructor(target: S3Target, client: S3Client, { partSize, keys }: { partSize: number; keys: KeyRule }) {
    this.#bucket = target.bucket;
    this.#client = client;
    this.#partSize = partSize;
    this.#keys = keys;
    this.#prefix = target.prefix === '' ? '' : `${target.prefix}/`;
    this.url = target.url;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { ifAbsent = false, contentType, signal } = options;
    checkKey(key, this.#keys);
    const upload: Upload = {
      client: this.#client,
      target: this.#target(key),
      url: this.#urlOf(key),
      ifAbsent,
      contentType,
      signal,
    };
    return this.#guard(key, signal, async () => {
      if (body instanceof Uint8Array) return this.#putWhole(upload, body);
      const parts = partsOf(marked(body), this.#partSize);
      const first = await parts.next();
      if (first.done === true) return this.#putWhole(upload, new Uint8Array());
      // A part that isn't full is the last.
      if (first.value.byteLength < this.#partSize) {
        await parts.next();
        return this.#putWhole(upload, first.value);
      }
      return putParts(upload, prepended(first.value, parts));
    });
  }

  async get(key: string, { range, signal }: GetOptions = {}): Promise<StoredObject> {
    checkKey(key, this.#keys);
    checkRange(range);
    const last = range?.length === undefined ? '' : range.offset + range.length - 1;
    const answer = await this.#guard(key, signal, () =>
      this.#client.send(
        new GetObjectCommand({
          ...this.#target(key),
          ...(range !== undefined && { Range: `bytes=${range.offset}-${last}` }),
        }),
        { ...(signal !== undefined && { abortSignal: signal }) },
      ),
    );
    const { Body: body, ContentLength: length = 0, ContentRange, ETag, LastModified } = answer;
    const size = ContentRange === undefined ? length : Number(ContentRange.split('/').at(-1));
    const info = { key, size, etag: ETag ?? '', modified: LastModified ?? new Date(0) };
    return { info, body: this.#read(key, body as unknown as AsyncIterable<Uint8Array>, length, signal) };
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

  async close(): Promise<void> {
    this.#client.destroy();
  }

  /** A conditional write that meets another one is neither done nor refused yet: it is asked again. */
  async #putWhole(upload: Upload, body: Uint8Array): Promise<{ size: number; etag: string }> {
    for (let attempt = 1; ; attempt++) {
      try {
        // One attempt after the other.
        // oxlint-disable-next-line no-await-in-loop
        return await putWhole(upload, body);
      } catch (error) {
        const isRace = statusOf(error) === 409 && (error as Error).name === 'ConditionalRequestConflict';
        if (!isRace || attempt >= conflictAttempts) throw error;
      }
    }
  }

  async *#read(
    key: string,
    body: AsyncIterable<Uint8Array>,
    length: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    let size = 0;
    try {
      for await (const piece of body) {
        signal?.throwIfAborted();
        size += piece.byteLength;
        yield piece;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw translated(error, this.#urlOf(key));
    }
    if (size !== length) {
      throw new StoreError('Unavailable', this.#urlOf(key), `ended after ${size} of ${length} bytes`);
    }
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

/** What the caller's body threw, to be told from what the service did. */
class BodyFailure extends Error {
  override readonly name = 'BodyFailure';
}

async function* marked<T>(body: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* body;
  } catch (error) {
    throw new BodyFailure('the body failed', { cause: error });
  }
}

async function* prepended<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
