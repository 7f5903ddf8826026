import { randomUUID } from 'node:crypto';
import { readAll } from '../bytes.ts';
import type { ObjectStore } from '../object-store.ts';
import { isStoreError } from '../store-error.ts';
import type { ChunkSizes } from './chunker.ts';
import type { Blake3 } from './hash.ts';
import { formatKey } from './layout.ts';
import { RepositoryError } from './repository-error.ts';

/** How the objects of a repository are to be read; fixed when it is made. */
export interface Format {
  format: 'osmo-repository';
  version: 1;
  /** Tells repositories apart. */
  id: string;
  hash: 'blake3';
  chunker: { algorithm: 'fastcdc-gear-v1' } & ChunkSizes;
  /** When a page of the list of files ends; counted in entries. */
  pages: PageSizes;
  compression: 'zstd';
  /** Nothing yet; a name here means that chunks are encrypted, and a program that doesn't know it must keep away. */
  encryption: null;
  /** BLAKE3 of the JSON text of all fields before it. */
  checksum: string;
}

/** After `least` entries a page ends behind a path whose hash says so, which one of `normal` does; at `most` in any case. */
export interface PageSizes {
  least: number;
  /** A power of two. */
  normal: number;
  most: number;
}

export const defaultPageSizes: PageSizes = { least: 128, normal: 512, most: 4096 };

const KiB = 1024;
/** Version 1's defaults; docs/designs/0008-repository.md weighs them. */
export const defaultChunkSizes: ChunkSizes = { least: 128 * KiB, normal: 512 * KiB, most: 2048 * KiB };

const longest = 64 * KiB;

/**
 * Reads what says how a repository is stored.
 *
 * @param create makes it when there is none, by a conditional write: of several who do, one wins and all use the winner's
 * @throws RepositoryError Format when there is none, or one that this program doesn't know, naming what it doesn't
 */
export async function readFormat(
  store: ObjectStore,
  blake3: Blake3,
  { create = false, chunkSizes = defaultChunkSizes, pageSizes = defaultPageSizes, signal }: FormatOptions = {},
): Promise<Format> {
  const found = await readText(store, signal);
  if (found !== undefined) return parseFormat(found, store.url, blake3);
  if (!create) throw new RepositoryError('Format', `${store.url}: holds no repository (there is no ${formatKey})`);
  const fields: Omit<Format, 'checksum'> = {
    format: 'osmo-repository',
    version: 1,
    id: randomUUID(),
    hash: 'blake3',
    chunker: { algorithm: 'fastcdc-gear-v1', ...chunkSizes },
    pages: pageSizes,
    compression: 'zstd',
    encryption: null,
  };
  const format: Format = { ...fields, checksum: checksumOf(fields, blake3) };
  const body = Buffer.from(`${JSON.stringify(format)}\n`);
  try {
    await store.put(formatKey, body, { ifAbsent: true, contentType: 'application/json', signal });
    return format;
  } catch (error) {
    if (!isStoreError(error, 'AlreadyExists')) throw error;
    return parseFormat((await readText(store, signal)) ?? '', store.url, blake3);
  }
}

export interface FormatOptions {
  create?: boolean | undefined;
  /** Of a repository that is made. */
  chunkSizes?: ChunkSizes | undefined;
  pageSizes?: PageSizes | undefined;
  signal?: AbortSignal | undefined;
}

async function readText(store: ObjectStore, signal: AbortSignal | undefined): Promise<string | undefined> {
  try {
    return (await readAll(store, formatKey, { limit: longest, signal })).toString();
  } catch (error) {
    if (isStoreError(error, 'NotFound')) return undefined;
    throw error;
  }
}

function parseFormat(text: string, url: string, blake3: Blake3): Format {
  const refuse = (what: string): RepositoryError =>
    new RepositoryError('Format', `${url}/${formatKey}: ${what}; a newer program may know it`);
  let found: Partial<Record<keyof Format, unknown>>;
  try {
    found = JSON.parse(text) as typeof found;
  } catch (error) {
    throw new RepositoryError('Corrupt', `${url}/${formatKey}: is no JSON`, { cause: error });
  }
  const expected = { format: 'osmo-repository', version: 1, hash: 'blake3', compression: 'zstd', encryption: null };
  for (const [field, value] of Object.entries(expected)) {
    const is = found[field as keyof Format];
    if (is !== value) throw refuse(`${field} is ${JSON.stringify(is)}, this program knows ${JSON.stringify(value)}`);
  }
  const { algorithm, ...sizes } = (found.chunker ?? {}) as Partial<Format['chunker']>;
  if (algorithm !== 'fastcdc-gear-v1') throw refuse(`chunker.algorithm is ${JSON.stringify(algorithm)}`);
  const megabytes = 64 * KiB * KiB;
  if (!fits(sizes, 64, megabytes)) throw refuse(`chunker sizes ${JSON.stringify(sizes)} can't be used`);
  if (!fits(found.pages ?? {}, 1, 65_536)) throw refuse(`pages ${JSON.stringify(found.pages)} can't be used`);
  const { checksum, ...fields } = found as Format;
  if (checksumOf(fields, blake3) === checksum) return found as Format;
  throw new RepositoryError('Corrupt', `${url}/${formatKey}: is damaged`);
}

function checksumOf(fields: object, blake3: Blake3): string {
  return blake3.digest(Buffer.from(JSON.stringify(fields))).toString('hex');
}

function fits({ least = 0, normal = 0, most = 0 }: Partial<ChunkSizes>, from: number, to: number): boolean {
  const sizes = [from, least, normal, most, to];
  const ordered = sizes.every((size, at) => Number.isSafeInteger(size) && size >= (sizes[at - 1] ?? 0));
  return ordered && Number.isInteger(Math.log2(normal)) && normal <= 2 ** 24;
}
