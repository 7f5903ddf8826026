/**
 * As much of the Mach-O format (64-bit, little-endian, one processor) as signing needs; the source is Apple's mach-o/loader.h.
 */

const magic64 = 0xfeedfacf;
const headerSize = 32;
const segmentCommand = 0x19;
const codeSignatureCommand = 0x1d;
/** Size of the load command that says where the signature is. */
export const signatureCommandSize = 16;

/** A file that is no program of the kind that is read here. */
export class MachOError extends Error {
  override name = 'MachOError';
}

/** A segment, with where its load command is, in bytes from the start of the file. */
export interface Segment {
  name: string;
  at: number;
  fileOffset: number;
  fileSize: number;
  memorySize: number;
}

/** What signing needs to know of a program. Offsets and sizes are in bytes. */
export interface MachO {
  segments: Segment[];
  /** Every load command: its number, and where it is. */
  commands: { at: number; command: number }[];
  /** Where the load commands end. */
  commandsEnd: number;
  /** Where the first section's bytes begin: load commands can grow up to here. */
  commandsLimit: number;
  /** Where the load command of the signature is, and its bytes. */
  signature?: { at: number; offset: number; size: number };
}

/**
 * Reads the load commands of a program for macOS.
 *
 * @throws MachOError for another format, several processors in one file, and load commands that go beyond it
 */
export function readMachO(file: Buffer): MachO {
  if (file.length < headerSize || file.readUInt32LE(0) !== magic64)
    throw new MachOError('not a Mach-O file of 64 bits for one processor');
  const count = file.readUInt32LE(16);
  const commandsEnd = headerSize + file.readUInt32LE(20);
  if (commandsEnd > file.length) throw new MachOError('its load commands go beyond its end');
  const found: MachO = { segments: [], commands: [], commandsEnd, commandsLimit: file.length };
  let at = headerSize;
  for (let index = 0; index < count; index++) {
    const size = at + 8 <= commandsEnd ? file.readUInt32LE(at + 4) : 0;
    if (size < 8 || at + size > commandsEnd) throw new MachOError(`load command ${index} goes beyond the others`);
    const command = file.readUInt32LE(at);
    found.commands.push({ at, command });
    if (command === segmentCommand) readSegment(file, at, found);
    if (command === codeSignatureCommand)
      found.signature = { at, offset: file.readUInt32LE(at + 8), size: file.readUInt32LE(at + 12) };
    at += size;
  }
  return found;
}

function readSegment(file: Buffer, at: number, found: MachO): void {
  const name = file.toString('latin1', at + 8, at + 24).replace(/\0.*$/s, '');
  const [memorySize, fileOffset, fileSize] = [32, 40, 48].map((field) => Number(file.readBigUInt64LE(at + field)));
  found.segments.push({ name, at, fileOffset: fileOffset ?? 0, fileSize: fileSize ?? 0, memorySize: memorySize ?? 0 });
  const sections = file.readUInt32LE(at + 64);
  for (let index = 0; index < sections; index++) {
    const offset = file.readUInt32LE(at + 72 + index * 80 + 48);
    if (offset > 0) found.commandsLimit = Math.min(found.commandsLimit, offset);
  }
}

/**
 * The segment of that name.
 *
 * @throws MachOError when there is none
 */
export function segmentOf({ segments }: MachO, name: string): Segment {
  const segment = segments.find((each) => each.name === name);
  if (segment === undefined) throw new MachOError(`no segment ${name}`);
  return segment;
}

/** Pages of memory: those of arm64, which are whole ones of x86-64, too. */
const memoryPageSize = 1 << 14;

/** Writes how long the last segment is in the file now; its place in memory grows by pages, where it has become too small. */
export function resizeSegment(file: Buffer, segment: Segment, fileSize: number): void {
  file.writeBigUInt64LE(BigInt(fileSize), segment.at + 48);
  if (fileSize <= segment.memorySize) return;
  file.writeBigUInt64LE(BigInt(Math.ceil(fileSize / memoryPageSize) * memoryPageSize), segment.at + 32);
}

/** Adds the load command of a signature after all others, or says where it is now. */
export function writeSignatureCommand(file: Buffer, program: MachO, offset: number, size: number): void {
  const at = program.signature?.at ?? program.commandsEnd;
  if (program.signature === undefined) {
    if (at + signatureCommandSize > program.commandsLimit)
      throw new MachOError('no room for the load command of a signature');
    file.writeUInt32LE(file.readUInt32LE(16) + 1, 16);
    file.writeUInt32LE(file.readUInt32LE(20) + signatureCommandSize, 20);
    file.writeUInt32LE(codeSignatureCommand, at);
    file.writeUInt32LE(signatureCommandSize, at + 4);
  }
  file.writeUInt32LE(offset, at + 8);
  file.writeUInt32LE(size, at + 12);
}

/**
 * Takes the load command of the signature out.
 *
 * @throws MachOError when it isn't the last one, as linkers write it
 */
export function removeSignatureCommand(file: Buffer, program: MachO): void {
  const at = program.signature?.at;
  if (at === undefined) return;
  if (at + signatureCommandSize !== program.commandsEnd)
    throw new MachOError('the load command of the signature is not the last one');
  file.fill(0, at, at + signatureCommandSize);
  file.writeUInt32LE(file.readUInt32LE(16) - 1, 16);
  file.writeUInt32LE(file.readUInt32LE(20) - signatureCommandSize, 20);
}
