import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { kinds } from '../kinds.ts';
import { drift, generatedFiles, generatedFolders } from './outputs.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** Files that are there: all of the generated folders, and those of `wanted` that lie elsewhere. Paths as in `wanted`. */
function filesOnDisk(wanted: ReadonlyMap<string, string>): Map<string, string> {
  const inFolders = generatedFolders.flatMap((folder) => entriesOf(folder).map((name) => `${folder}/${name}`));
  const found = new Map<string, string>();
  for (const path of new Set([...inFolders, ...wanted.keys()])) {
    const text = readIfThere(path);
    if (text !== undefined) found.set(path, text);
  }
  return found;
}

function entriesOf(folder: string): string[] {
  return ifThere(() => readdirSync(join(repository, folder))) ?? [];
}

function readIfThere(path: string): string | undefined {
  return ifThere(() => readFileSync(join(repository, path), 'utf8'));
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const { values: options } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const wanted = generatedFiles(kinds, readFileSync(join(repository, 'crds/src/constants.ts'), 'utf8'));
const found = filesOnDisk(wanted);
const differences = drift(wanted, found);

if (options.check) {
  for (const difference of differences) console.error(difference);
  if (differences.length > 0) console.error('Run make generate and commit the result.');
  process.exitCode = differences.length > 0 ? 1 : 0;
} else {
  for (const path of found.keys()) if (!wanted.has(path)) rmSync(join(repository, path));
  for (const [path, text] of wanted) {
    if (found.get(path) === text) continue;
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
    console.log(`wrote ${path}`);
  }
}
