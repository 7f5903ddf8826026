import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run } from '../cluster/system/run.ts';
import { bundle } from './bundle.ts';

let root: string;
const write = (path: string, text: string): void => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'osmo-bundle-'));
  write('node_modules/old/package.json', '{ "name": "old", "main": "index.js" }');
  write('node_modules/old/index.js', `module.exports = { host: require('os').hostname() };`);
  write('tool/src/heavy.ts', `export const heavy: string = 'heavy';`);
  write(
    'tool/src/main.ts',
    `import old from 'old';
     class WantedError extends Error { override name = WantedError.name; }
     const loaded = process.argv[2] === 'all' ? (await import('./heavy.ts')).heavy : 'light';
     console.log(old.host.length > 0, loaded, new WantedError('x').name);`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a bundled program', () => {
  test('runs without its packages, keeps the names of its classes and loads parts when it needs them', async () => {
    const { directory } = await bundle(root, 'tool');
    rmSync(join(root, 'node_modules'), { recursive: true });
    const main = join(directory, 'main.js');
    expect((await run(process.execPath, [main])).stdout).toBe('true light WantedError\n');
    expect((await run(process.execPath, [main, 'all'])).stdout).toBe('true heavy WantedError\n');
  });
  test('has the same hash for the same sources, wherever they are, and another one for others', async () => {
    const first = await bundle(root, 'tool');
    expect((await bundle(root, 'tool')).hash).toBe(first.hash);
    write('tool/src/heavy.ts', `export const heavy: string = 'heavier';`);
    const second = await bundle(root, 'tool');
    expect(second.hash).not.toBe(first.hash);
    // What a former build left is gone.
    const scripts = readdirSync(second.directory).filter((name) => /\.js$|^package\.json$/.test(name));
    expect(scripts.toSorted()).toEqual([...second.files].toSorted());
  });
  test('is made again only when a source has changed', async () => {
    const { directory } = await bundle(root, 'tool');
    const made = (): number => statSync(join(directory, 'main.js')).mtimeMs;
    const first = made();
    expect((await bundle(root, 'tool')).directory).toBe(directory);
    expect(made()).toBe(first);
    write('node_modules/old/index.js', `module.exports = { host: 'changed' };`);
    await bundle(root, 'tool');
    expect(made()).toBeGreaterThan(first);
    rmSync(join(directory, 'main.js'));
    await bundle(root, 'tool');
    expect(existsSync(join(directory, 'main.js'))).toBe(true);
  });
  test('that imports what isn’t there is refused by name', async () => {
    write('tool/src/main.ts', `import 'missing-package';`);
    await expect(bundle(root, 'tool')).rejects.toThrow(/missing-package/);
  });
});
