import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pythonWith } from '../../../workflow-spec/src/testing/python-reference.ts';
import { removeSignature, signAdHoc } from './ad-hoc-signature.ts';
import { insertSection } from './insert-section.ts';
import { readMachO } from './mach-o.ts';
import { smallPrograms } from './testing/small-programs.ts';

/* What is put into programs for macOS, read by LIEF, which has its own reader and the checks of Apple's loader. */

/** What LIEF says of a program. */
interface Verdict {
  problem: string;
  symbols: unknown[];
  sections: [segment: string, name: string, size: number, start: string][];
  pointers: unknown[];
  imports: unknown[];
}

const script = fileURLToPath(new URL('testing/layout.py', import.meta.url));
const name = { segment: 'NODE_SEA', section: '__NODE_SEA_BLOB' };
const data = Buffer.from('what is put in '.repeat(5000));
let python: string;
let folder: string;

beforeAll(() => {
  python = pythonWith(['lief==1.0.0']);
  folder = mkdtempSync(join(tmpdir(), 'osmo-layout-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verdicts(...files: Buffer[]): Verdict[] {
  const paths = files.map((file, at) => {
    const path = join(folder, String(at));
    writeFileSync(path, file);
    return path;
  });
  const found = JSON.parse(execFileSync(python, ['-I', script, ...paths], { encoding: 'utf8' })) as Record<
    string,
    Verdict
  >;
  return paths.map((path) => found[path]!);
}

test.each(Object.entries(smallPrograms))(
  '%s: a loader finds all that was there before, and the data',
  (_, { file }) => {
    const bare = removeSignature(file());
    const [before, after] = verdicts(file(), signAdHoc(insertSection(bare, name, data), { identifier: 'osmo' }));
    const start = data.subarray(0, 16).toString('hex');
    expect(before!.problem).toBe('');
    expect(before!.pointers).not.toEqual([]);
    expect(before!.imports).toEqual([[expect.any(Number), '_puts', '/usr/lib/libSystem.B.dylib']]);
    expect(after).toEqual({
      ...before,
      sections: [...before!.sections, ['NODE_SEA', '__NODE_SEA_BLOB', data.length, start]],
    });
  },
);

test('a segment that is not counted is what loaders refuse', () => {
  const grown = insertSection(removeSignature(smallPrograms.arm64.file()), name, data);
  const command = readMachO(grown).commands.find((each) => each.command === 0x80000034)!.at;
  const fixups = grown.readUInt32LE(command + 8);
  const start = fixups + grown.readUInt32LE(fixups + 4);
  grown.writeUInt32LE(grown.readUInt32LE(start) - 1, start);
  expect(verdicts(grown)[0]!.problem).toBe('chained fixups, seg_count does not match number of segments');
});
