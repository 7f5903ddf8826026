import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { importOverrides } from './import-table.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'import-table-'));
  const config = { categories: { correctness: 'off' }, overrides: importOverrides(['crds', 'kube', 'controllers']) };
  writeFileSync(join(root, '.oxlintrc.json'), JSON.stringify(config));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function lint(file: string, source: string): { ok: boolean; output: string } {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${source}\n`);
  const run = spawnSync(join(process.cwd(), 'node_modules/.bin/oxlint'), [file], { cwd: root, encoding: 'utf8' });
  return { ok: run.status === 0, output: run.stdout + run.stderr };
}

describe('the import table, as oxlint enforces it', () => {
  test.each([
    ['a package of the row', 'crds/src/a.ts', `export { z } from 'zod';`],
    ['a sub-path of a package of the row', 'kube/src/a.ts', `export { Agent } from 'undici/types';`],
    ['a file of the same folder', 'crds/src/b.ts', `export { a } from './deep/a.ts';`],
    ['a file further up in the same folder', 'controllers/src/pool/plan.ts', `export { a } from '../naming.ts';`],
    ['the standard library', 'controllers/src/a.ts', `export { createHash } from 'node:crypto';`],
    ['another folder of the row, by name', 'controllers/src/b.ts', `export { a } from '@osmo/crds';`],
    ['a test tool in a test', 'crds/src/a.test.ts', `export { test } from '@jest/globals';`],
  ])('allows %s', (_, file, source) => expect(lint(file, source)).toMatchObject({ ok: true }));

  test.each([
    ['a package outside the row', 'crds/src/a.ts', `export { a } from '@osmo/kube';`],
    ['our kinds in the runtime', 'kube/src/a.ts', `export { a } from '@osmo/crds';`],
    ['a relative path into another folder', 'controllers/src/a.ts', `export { a } from '../../crds/src/index.ts';`],
    ['a test tool outside tests', 'crds/src/a.ts', `export { test } from '@jest/globals';`],
  ])('refuses %s', (_, file, source) => {
    const { ok, output } = lint(file, source);
    expect(output).toMatch(/no-restricted-imports/);
    expect(ok).toBe(false);
  });
});
