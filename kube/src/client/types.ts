/** Object metadata as it is on the wire: timestamps are RFC 3339 strings, nothing is converted or dropped. */
export interface ObjectMeta {
  /** Name of the object. Leave it '' when `generateName` is to make one; the server fills it in. */
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  finalizers?: string[];
  managedFields?: ManagedFieldsEntry[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFieldsEntry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: object;
  subresource?: string;
}

/** Any object of the API. Objects from the client always carry `apiVersion` and `kind`, in lists too. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** How a kind is addressed. `T` is the shape of its objects; it exists for the compiler only. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** API group, '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural resource name as in URLs and RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** 'metadata': ask the server for `PartialObjectMetadata` only; see `metadataOf`. */
  readonly projection?: 'metadata';
  /** For the compiler only. A name that others can have, too: what declares kinds need not know this package. */
  readonly '~object'?: T;
}

/** Names one object of a known kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  name: string;
  namespace?: string | undefined;
}

export interface ListMeta {
  /** Version of the collection that the list is a snapshot of. */
  resourceVersion: string;
  /** Opaque token of the next page, absent on the last one. */
  continue?: string;
  remainingItemCount?: number;
}

export interface ListResult<T extends KubeObject> {
  items: T[];
  metadata: ListMeta;
}

/** A watch event. ERROR events never appear here: `watch` throws them as a `KubeError`. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T } | { type: 'BOOKMARK'; object: Bookmark };

export interface Bookmark {
  metadata: { resourceVersion: string; annotations?: Record<string, string> };
}

export interface RequestOptions {
  /** Aborts the request and its retries; the promise then rejects with `signal.reason`. */
  signal?: AbortSignal | undefined;
  /** Time for one attempt, in ms, up to the end of the response body; the client's default if absent. */
  timeoutMs?: number | undefined;
}

export interface WriteOptions extends RequestOptions {
  fieldManager?: string | undefined;
  /** true: the server validates and answers as usual but stores nothing. */
  dryRun?: boolean | undefined;
  /** What the server does with unknown or duplicate fields; its own default (`Warn`) if absent. */
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict' | undefined;
  /** Told, one by one, what the server warns of when it takes the object, as admission webhooks do. */
  onWarning?: ((text: string) => void) | undefined;
}

export interface GetOptions extends RequestOptions {
  subresource?: string | undefined;
  /** '0': any version from the server's cache will do. Absent: the latest. */
  resourceVersion?: string | undefined;
}

export interface SelectorOptions {
  /** Absent: all namespaces (namespaced kinds) or the cluster (cluster-scoped kinds). */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

export interface ListOptions extends SelectorOptions, RequestOptions {
  limit?: number | undefined;
  continue?: string | undefined;
  resourceVersion?: string | undefined;
  resourceVersionMatch?: 'Exact' | 'NotOlderThan' | undefined;
}

export interface WatchOptions extends SelectorOptions {
  signal?: AbortSignal | undefined;
  /** Events after this version. Absent: synthetic ADDED events of what exists come first. */
  resourceVersion?: string | undefined;
  resourceVersionMatch?: 'NotOlderThan' | undefined;
  /** Default true. */
  allowWatchBookmarks?: boolean | undefined;
  /** WatchList: stream the current state first, then a bookmark annotated `k8s.io/initial-events-end`. */
  sendInitialEvents?: boolean | undefined;
  /** The server ends the watch after about this long. Default: a random time from 5 to 10 minutes. */
  timeoutSeconds?: number | undefined;
  /** The watch fails when not one byte arrived for this long. Default: `timeoutSeconds` plus half a minute. */
  stallTimeoutMs?: number | undefined;
  /** Time until the response headers must be here, ms. Default: the client's request timeout. */
  headersTimeoutMs?: number | undefined;
}

export interface CreateOptions extends WriteOptions {
  /** Create a subresource of the object that `object.metadata` names, e.g. 'token' or 'binding'. */
  subresource?: string | undefined;
}

export interface ReplaceOptions extends WriteOptions {
  subresource?: string | undefined;
}

export interface ApplyOptions extends WriteOptions {
  fieldManager: string;
  /** Take fields over from other managers instead of failing with a conflict. Default false. */
  force?: boolean | undefined;
  subresource?: string | undefined;
}

export interface PatchOptions extends WriteOptions {
  subresource?: string | undefined;
}

export type JsonPatchOperation =
  | { op: 'add' | 'replace' | 'test'; path: string; value: unknown }
  | { op: 'remove'; path: string }
  | { op: 'move' | 'copy'; from: string; path: string };

/** A patch body with its kind. 'strategic' exists for built-in kinds only. */
export type Patch =
  | { kind: 'merge'; body: object }
  | { kind: 'strategic'; body: object }
  | { kind: 'json'; body: readonly JsonPatchOperation[] };

export interface DeleteOptions extends RequestOptions {
  /** Precondition: delete only this incarnation, else 409. */
  uid?: string | undefined;
  /** Precondition: delete only at this version, else 409. */
  resourceVersion?: string | undefined;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
  gracePeriodSeconds?: number | undefined;
  dryRun?: boolean | undefined;
}

export interface DeleteCollectionOptions extends SelectorOptions, Omit<DeleteOptions, 'uid' | 'resourceVersion'> {}

export interface Scale extends KubeObject {
  spec: { replicas: number };
  status?: { replicas: number; selector?: string };
}

/** A body for server-side apply: the identity of the object and only the fields the manager owns. */
export type Applied<T extends KubeObject> = KubeObject & PartialDeep<Omit<T, keyof KubeObject>>;

export type PartialDeep<T> = T extends readonly (infer _)[]
  ? T
  : T extends object
    ? { [K in keyof T]?: PartialDeep<T[K]> }
    : T;

export interface RawRequest extends RequestOptions {
  query?: Record<string, string | number | boolean | undefined> | undefined;
  headers?: Record<string, string | string[]> | undefined;
  /** Sent as JSON unless it is a string or bytes. */
  body?: unknown;
  contentType?: string | undefined;
  /** true: a failed request may be sent again although the verb is not idempotent. Default: GET, HEAD, PUT, DELETE only. */
  idempotent?: boolean | undefined;
}

/** An answer of `request`: any status below 400. The body was read whole. */
export interface RawResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** A response body that arrives piece by piece; the caller must read it to the end or abort. */
export interface RawStream {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: AsyncIterable<Uint8Array>;
}

/**
 * Client of one apiserver: raw JSON in and out over pooled connections.
 *
 * Every method rejects with a `KubeError` when the server refused or could not be reached, or with `signal.reason` when
 * aborted. Retried: 429 and 503 with Retry-After for every verb (the server says that it did nothing), and for
 * idempotent requests also other 5xx and broken connections.
 */
export interface KubeClient {
  get<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options?: GetOptions): Promise<T>;
  /** One page; `limit` and `continue` are the caller's. `listPages` walks all of them. */
  list<T extends KubeObject>(type: ResourceType<T>, options?: ListOptions): Promise<ListResult<T>>;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, options?: CreateOptions): Promise<T>;
  /** PUT; refused with 409 when `object.metadata.resourceVersion` is set and old. */
  replace<T extends KubeObject>(type: ResourceType<T>, object: T, options?: ReplaceOptions): Promise<T>;
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions): Promise<T>;
  patch<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, patch: Patch, options?: PatchOptions): Promise<T>;
  /** Resolves to the object when it still exists (finalizers, grace period), to undefined when it is gone. */
  delete<T extends KubeObject>(type: ResourceType<T>, ref: ObjectRef, options?: DeleteOptions): Promise<T | undefined>;
  deleteCollection(type: ResourceType, options?: DeleteCollectionOptions): Promise<void>;
  /** policy/v1 Eviction of a pod; 429 without Retry-After means that a disruption budget forbids it now. */
  evict(ref: ObjectRef, options?: DeleteOptions): Promise<void>;
  getScale(type: ResourceType, ref: ObjectRef, options?: RequestOptions): Promise<Scale>;
  scale(type: ResourceType, ref: ObjectRef, replicas: number, options?: WriteOptions): Promise<Scale>;
  /**
   * One watch connection. Ends normally when the server ends it; throws a `KubeError` on an HTTP error, an ERROR event
   * (410 `Expired` …), a malformed or oversized line, a half line at the end, a stall or a broken connection. Nothing is
   * retried here; an informer does that.
   */
  watch<T extends KubeObject>(type: ResourceType<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>;
  request(method: string, path: string, options?: RawRequest): Promise<RawResponse>;
  /** Like `request`, for bodies without end (logs, raw watches): no timeout after the headers, no retry. */
  stream(method: string, path: string, options?: RawRequest): Promise<RawStream>;
  /** Closes all connections; requests under way fail. */
  close(): Promise<void>;
}
