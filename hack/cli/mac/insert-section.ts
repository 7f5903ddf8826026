/**
 * Puts data into a program for macOS, in a segment of its own, as Node looks for what it is to run. Everything before the last segment
 * stays byte for byte; the last one, `__LINKEDIT`, is moved behind the new one, and what says where its parts are says so again.
 */
import { MachOError, type MachO, readMachO, type Segment, segmentOf } from './mach-o.ts';

const arm64 = 0x0100_000c;
/** A command that describes one segment with one section. */
const segmentCommandSize = 72 + 80;
const readable = 1;

/** Load commands with places in the file, by number, and where in the command those are; Apple's mach-o/loader.h has them. */
const placesOf: Readonly<Record<number, readonly number[]>> = {
  0x2: [8, 16], // LC_SYMTAB
  0xb: [32, 40, 48, 56, 64, 72], // LC_DYSYMTAB
  0x22: [8, 16, 24, 32, 40], // LC_DYLD_INFO
  0x8000_0022: [8, 16, 24, 32, 40], // LC_DYLD_INFO_ONLY
  0x1e: [8], // LC_SEGMENT_SPLIT_INFO
  0x26: [8], // LC_FUNCTION_STARTS
  0x29: [8], // LC_DATA_IN_CODE
  0x2b: [8], // LC_DYLIB_CODE_SIGN_DRS
  0x2e: [8], // LC_LINKER_OPTIMIZATION_HINT
  0x36: [8], // LC_ATOM_INFO
  0x8000_0033: [8], // LC_DYLD_EXPORTS_TRIE
  0x8000_0034: [8], // LC_DYLD_CHAINED_FIXUPS
};
const chainedFixups = 0x8000_0034;
/** Those that name no place in the file which moves: segments, libraries, the loader, versions, the entry, an identifier. */
const withoutPlaces: ReadonlySet<number> = new Set([
  0x19, 0xc, 0x8000_0018, 0x8000_001f, 0x8000_001c, 0xe, 0x1b, 0x24, 0x2a, 0x32, 0x8000_0028,
]);

/**
 * A program with `data` in the section `section` of a new segment `segment`, which is readable and nothing else.
 *
 * @param file a program without a signature
 * @throws MachOError when there is no room for the load command, or a load command that isn't known here
 */
export function insertSection(file: Buffer, name: { segment: string; section: string }, data: Buffer): Buffer {
  const program = readMachO(file);
  if (program.signature !== undefined) throw new MachOError('it is signed: remove the signature first');
  if (program.segments.some((each) => each.name === name.segment)) throw new MachOError(`it has a ${name.segment}`);
  const last = segmentOf(program, '__LINKEDIT');
  if (program.segments.at(-1) !== last || last.fileOffset + last.fileSize !== file.length)
    throw new MachOError('__LINKEDIT is not its last segment, at its end');
  if (program.commandsEnd + segmentCommandSize > program.commandsLimit) {
    const room = program.commandsLimit - program.commandsEnd;
    throw new MachOError(`a segment needs ${segmentCommandSize} bytes for its load command, and there are ${room}`);
  }
  const pageSize = file.readUInt32LE(4) === arm64 ? 1 << 14 : 1 << 12;
  const growth = Math.ceil(data.length / pageSize) * pageSize;
  const grown = Buffer.alloc(file.length + growth);
  file.copy(grown, 0, 0, last.fileOffset);
  data.copy(grown, last.fileOffset);
  file.copy(grown, last.fileOffset + growth, last.fileOffset);
  for (const command of program.commands) moveCommand(grown, command, last, growth);
  addSegment(grown, name, { last, growth, length: data.length, commandsEnd: program.commandsEnd });
  const fixups = program.commands.find(({ command }) => command === chainedFixups);
  if (fixups !== undefined)
    countSegment(grown, file.readUInt32LE(fixups.at + 8) + growth, program.segments.indexOf(last));
  return grown;
}

/** Says again in one load command where the parts of the last segment are. */
function moveCommand(file: Buffer, { at, command }: MachO['commands'][number], last: Segment, growth: number): void {
  const places = placesOf[command];
  if (places === undefined) {
    if (withoutPlaces.has(command)) return;
    throw new MachOError(`load command 0x${command.toString(16)} isn't known: it may name places that move`);
  }
  for (const place of places) {
    const offset = file.readUInt32LE(at + place);
    if (offset >= last.fileOffset) file.writeUInt32LE(offset + growth, at + place);
  }
}

function addSegment(
  file: Buffer,
  { segment, section }: { segment: string; section: string },
  { last, growth, length, commandsEnd }: { last: Segment; growth: number; length: number; commandsEnd: number },
): void {
  const { at, fileOffset } = last;
  const address = file.readBigUInt64LE(at + 24);
  file.copyWithin(at + segmentCommandSize, at, commandsEnd);
  file.fill(0, at, at + segmentCommandSize);
  file.copy(file, at, at + segmentCommandSize, at + segmentCommandSize + 4);
  file.writeUInt32LE(segmentCommandSize, at + 4);
  file.write(segment, at + 8, 'latin1');
  const bytes = [address, BigInt(growth), BigInt(fileOffset), BigInt(growth)];
  for (const [index, value] of bytes.entries()) file.writeBigUInt64LE(value, at + 24 + index * 8);
  for (const [index, value] of [readable, readable, 1].entries()) file.writeUInt32LE(value, at + 56 + index * 4);
  file.write(section, at + 72, 'latin1');
  file.write(segment, at + 88, 'latin1');
  file.writeBigUInt64LE(address, at + 104);
  file.writeBigUInt64LE(BigInt(length), at + 112);
  file.writeUInt32LE(fileOffset, at + 120);
  const moved = at + segmentCommandSize;
  file.writeBigUInt64LE(address + BigInt(growth), moved + 24);
  file.writeBigUInt64LE(BigInt(fileOffset + growth), moved + 40);
  file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) + segmentCommandSize, 20);
}

/** Of what says where the pointers are that the loader fills in: the header, which linkers round up to 32. */
const fixupsHeaderSize = 28;

/**
 * Has the new segment counted where the loader's work on each segment is listed, with none to do: since macOS 27 the loader refuses
 * a program with more segments than are counted there. The list grows by its first four bytes, into the padding of the header before it.
 */
function countSegment(file: Buffer, fixups: number, index: number): void {
  const offset = file.readUInt32LE(fixups + 4);
  const start = fixups + offset;
  if (offset < fixupsHeaderSize + 4 || file.readUInt32LE(start - 4) !== 0)
    throw new MachOError('no room to count another segment in its chained fixups');
  const count = file.readUInt32LE(start);
  const offsets = Array.from({ length: count }, (_, at) => file.readUInt32LE(start + 4 + at * 4));
  file.writeUInt32LE(offset - 4, fixups + 4);
  // What they are relative to is four bytes further away.
  const grown = offsets.map((each) => (each === 0 ? 0 : each + 4)).toSpliced(index, 0, 0);
  for (const [at, value] of [count + 1, ...grown].entries()) file.writeUInt32LE(value, start - 4 + at * 4);
}
