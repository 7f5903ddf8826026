/**
 * Ad-hoc code signatures of macOS: hashes of a program's pages with nobody's name on them, without which a Mac with Apple's
 * processor starts nothing. As linkers make them: Apple's cs_blobs.h has the format (of xnu), and this writes what LLVM's and Go's linkers do.
 */
import { createHash } from 'node:crypto';
import {
  MachOError,
  readMachO,
  removeSignatureCommand,
  resizeSegment,
  segmentOf,
  writeSignatureCommand,
} from './mach-o.ts';

const magicOfSignature = 0xfade0cc0;
const magicOfCodeDirectory = 0xfade0c02;
/** The version of the format that has the executable segment in it. */
const version = 0x2_04_00;
const hashSize = 32;
const sha256 = 2;
/** Pages of hashing, whatever the processor's are. */
const pageBits = 12;
const pageSize = 1 << pageBits;
const directoryHeader = 88;
/** Of the signature, with an index of one blob, up to the next multiple of 8. */
const signatureHeader = 24;
const mainBinary = 1n;

/** Flags of a signature: that nobody's key made it, and that a linker did, so that tools may replace it. */
export const signatureFlags = { adHoc: 0x2, linkerSigned: 0x2_00_00 } as const;

/**
 * A program without its signature, as before it was signed; the same bytes when there is none.
 *
 * @throws MachOError when the signature isn't the last thing in the file, as the format wants it
 */
export function removeSignature(file: Buffer): Buffer {
  const program = readMachO(file);
  if (program.signature === undefined) return file;
  const { offset, size } = program.signature;
  const last = segmentOf(program, '__LINKEDIT');
  if (offset + size !== file.length || last.fileOffset + last.fileSize !== file.length)
    throw new MachOError('the signature is not at the end of the file');
  const bare = Buffer.from(file.subarray(0, offset));
  removeSignatureCommand(bare, program);
  resizeSegment(bare, last, offset - last.fileOffset);
  return bare;
}

/**
 * A program with an ad-hoc signature over all of it.
 *
 * @param file without a signature, its last segment `__LINKEDIT`
 * @param options `identifier`: the name that the signature gives it
 * @throws MachOError when it has a signature, and when its layout leaves no place for one
 */
export function signAdHoc(file: Buffer, options: { identifier: string; flags?: number }): Buffer {
  const { identifier, flags = signatureFlags.adHoc } = options;
  const program = readMachO(file);
  if (program.signature !== undefined) throw new MachOError('it is signed: remove the signature first');
  const last = segmentOf(program, '__LINKEDIT');
  if (program.segments.some(({ fileOffset }) => fileOffset > last.fileOffset))
    throw new MachOError('__LINKEDIT is not its last segment: nothing can be added to it');
  if (last.fileOffset + last.fileSize !== file.length)
    throw new MachOError('bytes after __LINKEDIT: a signature would be behind them');
  const codeSize = Math.ceil(file.length / 16) * 16;
  const pages = Math.ceil(codeSize / pageSize);
  // The hashes begin at a multiple of 16 in the signature.
  const named = directoryHeader + Buffer.byteLength(identifier) + 1 + signatureHeader;
  const name = Buffer.alloc(Math.ceil(named / 16) * 16 - directoryHeader - signatureHeader);
  name.write(identifier);
  const size = signatureHeader + directoryHeader + name.length + pages * hashSize;
  const place = Math.ceil(size / 16) * 16;
  const signed = Buffer.alloc(codeSize + place);
  file.copy(signed);
  // The load commands are part of what is hashed: they are written first.
  writeSignatureCommand(signed, program, codeSize, place);
  resizeSegment(signed, last, codeSize + place - last.fileOffset);
  const text = segmentOf(program, '__TEXT');
  const signature = signed.subarray(codeSize);
  for (const [index, field] of [magicOfSignature, size, 1, 0, signatureHeader].entries())
    signature.writeUInt32BE(field, index * 4);
  const directory = signature.subarray(signatureHeader);
  const fields = [
    magicOfCodeDirectory,
    size - signatureHeader,
    version,
    flags,
    directoryHeader + name.length,
    directoryHeader,
    0,
    pages,
    codeSize,
  ];
  for (const [index, field] of fields.entries()) directory.writeUInt32BE(field, index * 4);
  for (const [index, field] of [hashSize, sha256, 0, pageBits].entries()) directory.writeUInt8(field, 36 + index);
  directory.writeBigUInt64BE(BigInt(text.fileOffset), 64);
  directory.writeBigUInt64BE(BigInt(text.fileSize), 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  name.copy(directory, directoryHeader);
  for (let page = 0; page < pages; page++) {
    const bytes = signed.subarray(page * pageSize, Math.min((page + 1) * pageSize, codeSize));
    createHash('sha256')
      .update(bytes)
      .digest()
      .copy(directory, directoryHeader + name.length + page * hashSize);
  }
  return signed;
}
