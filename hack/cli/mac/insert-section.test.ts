import { expect, test } from '@jest/globals';
import { removeSignature } from './ad-hoc-signature.ts';
import { insertSection } from './insert-section.ts';
import { readMachO, segmentOf } from './mach-o.ts';
import { smallPrograms } from './testing/small-programs.ts';

const name = { segment: 'NODE_SEA', section: '__NODE_SEA_BLOB' };
/** Of no whole number of pages. */
const data = Buffer.from(Array.from({ length: 40_001 }, (_, at) => at % 251));
const programs = Object.entries(smallPrograms);

const address = (file: Buffer, at: number): number => Number(file.readBigUInt64LE(at + 24));

test.each(programs)(
  '%s: the data is in a segment of its own, before the last one, in the file and in memory',
  (_, each) => {
    const bare = removeSignature(each.file());
    const grown = insertSection(bare, name, data);
    const [before, after] = [readMachO(bare), readMachO(grown)];
    expect(after.segments.map((segment) => segment.name)).toEqual([
      ...before.segments.slice(0, -1).map((segment) => segment.name),
      'NODE_SEA',
      '__LINKEDIT',
    ]);
    const added = segmentOf(after, 'NODE_SEA');
    expect(added.fileOffset % each.pageSize).toBe(0);
    expect(grown.subarray(added.fileOffset, added.fileOffset + data.length)).toEqual(data);
    // The section says how long the data is: the segment has whole pages.
    expect(grown.toString('latin1', added.at + 72, added.at + 72 + 15)).toBe('__NODE_SEA_BLOB');
    expect(Number(grown.readBigUInt64LE(added.at + 72 + 40))).toBe(data.length);
    expect(grown.readUInt32LE(added.at + 72 + 48)).toBe(added.fileOffset);
    // One after the other, without a hole or an overlap.
    for (const [at, segment] of after.segments.entries()) {
      const next = after.segments[at + 1];
      if (next === undefined) continue;
      expect(address(grown, next.at)).toBe(address(grown, segment.at) + segment.memorySize);
      expect(next.fileOffset).toBe(segment.fileOffset + segment.fileSize);
    }
    const last = segmentOf(after, '__LINKEDIT');
    expect(last.fileOffset + last.fileSize).toBe(grown.length);
  },
);

/** What load commands name in the last segment: their number, and the bytes from there on. */
function named(file: Buffer): { command: number; bytes: string }[] {
  const { commands } = readMachO(file);
  const places: Record<number, number[]> = {
    0x2: [8, 16],
    0x80000022: [8, 16, 40],
    0x26: [8],
    0x29: [8],
    0x80000033: [8],
  };
  return commands.flatMap(({ at, command }) =>
    (places[command] ?? []).map((place) => {
      const offset = file.readUInt32LE(at + place);
      return { command, bytes: offset === 0 ? '' : file.toString('hex', offset) };
    }),
  );
}

test.each(programs)('%s: what was there before is still found, and else nothing changed', (_, each) => {
  const bare = removeSignature(each.file());
  const grown = insertSection(bare, name, data);
  expect(named(grown)).toEqual(named(bare));
  expect(named(bare).length).toBeGreaterThan(4);
  const { commandsLimit } = readMachO(bare);
  const last = segmentOf(readMachO(bare), '__LINKEDIT');
  expect(grown.subarray(commandsLimit, last.fileOffset)).toEqual(bare.subarray(commandsLimit, last.fileOffset));
});

/** The list of dyld_chained_starts_in_image, with what is relative to it made absolute. */
function startsOf(file: Buffer): (number | undefined)[] {
  const command = readMachO(file).commands.find((each) => each.command === 0x80000034)?.at ?? 0;
  const fixups = file.readUInt32LE(command + 8);
  const start = file.readUInt32LE(fixups + 4);
  const count = file.readUInt32LE(fixups + start);
  return Array.from({ length: count }, (_, at) => file.readUInt32LE(fixups + start + 4 + at * 4)).map((offset) =>
    offset === 0 ? undefined : start + offset,
  );
}

test('the new segment is counted among those that the loader works on, with nothing to do, and the others keep their work', () => {
  const bare = removeSignature(smallPrograms.arm64.file());
  const before = startsOf(bare);
  expect(before.filter((each) => each !== undefined)).not.toEqual([]);
  const after = insertSection(bare, name, data);
  expect(startsOf(after)).toEqual(before.toSpliced(-1, 0, undefined));
  expect(startsOf(after)).toHaveLength(readMachO(after).segments.length);
});

test('a program without room for another load command is refused with what is there, one that has the segment, too', () => {
  const once = insertSection(removeSignature(smallPrograms.x64.file()), name, data);
  expect(() => insertSection(once, name, data)).toThrow('it has a NODE_SEA');
  expect(() => insertSection(once, { ...name, segment: 'ANOTHER' }, data)).toThrow(
    /needs 152 bytes for its load command, and there are 1\d\d$/,
  );
});

test('a load command that nobody here knows is refused: it may name what moves', () => {
  const bare = Buffer.from(removeSignature(smallPrograms.arm64.file()));
  const uuid = readMachO(bare).commands.find(({ command }) => command === 0x1b)?.at ?? 0;
  bare.writeUInt32LE(0x7777, uuid);
  expect(() => insertSection(bare, name, data)).toThrow(/load command 0x7777 isn't known/);
  expect(() => insertSection(smallPrograms.arm64.file(), name, data)).toThrow(/remove the signature first/);
});
