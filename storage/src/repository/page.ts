import { ByteReader, ByteWriter } from './bytes-form.ts';
import { type Blake3, digestBytes } from './hash.ts';
import { packIdBytes } from './layout.ts';

/** Where a chunk is. */
export interface Location {
  /** 24 hexadecimal digits. */
  pack: string;
  offset: number;
  /** Bytes as stored. */
  length: number;
  encoding: number;
}

/** A part of a file. */
export interface ChunkRef {
  digest: Buffer;
  /** Bytes of the chunk itself. */
  size: number;
  at: Location;
}

/** A file, a link or an empty folder, with all that is stored of it. */
export interface Entry {
  path: string;
  kind: 'file' | 'link' | 'folder';
  mode: number;
  /** In their order; empty for all but files, and for empty files. */
  chunks: readonly ChunkRef[];
  /** Of a link. */
  target?: string;
}

const kinds = ['file', 'link', 'folder'] as const;

export const sizeOf = (entry: Entry): number => entry.chunks.reduce((sum, { size }) => sum + size, 0);

/** The digest that stands for the contents: of the only chunk, or of the list of chunks. */
export function contentDigest(chunks: readonly { digest: Buffer; size: number }[], blake3: Blake3): Buffer {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first.digest;
  if (first === undefined) return blake3.digest(Buffer.alloc(0));
  const writer = new ByteWriter(chunks.length * 36 + 16).text('osmo-chunks-v1');
  for (const { digest, size } of chunks) writer.bytes(digest).varint(size);
  return blake3.digest(writer.finish());
}

/**
 * A page of the list of files: what it says of files (which the digest of the version covers), and behind that where their
 * chunks are (which it doesn't: chunks may move).
 */
export interface Page {
  /** Of the first part. */
  canonical: Buffer;
  blob: Buffer;
}

/** Writes entries, in the order of their paths, as a page. */
export function encodePage(entries: readonly Entry[]): Page {
  const writer = new ByteWriter(entries.length * 96 + 64);
  writer.varint(entries.length);
  let former = Buffer.alloc(0);
  for (const { path, kind, mode, chunks, target } of entries) {
    const bytes = Buffer.from(path);
    const shared = sharedLength(former, bytes);
    former = bytes;
    writer
      .varint(shared)
      .varint(bytes.byteLength - shared)
      .bytes(bytes.subarray(shared))
      .varint(mode * 4 + kinds.indexOf(kind));
    if (kind === 'link') writer.text(target ?? '');
    if (kind !== 'file') continue;
    writer.varint(chunks.length);
    for (const { digest, size } of chunks) writer.bytes(digest).varint(size);
  }
  const canonical = writer.finish();
  const blob = new ByteWriter(canonical.byteLength * 2).varint(canonical.byteLength).bytes(canonical);
  writePlaces(blob, entries);
  return { canonical, blob: blob.finish() };
}

function writePlaces(writer: ByteWriter, entries: readonly Entry[]): void {
  const packs = new Map<string, number>();
  for (const { chunks } of entries) {
    for (const { at } of chunks) if (!packs.has(at.pack)) packs.set(at.pack, packs.size);
  }
  writer.varint(packs.size);
  for (const pack of packs.keys()) writer.bytes(Buffer.from(pack, 'hex'));
  for (const { chunks } of entries) {
    for (const { at } of chunks) {
      writer
        .varint(packs.get(at.pack) ?? 0)
        .varint(at.offset)
        .varint(at.length * 2 + at.encoding);
    }
  }
}

function sharedLength(a: Buffer, b: Buffer): number {
  const most = Math.min(a.byteLength, b.byteLength);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

/** What is listed of an entry, without its chunks. */
export interface Line {
  path: string;
  kind: Entry['kind'];
  mode: number;
  size: number;
  /** Hexadecimal. */
  digest: string;
  target?: string;
}

/** The part of a blob that the digest of the version covers. @throws RangeError */
export function canonicalOf(blob: Buffer): Buffer {
  const reader = new ByteReader(blob);
  return reader.bytes(reader.varint());
}

/** Reads a page without making anything of its chunks: what a list needs. @throws RangeError */
export function* linesOf(blob: Buffer, blake3: Blake3): Generator<Line> {
  const empty = blake3.digest(Buffer.alloc(0)).toString('hex');
  const reader = new ByteReader(canonicalOf(blob));
  const count = reader.varint();
  const names = new Names(reader);
  for (let number = 0; number < count; number++) {
    const path = names.next();
    const coded = reader.varint();
    const kind = kinds[(coded % 4) as 0 | 1 | 2];
    const mode = Math.floor(coded / 4);
    if (kind !== 'file') {
      const target = kind === 'link' ? reader.text() : undefined;
      yield { path, kind, mode, size: 0, digest: empty, ...(target !== undefined && { target }) };
      continue;
    }
    const chunks = reader.varint();
    if (chunks === 1) {
      const digest = reader.hex(digestBytes);
      yield { path, kind, mode, size: reader.varint(), digest };
      continue;
    }
    const list: { digest: Buffer; size: number }[] = [];
    let size = 0;
    for (let chunk = 0; chunk < chunks; chunk++) {
      const one = { digest: reader.bytes(digestBytes), size: reader.varint() };
      size += one.size;
      list.push(one);
    }
    yield { path, kind, mode, size, digest: contentDigest(list, blake3).toString('hex') };
  }
}

/** Reads a page whole. @throws RangeError */
export function decodePage(blob: Buffer): Entry[] {
  const outer = new ByteReader(blob);
  const canonical = outer.bytes(outer.varint());
  const packs = Array.from({ length: outer.varint() }, () => outer.hex(packIdBytes));
  const reader = new ByteReader(canonical);
  const names = new Names(reader);
  // Before the names: the number of entries.
  return Array.from({ length: reader.varint() }, () => readEntry(reader, names, outer, packs));
}

function readEntry(reader: ByteReader, names: Names, outer: ByteReader, packs: readonly string[]): Entry {
  const path = names.next();
  const coded = reader.varint();
  const kind = kinds[coded % 4];
  if (kind === undefined) throw new RangeError(`${path} is of no known kind`);
  const mode = Math.floor(coded / 4);
  if (kind === 'link') return { path, kind, mode, chunks: [], target: reader.text() };
  if (kind === 'folder') return { path, kind, mode, chunks: [] };
  const chunks = Array.from({ length: reader.varint() }, (): ChunkRef => {
    const digest = reader.bytes(digestBytes);
    const size = reader.varint();
    const pack = packs[outer.varint()];
    if (pack === undefined) throw new RangeError(`a chunk of ${path} is in no pack`);
    const offset = outer.varint();
    const stored = outer.varint();
    return { digest, size, at: { pack, offset, length: Math.floor(stored / 2), encoding: stored % 2 } };
  });
  return { path, kind, mode, chunks };
}

/** Paths, each told by how many bytes it shares with the one before. */
class Names {
  readonly #reader: ByteReader;
  #former = Buffer.alloc(0);

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  next(): string {
    const shared = this.#reader.varint();
    const rest = this.#reader.bytes(this.#reader.varint());
    if (shared > this.#former.byteLength) throw new RangeError('a path shares more than there is');
    this.#former = Buffer.concat([this.#former.subarray(0, shared), rest]);
    return this.#former.toString();
  }
}
