import type { BytePool } from './byte-pool.ts';

/** Names a version: `blake3:` and 64 hexadecimal digits, the hash of what is in it (not of where that is stored). */
export type ManifestDigest = string;

/** One thing to commit. */
export interface TreeEntry {
  /** Relative, segments separated by '/', in UTF-8 of at most 4096 bytes; no segment is empty, '.' or '..'. */
  path: string;
  /** Bytes; what `open` gives must have exactly so many. */
  size: number;
  /** Permission bits; 0o644 when absent. */
  mode?: number | undefined;
  /** Called once at most. */
  open(): AsyncIterable<Uint8Array>;
}

/** A folder of this machine, to commit as it is. */
export interface FolderSource {
  folder: string;
  /** Which files to take, by their path below the folder. */
  filter?: ((path: string) => boolean) | undefined;
  /** Told of what can't be in a version and is left out: sockets, devices, links that lead out of the folder. */
  onSkip?: ((path: string, why: string) => void) | undefined;
}

export interface Progress {
  files: number;
  totalFiles?: number | undefined;
  bytes: number;
  totalBytes?: number | undefined;
}

export interface CommitOptions {
  /** The new version has what this one has, but for what the tree replaces or `remove` takes away. */
  base?: ManifestDigest | undefined;
  /** Which paths of the base not to take over. */
  remove?: ((path: string) => boolean) | undefined;
  /** Folder of the version to put the tree into. */
  at?: string | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

export interface CommitResult {
  manifest: ManifestDigest;
  /** Of the whole version. */
  files: number;
  /** Of the whole version, as its files are read. */
  bytes: number;
  /** What this commit has written to the store for contents and lists of files. */
  storedBytes: number;
}

/** What a version knows of a file, a link or an empty folder. */
export interface FileInfo {
  path: string;
  kind: 'file' | 'link' | 'folder';
  size: number;
  /** Permission bits. */
  mode: number;
  /**
   * Equal for equal contents within a repository. Of a file of one chunk it is the hash of its contents; of a longer one that
   * of the list of its chunks.
   */
  digest: string;
  /** Of a link: where it leads. */
  target?: string;
}

export interface ListOptions {
  /** Only paths that begin with it. */
  prefix?: string | undefined;
  /** Only paths behind this one, in the order of paths. */
  after?: string | undefined;
  limit?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface ReadOptions {
  /** Bytes, ≥ 0. */
  offset?: number | undefined;
  /** Bytes, ≥ 0; to the end when absent. */
  length?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface RestoreOptions {
  filter?: ((path: string) => boolean) | undefined;
  /** Only paths that begin with it. */
  prefix?: string | undefined;
  /** Leave files alone that are there with the same contents. */
  resume?: boolean | undefined;
  /** Requests at once. */
  concurrency?: number | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** A committed version; immutable. */
export interface Version {
  readonly manifest: ManifestDigest;
  readonly files: number;
  /** As the files are read. */
  readonly bytes: number;
  /** In the order of paths: by segments, each by its bytes in UTF-8. */
  list(options?: ListOptions): AsyncIterable<FileInfo>;
  /** Reads at most one page of the list of files. */
  find(path: string): Promise<FileInfo | undefined>;
  /** @throws RepositoryError Refused when there is no such file; Corrupt naming the damaged object */
  read(path: string, options?: ReadOptions): AsyncIterable<Uint8Array>;
  /** Files appear whole; nothing is written outside of the folder. */
  restore(folder: string, options?: RestoreOptions): Promise<{ files: number; bytes: number; skipped: number }>;
}

/** Something wrong in the store. */
export interface Problem {
  kind: 'Damaged' | 'Missing' | 'Unreadable';
  /** Key of the object. */
  object: string;
  /** Version that is affected; absent: none is, or it isn't known. */
  manifest?: ManifestDigest;
  /** Files that are affected, the first ten. */
  paths?: string[];
  detail: string;
}

export interface VerifyOptions {
  /** Only this version. */
  manifest?: ManifestDigest | undefined;
  /** Read all contents too, instead of only what says where they are. */
  data?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface GarbageOptions {
  /**
   * How long something must have been known as garbage before it is deleted; 86,400 when absent. What is found now is only
   * marked, and deleted by a later run. 0 deletes at once, which is safe only while nobody writes.
   */
  graceSeconds?: number | undefined;
  /**
   * Packs of which versions need less than this part, from 0 to 1, are written anew without the rest, which takes reading the lists of files
   * of all versions; 0: none. Absent: 0.5.
   */
  rewriteBelow?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface GarbageResult {
  deletedObjects: number;
  deletedBytes: number;
  /** What stays: packs that a version, a writer or the grace period keeps. */
  keptBytes: number;
  /** Packs of which the part that is needed was put into new ones: they go when they were garbage for the grace period. */
  rewrittenPacks: number;
}

/** Versions of trees in an object store; contents that are the same are stored once. */
export interface Repository {
  /** Commits a version; nothing of it is visible before. The same contents have the same digest. */
  commit(tree: AsyncIterable<TreeEntry> | FolderSource, options?: CommitOptions): Promise<CommitResult>;
  /** @throws StoreError NotFound; RepositoryError Corrupt */
  open(manifest: ManifestDigest): Promise<Version>;
  /** Deletes a version; that there is none is no error. Its contents go with `collectGarbage`. */
  delete(manifest: ManifestDigest): Promise<void>;
  /** `created`: or when garbage collection has found better places for what is in it. */
  versions(): AsyncIterable<{ manifest: ManifestDigest; created: Date }>;
  verify(options?: VerifyOptions): AsyncIterable<Problem>;
  collectGarbage(options?: GarbageOptions): Promise<GarbageResult>;
  /** Threads that have had a part in what was done so far. */
  readonly threads: number;
  /** Ends threads; the store stays open. */
  close(): Promise<void>;
}

export interface RepositoryOptions {
  /** Make it when there is none. */
  create?: boolean | undefined;
  /**
   * Threads that read, cut, hash and compress files of a folder, and that check and write those that are restored; 0: this one does it.
   * Absent: one for each processor, up to four, and fewer where memory is short.
   */
  workers?: number | undefined;
  /** Memory of what is fetched to be restored; absent: the repository's own. */
  pool?: BytePool | undefined;
  /** Bounds on memory, for a program that reads what others have written; absent: none. */
  limits?: ReadLimits | undefined;
  signal?: AbortSignal | undefined;
}

/** What reading a repository may take; what needs more is refused (RepositoryError Refused). */
export interface ReadLimits {
  /** Of a manifest, as it is stored. */
  manifestBytes: number;
  /** Of a chunk or a page of the list of files, plain and as it is stored. */
  itemBytes: number;
  /** Requests at once of a list or a file that is read; each holds up to 4 MiB, or an item that is larger. */
  requestsAtOnce: number;
}
