import { ByteReader, ByteWriter } from './bytes-form.ts';
import { type Blake3, digestBytes } from './hash.ts';
import { packIdBytes } from './layout.ts';
import type { Location } from './page.ts';
import { RepositoryError } from './repository-error.ts';
import type { ManifestDigest } from './types.ts';

/** A page of the list of files, as the manifest knows it. */
export interface PageRef {
  /** Path of its first entry. */
  first: string;
  entries: number;
  files: number;
  bytes: number;
  /** Of the part that says what is in files. */
  canonical: Buffer;
  /** Of all of it. */
  digest: Buffer;
  /** Bytes of all of it. */
  size: number;
  at: Location;
}

/** What is stored at the key of a version. */
export interface Manifest {
  digest: ManifestDigest;
  files: number;
  bytes: number;
  pages: readonly PageRef[];
  /** Every pack that is needed to read the version. */
  packs: ReadonlySet<string>;
}

const head = Buffer.from('OSMOVER1');

/** Puts a manifest into the form in which it is stored; its digest covers contents, not places. */
export function encodeManifest(
  pages: readonly PageRef[],
  packs: ReadonlySet<string>,
  blake3: Blake3,
): { digest: ManifestDigest; bytes: Buffer } {
  const canonical = new ByteWriter(pages.length * 80 + 64);
  canonical.varint(pages.length);
  for (const page of pages) {
    canonical.text(page.first).varint(page.entries).varint(page.files).varint(page.bytes).bytes(page.canonical);
  }
  const what = canonical.finish();
  const writer = new ByteWriter(what.byteLength + packs.size * packIdBytes + pages.length * 48 + 128);
  writer.bytes(head).varint(what.byteLength).bytes(what).varint(packs.size);
  const numbers = new Map<string, number>();
  for (const pack of [...packs].toSorted()) {
    numbers.set(pack, numbers.size);
    writer.bytes(Buffer.from(pack, 'hex'));
  }
  for (const { digest, size, at } of pages) {
    writer
      .bytes(digest)
      .varint(size)
      .varint(numbers.get(at.pack) ?? 0)
      .varint(at.offset)
      .varint(at.length * 2 + at.encoding);
  }
  const body = writer.finish();
  const digest = `blake3:${blake3.digest(what).toString('hex')}`;
  return { digest, bytes: Buffer.concat([body, blake3.digest(body)]) };
}

/**
 * Reads a manifest and checks that it is the one of that digest.
 *
 * @param name of the object, for errors
 * @throws RepositoryError Corrupt
 */
export function decodeManifest(bytes: Buffer, digest: ManifestDigest, name: string, blake3: Blake3): Manifest {
  const damaged = (detail: string, cause?: unknown): RepositoryError =>
    new RepositoryError('Corrupt', `${name}: ${detail}`, { cause });
  const body = bytes.subarray(0, Math.max(0, bytes.byteLength - digestBytes));
  if (!body.subarray(0, head.byteLength).equals(head)) throw damaged('is no manifest');
  if (!blake3.digest(body).equals(bytes.subarray(body.byteLength))) throw damaged('is damaged');
  try {
    const reader = new ByteReader(body, head.byteLength);
    const what = reader.bytes(reader.varint());
    if (`blake3:${blake3.digest(what).toString('hex')}` !== digest) throw damaged('is the one of another version');
    const packs = Array.from({ length: reader.varint() }, () => reader.hex(packIdBytes));
    const pages = readPages(new ByteReader(what), reader, packs);
    const files = pages.reduce((sum, page) => sum + page.files, 0);
    const size = pages.reduce((sum, page) => sum + page.bytes, 0);
    return { digest, files, bytes: size, pages, packs: new Set(packs) };
  } catch (error) {
    if (error instanceof RepositoryError) throw error;
    throw damaged('can not be read', error);
  }
}

function readPages(what: ByteReader, where: ByteReader, packs: readonly string[]): PageRef[] {
  return Array.from({ length: what.varint() }, () => {
    const page = { first: what.text(), entries: what.varint(), files: what.varint(), bytes: what.varint() };
    const canonical = what.bytes(digestBytes);
    const digest = where.bytes(digestBytes);
    const size = where.varint();
    const pack = packs[where.varint()];
    if (pack === undefined) throw new RangeError('a page is in no pack');
    const offset = where.varint();
    const stored = where.varint();
    const at: Location = { pack, offset, length: Math.floor(stored / 2), encoding: stored % 2 };
    return { ...page, canonical, digest, size, at };
  });
}
