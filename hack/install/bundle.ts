import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build } from 'esbuild';
import { knownBundle, rememberBundle } from './bundle-record.ts';

/** A program with everything that it imports, ready to be put into an image. */
export interface Bundle {
  /** Folder in `dist/` and name of the image. */
  name: string;
  /** Folder with `main.js`, the parts that it loads when it needs them, and their source maps. */
  directory: string;
  /** What belongs into an image: names of files in that folder. */
  files: readonly string[];
  /** SHA-256 of those files, hex: the same sources give the same one. */
  hash: string;
  /** Their size in bytes. */
  size: number;
}

/**
 * Bundles `<root>/<name>/src/main.ts`, the programs of its threads (`*-worker.ts` beside it) and everything they import into `<root>/dist/<name>`, minified, for Node 24. What is
 * imported dynamically goes into parts of its own, so that it takes no memory where it isn't used. Program and threads are bundled
 * apart: a part that they shared would hold what only one of them uses. A bundle is made again only when something that it was made from has changed.
 *
 * @param root the repository's folder
 * @throws the bundler's error when an import can't be resolved or a source doesn't parse; it names the place.
 */
export async function bundle(root: string, name: string): Promise<Bundle> {
  const directory = join(root, 'dist', name);
  const known = knownBundle(root, directory);
  if (known) return known;
  const entryPoints = entryPointsOf(join(root, name, 'src'));
  const results = await Promise.all(entryPoints.map((entry) => bundled(root, directory, entry)));
  const encoder = new TextEncoder();
  const inputs = [...new Set(results.flatMap(({ metafile }) => Object.keys(metafile.inputs)))];
  // Parts are named by their content, so that the same one is the same file.
  const parts = new Map(
    results.flatMap(({ outputFiles }) => outputFiles.map(({ path, contents }) => [path, contents])),
  );
  const outputs = [
    ...[...parts].map(([path, contents]) => ({ file: path.slice(directory.length + 1), contents })),
    { file: 'package.json', contents: encoder.encode('{ "type": "module" }\n') },
    ...addonsOf(root, inputs),
  ].toSorted((a, b) => (a.file < b.file ? -1 : 1));
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const { file, contents } of outputs) writeFileSync(join(directory, file), contents);
  const shipped = outputs.filter(({ file }) => !file.endsWith('.map'));
  const hash = createHash('sha256');
  for (const { file, contents } of shipped) hash.update(`${file} ${contents.byteLength}\n`).update(contents);
  const made = {
    name,
    directory,
    files: shipped.map(({ file }) => file),
    hash: hash.digest('hex'),
    size: shipped.reduce((sum, { contents }) => sum + contents.byteLength, 0),
  };
  rememberBundle(root, made, inputs);
  return made;
}

/** Machine code that sources look for beside the program, where there is any for this machine; without it they are slower. */
function addonsOf(root: string, inputs: readonly string[]): { file: string; contents: Uint8Array }[] {
  if (!inputs.includes('storage/src/repository/hash.ts')) return [];
  const require = createRequire(join(root, 'storage/package.json'));
  const name = `@napi-rs/blake-hash-linux-${process.arch}-gnu`;
  try {
    return [{ file: 'blake3.node', contents: readFileSync(require.resolve(name)) }];
  } catch {
    return [];
  }
}

/** One program and its parts. @throws the bundler's error */
function bundled(root: string, directory: string, entry: string) {
  return build({
    entryPoints: [entry],
    outdir: directory,
    absWorkingDir: root,
    bundle: true,
    splitting: true,
    minify: true,
    // Class names are part of logs and error messages.
    keepNames: true,
    sourcemap: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // CommonJS packages in the bundle call require() for Node's own modules.
    banner: { js: `import{createRequire as osmoRequire}from'node:module';const require=osmoRequire(import.meta.url);` },
    logLevel: 'silent',
    metafile: true,
    write: false,
  });
}

/** The program, and the programs of its threads: files that nothing imports, since a thread is started by its file. */
function entryPointsOf(folder: string): string[] {
  const workers = readdirSync(folder).filter((file) => file.endsWith('-worker.ts'));
  return ['main.ts', ...workers].map((file) => join(folder, file));
}
