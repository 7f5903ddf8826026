import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'osmo-recipe-worker-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('recipes are read in threads by a program and a worker that are bundled into a file each', async () => {
  const main = join(directory, 'main.ts');
  writeFileSync(
    main,
    `import { RecipeReader } from ${JSON.stringify(join(root, 'workflow-spec/src/index.ts'))};
const reader = new RecipeReader({ worker: new URL('./recipe-worker.js', import.meta.url), timeLimitMs: 120_000 });
const text = 'workflow:\\n  name: w\\n  tasks:\\n  - {name: "t{{ 1 + 1 }}", image: i, command: [c]}\\n';
console.log(JSON.stringify(await reader.read({ text })));
await reader.close();
`,
  );
  await build({
    entryPoints: { main, 'recipe-worker': join(root, 'workflow-spec/src/reader/recipe-worker.ts') },
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
  // Run where no sources and no packages can be found.
  const run = spawnSync(process.execPath, ['dist/main.js'], { cwd: directory, encoding: 'utf8', env: {} });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toMatchObject({ name: 'w', workflow: { spec: { tasks: [{ name: 't2' }] } } });
}, 240_000);
