/**
 * The program of pod sandboxes, as a complete static ELF file for x64: it ignores SIGCHLD (so the kernel reaps what
 * falls to it as process 1) and sleeps for ever. No compiler is needed for these 200 bytes.
 *
 * @throws RangeError for another architecture.
 */
export function pauseProgram(architecture: string): Buffer {
  if (architecture !== 'x64') {
    throw new RangeError(`pause program: there is code for x64 only, not for ${architecture}; use CLUSTER=kind`);
  }
  const code = Buffer.from(
    [
      'b80d000000', // mov eax, 13        rt_sigaction
      'bf11000000', // mov edi, 17        SIGCHLD
      '488d3517000000', // lea rsi, [rip+23]  the action below
      '31d2', // xor edx, edx
      '41ba08000000', // mov r10d, 8
      '0f05', // syscall
      'b822000000', // mov eax, 34        pause
      '0f05', // syscall
      'ebf7', // jmp to "mov eax, 34"
      '00000000', // alignment
      '0100000000000000'.padEnd(64, '0'), // { SIG_IGN, flags 0, restorer 0, mask 0 }
    ].join(''),
    'hex',
  );
  const base = 0x400000n;
  const start = 64 + 56;
  const size = BigInt(start + code.length);
  const header = Buffer.alloc(start);
  header.write('\x7fELF', 0, 'latin1');
  header.set([2, 1, 1], 4); // 64 bit, little endian, version 1
  header.writeUInt16LE(2, 16); // executable
  header.writeUInt16LE(62, 18); // x86-64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(base + BigInt(start), 24); // entry
  header.writeBigUInt64LE(64n, 32); // program headers
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  header.writeUInt16LE(64, 58);
  header.writeUInt32LE(1, 64); // PT_LOAD
  header.writeUInt32LE(5, 68); // readable, executable
  header.writeBigUInt64LE(base, 80);
  header.writeBigUInt64LE(base, 88);
  header.writeBigUInt64LE(size, 96);
  header.writeBigUInt64LE(size, 104);
  header.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([header, code]);
}
