import { expect, test } from '@jest/globals';
import { macExecutable } from './executable.ts';
import { readMachO, segmentOf } from './mac/mach-o.ts';
import { smallPrograms } from './mac/testing/small-programs.ts';

const blob = Buffer.from('the program');
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

test('a Node for macOS gets the program where it looks for it, is told to look, and is signed', () => {
  const made = macExecutable(smallPrograms.arm64.file(), blob);
  const { fileOffset } = segmentOf(readMachO(made), 'NODE_SEA');
  expect(made.subarray(fileOffset, fileOffset + blob.length)).toEqual(blob);
  expect(made.includes(`${fuse}:1`)).toBe(true);
  expect(readMachO(made).signature).toBeDefined();
});

test('what has a program in it already, or never looks for one, is refused', () => {
  expect(() => macExecutable(macExecutable(smallPrograms.arm64.file(), blob), blob)).toThrow(
    /is not in that Node, once/,
  );
  const other = smallPrograms.x64.file();
  other.write('X', other.indexOf(fuse));
  expect(() => macExecutable(other, blob)).toThrow(/is not in that Node, once/);
});
