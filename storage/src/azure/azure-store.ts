import { AnonymousCredential, type BlobItem, ContainerClient, StorageSharedKeyCredential } from '@azure/storage-blob';
import { backOff, type Pause } from '../back-off.ts';
import { partsOf } from '../bytes.ts';
import { BodyFailure, marked, prepended } from '../caller-body.ts';
import { checkAnswered, continued, leave } from '../continued.ts';
import { checkFolder, checkKey, type KeyRule } from '../keys.ts';
import { type AzureLocation, placeOf } from '../location.ts';
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
import type { OpenOptions } from '../open-store.ts';
import { checkRange, rangeOf } from '../range.ts';
import { isStoreError, StoreError } from '../store-error.ts';
import { deleteEach } from '../delete-each.ts';
import { PartSlots } from '../send-parts.ts';
import { accessOf } from './access.ts';
import { codeOf, isBrokenAnswer, statusOf, translated } from './errors.ts';
import { ambientTokens } from './token.ts';
import { putBlocks, putWhole, type Upload } from './upload.ts';

const defaultPartSize = 8 * 1024 * 1024;
/** Times that a request is made. */
const attempts = 4;
/** Parts of large objects on their way at once, beside one of each. */
const extraParts = 8;

/** Opens a store in a container of Azure Blob Storage; nothing is asked of it yet. */
export function openAzureStore(location: AzureLocation, options: OpenOptions = {}): ObjectStore {
  const { environment = process.env } = options;
  const { endpoint, who } = accessOf(location, options);
  const credential =
    who.kind === 'key'
      ? new StorageSharedKeyCredential(location.account, who.key)
      : who.kind === 'ambient'
        ? ambientTokens(environment)
        : new AnonymousCredential();
  const query = who.kind === 'signature' ? `?${who.query}` : '';
  const container = new ContainerClient(`${endpoint}/${location.container}${query}`, credential, {
    retryOptions: { maxTries: attempts, retryDelayInMs: 200, maxRetryDelayInMs: 5000, tryTimeoutInMs: 60_000 },
  });
  return new AzureStore(location, container, options);
}

/** What the SDK gives of a page, of both kinds of lists. */
interface ListedPage {
  continuationToken?: string;
  segment: { blobItems: BlobItem[]; blobPrefixes?: { name: string }[] };
}

class AzureStore implements ObjectStore {
  readonly url: string;
  readonly #container: ContainerClient;
  readonly #partSize: number;
  readonly #keys: KeyRule;
  readonly #slots = new PartSlots(extraParts);
  readonly #pause: Pause | undefined;
  /** Put before every key. */
  readonly #prefix: string;

  constructor(location: AzureLocation, container: ContainerClient, options: OpenOptions) {
    const { partSize = defaultPartSize, keys = 'plain', pause } = options;
    this.#container = container;
    this.#partSize = partSize;
    this.#keys = keys;
    this.#pause = pause;
    this.#prefix = location.prefix === '' ? '' : `${location.prefix}/`;
    this.url = `${placeOf(location)}${location.prefix === '' ? '' : `/${location.prefix}`}`;
  }

  async put(key: string, body: Body, options: PutOptions = {}): Promise<{ size: number; etag: string }> {
    const { ifAbsent = false, ifMatch, contentType, signal } = options;
    checkKey(key, this.#keys);
    const upload: Upload = {
      blob: this.#container.getBlockBlobClient(this.#prefix + key),
      url: this.#urlOf(key),
      conditions: { ...(ifAbsent && { ifNoneMatch: '*' }), ...(ifMatch !== undefined && { ifMatch }) },
      contentType,
      signal,
    };
    try {
      return await this.#guard(key, signal, async () => {
        if (body instanceof Uint8Array) return putWhole(upload, body);
        const parts = partsOf(marked(body), this.#partSize);
        const first = await parts.next();
        if (first.done === true) return putWhole(upload, new Uint8Array());
        // A part that isn't full is the last.
        if (first.value.byteLength < this.#partSize) {
          await parts.next();
          return putWhole(upload, first.value);
        }
        return putBlocks(upload, prepended(first.value, parts), this.#slots);
      });
    } catch (error) {
      if (!ifAbsent || !isStoreError(error, 'Changed', 'Unavailable')) throw error;
      // Refused for what is there, or our blocks were forgotten since somebody else's were committed.
      if (error.reason === 'Unavailable' && (await this.head(key, { signal }).catch(() => undefined)) === undefined) {
        throw error;
      }
      throw new StoreError('AlreadyExists', this.#urlOf(key), 'exists already', { cause: error });
    }
  }

  async get(key: string, { range, signal, shortLived }: GetOptions = {}): Promise<StoredObject> {
    checkKey(key, this.#keys);
    checkRange(range);
    const { answer, body } = await this.#open(key, { offset: range?.offset ?? 0, length: range?.length }, signal);
    const { contentLength: length = 0, contentRange, etag = '', lastModified } = answer;
    const size = contentRange === undefined ? length : Number(contentRange.split('/').at(-1));
    // A range that begins right at the end is answered with nothing by some.
    if (range !== undefined && range.offset >= size) {
      await leave(body);
      rangeOf(range, size, this.#urlOf(key));
    }
    const reading = {
      url: this.#urlOf(key),
      first: body,
      offset: range?.offset ?? 0,
      length,
      reopen: async (rest: { offset: number; length: number }) => (await this.#open(key, rest, signal, etag)).body,
      translated: (error: unknown) => translated(error, this.#urlOf(key)),
      signal,
      shortLived,
      pause: this.#pause,
    };
    return { info: { key, size, etag: quoted(etag), modified: lastModified ?? new Date(0) }, body: continued(reading) };
  }

  async head(key: string, { signal }: StoreOptions = {}): Promise<ObjectInfo | undefined> {
    checkKey(key, this.#keys);
    return this.#again(key, signal, async () => {
      try {
        const blob = this.#container.getBlobClient(this.#prefix + key);
        const { contentLength, etag, lastModified } = await blob.getProperties(abortOf(signal));
        return { key, size: contentLength ?? 0, etag: quoted(etag), modified: lastModified ?? new Date(0) };
      } catch (error) {
        if (statusOf(error) === 404 && codeOf(error) !== 'ContainerNotFound') return undefined;
        throw error;
      }
    });
  }

  async *list(folder: string, options: ListOptions = {}): AsyncGenerator<ListPage> {
    const { shallow = false, after, pageSize = 1000, signal } = options;
    checkFolder(folder, this.#keys);
    signal?.throwIfAborted();
    const what = { prefix: this.#prefix + folder, ...abortOf(signal) };
    let token: string | undefined;
    do {
      const by = { maxPageSize: pageSize, ...(token !== undefined && { continuationToken: token }) };
      // Each page is asked for with the token of the one before.
      // oxlint-disable-next-line no-await-in-loop
      const page = await this.#again(folder, signal, async (): Promise<ListedPage | undefined> => {
        const pages: AsyncIterator<ListedPage> = shallow
          ? this.#container.listBlobsByHierarchy('/', what).byPage(by)
          : this.#container.listBlobsFlat(what).byPage(by);
        const next = await pages.next();
        return next.done === true ? undefined : next.value;
      });
      if (page === undefined) return;
      token = page.continuationToken || undefined;
      const { blobItems, blobPrefixes = [] } = page.segment;
      const all = blobItems.map((item) => this.#infoOf(item));
      // The service can't be told to begin behind a key in an order that holds for every account (docs/data-storage.md).
      const objects = after === undefined ? all : all.filter(({ key }) => key > after);
      const folders = blobPrefixes.map(({ name }) => name.slice(this.#prefix.length));
      if (objects.length + folders.length > 0) yield { objects, folders };
    } while (token !== undefined);
  }

  async delete(key: string, { signal }: StoreOptions = {}): Promise<void> {
    checkKey(key, this.#keys);
    await this.#again(key, signal, async () => {
      try {
        await this.#container.getBlobClient(this.#prefix + key).delete(abortOf(signal));
      } catch (error) {
        if (statusOf(error) !== 404 || codeOf(error) === 'ContainerNotFound') throw error;
      }
    });
  }

  async deleteMany(keys: readonly string[], options: StoreOptions = {}): Promise<void> {
    for (const key of keys) checkKey(key, this.#keys);
    await deleteEach(this, keys, options);
  }

  async close(): Promise<void> {}

  async #open(
    key: string,
    { offset, length }: { offset: number; length: number | undefined },
    signal: AbortSignal | undefined,
    ifMatch?: string,
  ) {
    const answer = await this.#again(key, signal, () =>
      this.#container.getBlobClient(this.#prefix + key).download(offset, length, {
        // Ours does it, see `continued`.
        maxRetryRequests: 0,
        ...(ifMatch !== undefined && { conditions: { ifMatch } }),
        ...abortOf(signal),
      }),
    );
    const body = answer.readableStreamBody as unknown as AsyncIterable<Uint8Array>;
    await checkAnswered({ offset, range: answer.contentRange, body, url: this.#urlOf(key) });
    return { answer, body };
  }

  #infoOf({ name, properties }: BlobItem): ObjectInfo {
    return {
      key: name.slice(this.#prefix.length),
      size: properties.contentLength ?? 0,
      etag: quoted(properties.etag),
      modified: properties.lastModified,
    };
  }

  /** `#guard` of what may be asked twice. */
  async #again<T>(key: string, signal: AbortSignal | undefined, act: () => Promise<T>): Promise<T> {
    return this.#guard(key, signal, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          // One attempt after the other.
          // oxlint-disable-next-line no-await-in-loop
          return await act();
        } catch (error) {
          if (!isBrokenAnswer(error) || attempt >= attempts) throw error;
        }
        // oxlint-disable-next-line no-await-in-loop
        await (this.#pause ?? backOff)(attempt, signal);
      }
    });
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

  #urlOf(key: string): string {
    return `${this.url}/${key}`;
  }
}

/** Lists give etags without the quotes that headers have. */
const quoted = (etag = ''): string => (etag === '' || etag.startsWith('"') ? etag : `"${etag}"`);
const abortOf = (signal: AbortSignal | undefined) => ({ ...(signal !== undefined && { abortSignal: signal }) });
