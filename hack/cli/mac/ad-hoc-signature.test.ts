import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { removeSignature, signAdHoc, signatureFlags } from './ad-hoc-signature.ts';
import { MachOError, readMachO, segmentOf } from './mach-o.ts';
import { smallPrograms } from './testing/small-programs.ts';

const programs = Object.entries(smallPrograms);
const byLinker = signatureFlags.adHoc | signatureFlags.linkerSigned;

test.each(programs)('%s: a program that is signed again is byte for byte what the linker signed', (_, program) => {
  const linked = program.file();
  const bare = removeSignature(linked);
  expect(readMachO(bare).signature).toBeUndefined();
  expect(bare.length).toBeLessThan(linked.length);
  expect(signAdHoc(bare, { identifier: program.identifier, flags: byLinker }).equals(linked)).toBe(true);
});

test.each(programs)('%s: a signature is of every page, and names the program', (_, { file }) => {
  const signed = signAdHoc(removeSignature(file()), { identifier: 'osmo' });
  const { signature } = readMachO(signed);
  const { offset = 0, size = 0 } = signature ?? {};
  expect(offset + size).toBe(signed.length);
  const last = segmentOf(readMachO(signed), '__LINKEDIT');
  expect(last.fileOffset + last.fileSize).toBe(signed.length);
  expect(last.memorySize).toBeGreaterThanOrEqual(last.fileSize);
  // As cs_blobs.h has it.
  const directory = signed.subarray(offset + signed.readUInt32BE(offset + 16));
  const [, , version, flags, hashes = 0, name = 0, , count = 0, limit] = Array.from({ length: 9 }, (__, at) =>
    directory.readUInt32BE(at * 4),
  );
  expect({ version, flags, limit }).toEqual({ version: 0x2_04_00, flags: 2, limit: offset });
  expect(directory.toString('latin1', name, name + 5)).toBe('osmo\0');
  expect(count).toBe(Math.ceil(offset / 4096));
  for (let page = 0; page < count; page++) {
    const bytes = signed.subarray(page * 4096, Math.min((page + 1) * 4096, offset));
    expect(directory.subarray(hashes + page * 32, hashes + (page + 1) * 32)).toEqual(
      createHash('sha256').update(bytes).digest(),
    );
  }
});

test('a program without a signature stays as it is when that is removed, and one with a signature takes no second one', () => {
  const linked = smallPrograms.arm64.file();
  const bare = removeSignature(linked);
  expect(removeSignature(bare)).toBe(bare);
  expect(() => signAdHoc(linked, { identifier: 'osmo' })).toThrow(/remove the signature first/);
});

test('what lies behind the last segment, or behind the signature, is refused', () => {
  const linked = smallPrograms.x64.file();
  const longer = (file: Buffer): Buffer => Buffer.concat([file, Buffer.alloc(16)]);
  expect(() => removeSignature(longer(linked))).toThrow(/not at the end/);
  expect(() => signAdHoc(longer(removeSignature(linked)), { identifier: 'osmo' })).toThrow(/bytes after __LINKEDIT/);
});

test('other files are refused, whatever is in them', () => {
  const linked = smallPrograms.arm64.file();
  const changed = (at: number, value: number): Buffer => {
    const file = Buffer.from(linked);
    file.writeUInt32LE(value, at);
    return file;
  };
  const files = [
    Buffer.alloc(0),
    Buffer.from('#!/bin/sh'),
    Buffer.from('\x7fELF'.padEnd(64)),
    // Several processors in one file; load commands that are longer than the file, than all of them, or nothing.
    changed(0, 0xbebafeca),
    changed(20, 0xffff_ffff),
    changed(36, 0xffff_ff00),
    changed(36, 0),
    linked.subarray(0, 40),
    linked.subarray(0, 200),
  ];
  for (const file of files) {
    expect(() => readMachO(file)).toThrow(MachOError);
  }
});
