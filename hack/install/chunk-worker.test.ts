import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'osmo-chunk-worker-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a program that is bundled, with the program of its threads beside it, stores and restores by them', async () => {
  const main = join(directory, 'main.ts');
  writeFileSync(
    main,
    `import { FileStore } from ${JSON.stringify(join(root, 'storage/src/file/file-store.ts'))};
import { openRepository } from ${JSON.stringify(join(root, 'storage/src/repository/index.ts'))};
const repository = await openRepository(new FileStore('store'), { create: true, workers: 2 });
const { manifest } = await repository.commit({ folder: 'in' });
console.log(JSON.stringify(await (await repository.open(manifest)).restore('out')));
await repository.close();
`,
  );
  await build({
    entryPoints: { main, 'chunk-worker': join(root, 'task-runtime/src/chunk-worker.ts') },
    outdir: join(directory, 'dist'),
    absWorkingDir: root,
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'silent',
  });
  writeFileSync(join(directory, 'dist/package.json'), '{ "type": "module" }\n');
  mkdirSync(join(directory, 'in'));
  // So much that threads are worth while.
  for (const name of ['a', 'b']) writeFileSync(join(directory, 'in', name), Buffer.alloc(5_000_000, name));
  // Run where no sources and no packages can be found.
  const act = () => spawnSync(process.execPath, ['dist/main.js'], { cwd: directory, encoding: 'utf8', env: {} });
  const { stdout, stderr } = act();
  expect({ stdout, stderr }).toEqual({ stdout: '{"files":2,"bytes":10000000,"skipped":0}\n', stderr: '' });
  // Without that file there are no threads, which says that there were.
  rmSync(join(directory, 'dist/chunk-worker.js'));
  expect(act().stderr).toContain('there is no program for threads here');
}, 240_000);
