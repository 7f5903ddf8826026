/** What is known of a stored object. */
export interface ObjectInfo {
  key: string;
  /** Bytes. */
  size: number;
  /** Differs when the contents were written anew; opaque. */
  etag: string;
  modified: Date;
}

export interface StoreOptions {
  /** Aborts the request; the promise then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
}

export interface PutOptions extends StoreOptions {
  /** Write only when there is no object of that key: of several writers exactly one succeeds. */
  ifAbsent?: boolean | undefined;
  /**
   * Write only over the version with this etag: of several writers that saw the same version exactly one succeeds. Not
   * together with `ifAbsent`.
   */
  ifMatch?: string | undefined;
  contentType?: string | undefined;
}

export interface GetOptions extends StoreOptions {
  /** A part of the object; what reaches over its end is cut. Bytes, offset ≥ 0, length ≥ 1 (absent: to the end). */
  range?: { offset: number; length?: number | undefined } | undefined;
  /**
   * Each piece of the body is used up when the next one is asked for, so that its memory may be used again. Absent: pieces
   * are the caller's.
   */
  shortLived?: boolean | undefined;
}

/** An object that is being read. */
export interface StoredObject {
  /** Of the whole object, also when a range was asked for. */
  info: ObjectInfo;
  /** To be read to its end, or left by ending the iteration: it holds a connection or a file. */
  body: AsyncIterable<Uint8Array>;
}

export interface ListOptions extends StoreOptions {
  /** Only what is directly in the folder: its objects, and its sub-folders by name. */
  shallow?: boolean | undefined;
  /** Only keys that sort behind this one; not together with `shallow`. */
  after?: string | undefined;
  /** Entries of a page, at most 1000, which is the default. */
  pageSize?: number | undefined;
}

export interface ListPage {
  /** In the order of their keys. */
  objects: ObjectInfo[];
  /** Keys of sub-folders, each ending with '/'; only with `shallow`. */
  folders: string[];
}

/** Contents of an object: whole, or piece by piece so that it never is in memory at once. */
export type Body = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * A flat store of immutable-by-convention objects. Every driver keeps the same promises, which one contract suite checks:
 * an object is there whole or not at all; what was written is seen by the next read and list; keys are ASCII paths
 * (`checkKey`), and no key may be a folder of another one.
 *
 * Every method rejects with a `StoreError`, or with `signal.reason` when aborted.
 */
export interface ObjectStore {
  /** Where it is, without credentials; `<url>/<key>` names an object. */
  readonly url: string;
  /**
   * Stores an object. When the body fails, nothing is stored and its error is thrown. Memory: a few parts of a stream.
   *
   * @throws StoreError AlreadyExists with `ifAbsent`, Changed with `ifMatch`; the object may be one that a lost answer of
   *   this very call has made
   */
  put(key: string, body: Body, options?: PutOptions): Promise<{ size: number; etag: string }>;
  /**
   * Begins to read an object. Where the connection breaks the body goes on from there by itself, unless the object was
   * replaced meanwhile: then it throws Changed.
   *
   * @throws StoreError NotFound, InvalidRange
   */
  get(key: string, options?: GetOptions): Promise<StoredObject>;
  /** Undefined when there is none. */
  head(key: string, options?: StoreOptions): Promise<ObjectInfo | undefined>;
  /**
   * Pages of what is in a folder and below it, in the order of keys. It is no snapshot: what is written meanwhile may be
   * in it or not.
   *
   * @param folder '' or a key that ends with '/'
   */
  list(folder: string, options?: ListOptions): AsyncIterable<ListPage>;
  /** Deletes an object; that there is none is no error. */
  delete(key: string, options?: StoreOptions): Promise<void>;
  /** Deletes several objects, in as few requests as the store allows; that some aren't there is no error. */
  deleteMany?(keys: readonly string[], options?: StoreOptions): Promise<void>;
  /** Closes connections. */
  close(): Promise<void>;
}
