/**
 * The program of the threads that read, cut, hash and compress files, and that write those that are restored. A bundled program has it as a file of its own beside
 * itself, `chunk-worker.js`; an executable of one file has it inside, under that name.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BatchReader, Buffers } from './batch-reader.ts';
import { Chunker } from './chunker.ts';
import { loadBlake3 } from './hash.ts';
import type { Answer, Request, ThreadData } from './thread-messages.ts';
import { DamagedPart, hasChunks, writeFiles } from './write-files.ts';

const chunker = new Chunker((workerData as ThreadData).sizes);
// Not waited for here: as the text of a thread the program is a script, in which nothing waits.
const hash = loadBlake3();
const buffers = new Buffers(chunker);
const readers = new Map<number, BatchReader>();

parentPort?.on('message', (request: Request) => {
  void answerTo(request).then(({ answer, transfer }) => parentPort?.postMessage(answer, transfer));
});

async function answerTo(request: Request): Promise<{ answer: Answer; transfer: ArrayBuffer[] }> {
  const { call } = request;
  try {
    const blake3 = await hash;
    switch (request.kind) {
      case 'open':
        readers.set(request.reader, new BatchReader(request.files, chunker, blake3, buffers));
        return { answer: { call, done: true }, transfer: [] };
      case 'next': {
        const found = await readers.get(request.reader)?.next();
        if (found === undefined) return { answer: { call, found }, transfer: [] };
        const { pieces, failed } = found;
        const digests = new Uint8Array(Buffer.concat(pieces.map(({ digest }) => digest)));
        const packed = {
          digests,
          failed,
          files: pieces.map(({ file }) => file),
          sizes: pieces.map(({ size }) => size),
        };
        return { answer: { call, found: packed }, transfer: [digests.buffer] };
      }
      case 'encode': {
        const encoded = (await readers.get(request.reader)?.encode(request.wanted)) ?? [];
        return { answer: { call, encoded }, transfer: encoded.map(({ stored }) => stored.buffer as ArrayBuffer) };
      }
      case 'close':
        await readers.get(request.reader)?.close();
        readers.delete(request.reader);
        return { answer: { call, done: true }, transfer: [] };
      case 'write': {
        writeFiles(request.work, blake3);
        return { answer: { call, done: true }, transfer: [] };
      }
      case 'hasChunks':
        return { answer: { call, isThere: await hasChunks(request.file, request.chunks, blake3) }, transfer: [] };
    }
  } catch (error) {
    const { message, code, syscall, path } = error as NodeJS.ErrnoException;
    const part = error instanceof DamagedPart ? error.part : undefined;
    const failure = { message, code, syscall, path, refused: error instanceof RangeError, part };
    return { answer: { call, failure }, transfer: [] };
  }
}
