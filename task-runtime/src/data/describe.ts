import { readFile, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parse } from 'yaml';
import type { OutputResult, VersionOutput } from '../plan/index.ts';
import { RuntimeExit } from '../plan/index.ts';
import { DataError } from './failure.ts';
import { plainPath } from './paths.ts';

/** Bytes of metadata and labels together, as JSON, that a result has room for. */
const limit = 2048;
const fileLimit = 64 * 1024;

type Described = Pick<OutputResult, 'metadata' | 'labels' | 'omitted'>;

/**
 * The metadata and labels that the files named by an output hold, those of later files over those of former ones.
 *
 * @throws DataError when a file isn't there, leads out of the folder, or holds no YAML map
 */
export async function describeVersion(
  { index, metadata, labels }: Pick<VersionOutput, 'index' | 'metadata' | 'labels'>,
  folder: string,
): Promise<Described> {
  const described: Described = {
    ...(metadata.length > 0 && { metadata: await merged(metadata, folder, index) }),
    ...(labels.length > 0 && { labels: await merged(labels, folder, index) }),
  };
  return Buffer.byteLength(JSON.stringify(described)) <= limit ? described : { omitted: 'TooLarge' };
}

async function merged(paths: readonly string[], folder: string, index: number): Promise<Record<string, unknown>> {
  const maps = await Promise.all(paths.map((path) => mapIn(path, folder, index)));
  return Object.assign({}, ...maps) as Record<string, unknown>;
}

async function mapIn(path: string, folder: string, index: number): Promise<object> {
  const wrong = (why: string): DataError =>
    new DataError(RuntimeExit.argument, `output ${index}: ${JSON.stringify(path)} ${why}`);
  let bytes: Buffer;
  try {
    const [root, file] = await Promise.all([realpath(folder), realpath(join(folder, plainPath(path)))]);
    if (relative(root, file).startsWith('..')) throw wrong('leads out of the output folder');
    bytes = await readFile(file);
  } catch (error) {
    throw error instanceof DataError ? error : wrong(`can't be read: ${(error as Error).message}`);
  }
  if (bytes.byteLength > fileLimit) throw wrong(`has ${bytes.byteLength} bytes, at most ${fileLimit} are allowed`);
  let value: unknown;
  try {
    value = parse(bytes.toString('utf8'), { maxAliasCount: 10 });
  } catch (error) {
    throw wrong(`is no YAML: ${(error as Error).message.split('\n', 1)[0]}`);
  }
  if (value === null || value === undefined) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value;
  throw wrong('must hold a map of names to values');
}
