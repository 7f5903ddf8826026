import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A program as one file, ready to be put into an image. */
export interface Bundle {
  /** Folder in `dist/` and name of the image. */
  name: string;
  /** Folder with `main.js`, its source map and a package.json that makes it a module. */
  directory: string;
  /** SHA-256 of `main.js`, hex: the same sources give the same one. */
  hash: string;
  /** Size of `main.js` in bytes. */
  size: number;
}

/**
 * Bundles `<root>/<name>/src/main.ts` and everything it imports into `<root>/dist/<name>/main.js`, minified, for Node 24.
 *
 * @param root the repository's folder
 * @throws the bundler's error when an import can't be resolved or a source doesn't parse; it names the place.
 */
export async function bundle(root: string, name: string): Promise<Bundle> {
  const directory = join(root, 'dist', name);
  const result = await build({
    entryPoints: [join(root, name, 'src/main.ts')],
    outfile: join(directory, 'main.js'),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    // Class names are part of logs and error messages.
    keepNames: true,
    sourcemap: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // CommonJS packages in the bundle call require() for Node's own modules.
    banner: { js: `import{createRequire as osmoRequire}from'node:module';const require=osmoRequire(import.meta.url);` },
    logLevel: 'error',
    write: false,
  });
  mkdirSync(directory, { recursive: true });
  for (const file of result.outputFiles) writeFileSync(file.path, file.contents);
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  const main = result.outputFiles.find((file) => file.path.endsWith('main.js'));
  if (!main) throw new Error(`bundling ${name} gave no main.js`);
  return {
    name,
    directory,
    hash: createHash('sha256').update(main.contents).digest('hex'),
    size: main.contents.byteLength,
  };
}
