import { ByteReader, ByteWriter } from './bytes-form.ts';
import { prefixBytes } from './chunk-table.ts';
import { type Blake3, digestBytes } from './hash.ts';
import { packIdBytes } from './layout.ts';

const head = Buffer.from('OSMOIDX1');
/** A chunk is in the section of as many zero bits as its digest's first number ends with, at most so many. */
export const rarest = 12;
/** Bytes of an entry: the beginning of the digest, the number of its pack. */
export const entryBytes = prefixBytes + 4;
const mostPacks = 65_536;

/** A pack with the chunks in it, as an index knows them. */
export interface IndexedPack {
  id: string;
  footerBytes: number;
  /** The first bytes of the digests of its chunks, `prefixBytes` each. */
  prefixes: Buffer;
}

/** What an index run says, or the part of it that was asked for. */
export interface IndexRun {
  packs: { id: string; footerBytes: number }[];
  /** `entryBytes` each. */
  entries: Buffer;
}

/**
 * Level of a digest: of all chunks one in 2^n has level n or more. A writer that can't hold all of them loads those from some
 * level on, which stand first.
 */
function levelOf(entry: Buffer): number {
  const low = entry.readUInt32LE(0);
  return low === 0 ? rarest : Math.min(rarest, 31 - Math.clz32(low & -low));
}

/**
 * Writes an index run: which packs hold which chunks, the rarest levels first. It only helps to find chunks again: what it
 * says is checked in the packs, and what it doesn't say is stored once more.
 */
export function encodeRun(packs: readonly IndexedPack[], blake3: Blake3): Buffer {
  const sections: Buffer[][] = Array.from({ length: rarest + 1 }, () => []);
  packs.forEach(({ prefixes }, number) => {
    for (let at = 0; at < prefixes.byteLength; at += prefixBytes) {
      const entry = Buffer.allocUnsafe(entryBytes);
      prefixes.copy(entry, 0, at, at + prefixBytes);
      entry.writeUInt32LE(number, prefixBytes);
      sections[levelOf(entry)]?.push(entry);
    }
  });
  const table = new ByteWriter(packs.length * 20 + 128).varint(packs.length);
  for (const { id, footerBytes } of packs) table.bytes(Buffer.from(id, 'hex')).varint(footerBytes);
  for (const section of sections.toReversed()) table.varint(section.length);
  const written = table.finish();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(written.byteLength);
  const body = Buffer.concat([head, length, written, ...sections.toReversed().flat()]);
  return Buffer.concat([body, blake3.digest(body)]);
}

/** Whether a whole run is as it was written. */
export function isWholeRun(bytes: Buffer, blake3: Blake3): boolean {
  const end = Math.max(0, bytes.byteLength - digestBytes);
  return blake3.digest(bytes.subarray(0, end)).equals(bytes.subarray(end));
}

/** Bytes at the beginning of a run from which `headerLength` can be read. */
export const runHeadBytes = head.byteLength + 4;

/** Bytes of a run before its entries. @throws RangeError when it is no index run */
export function headerLength(bytes: Buffer): number {
  if (bytes.byteLength < runHeadBytes || !bytes.subarray(0, head.byteLength).equals(head)) {
    throw new RangeError('is no index');
  }
  return runHeadBytes + bytes.readUInt32LE(head.byteLength);
}

/**
 * Reads a run, or as much of its beginning as holds the chunks from a level on.
 *
 * @throws RangeError when it is damaged
 */
export function decodeRun(bytes: Buffer, fromLevel = 0): IndexRun {
  const start = headerLength(bytes);
  const reader = new ByteReader(bytes.subarray(0, start), runHeadBytes);
  const count = reader.varint();
  if (count > mostPacks) throw new RangeError(`has ${count} packs`);
  const packs = Array.from({ length: count }, () => ({ id: reader.hex(packIdBytes), footerBytes: reader.varint() }));
  let entries = 0;
  for (let level = rarest; level >= fromLevel; level--) entries += reader.varint();
  const end = start + entries * entryBytes;
  if (end > bytes.byteLength) throw new RangeError(`has ${bytes.byteLength} bytes of ${end}`);
  return { packs, entries: bytes.subarray(start, end) };
}
