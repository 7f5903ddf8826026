import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { getAsset, isSea } from 'node:sea';
import { Worker } from 'node:worker_threads';
import type { BatchFile, ChunkReader, Encoded, Found } from './batch-reader.ts';
import type { ChunkSizes } from './chunker.ts';
import { digestBytes } from './hash.ts';
import type { Answer, PackedFound, Request, ThreadData } from './thread-messages.ts';
import { type ChunkList, DamagedPart, type FileWork, type FileWriter } from './write-files.ts';

/** More of them would bring more than one thread can put into packs and send. */
const mostThreads = 4;
/** What a program needs beside its threads, and each of them; bytes. */
const ownBytes = 256 * 1024 * 1024;
const threadBytes = 64 * 1024 * 1024;

/** The name of the threads' program, as a file beside a bundled program or in an executable of one file. */
const programName = 'chunk-worker.js';

/** How many threads there are unless something else is asked for. */
export function defaultThreads(): number {
  if (threadProgram() === undefined) return 0;
  const limit = process.constrainedMemory();
  return threadsFor({
    processors: availableParallelism(),
    memory: limit > 0 ? Math.min(limit, totalmem()) : totalmem(),
  });
}

/** One thread a processor, as far as memory (bytes that this process may have) allows. */
export function threadsFor({ processors, memory }: { processors: number; memory: number }): number {
  const room = Math.floor((memory - ownBytes) / threadBytes);
  return Math.max(0, Math.min(mostThreads, processors, room));
}

/** The program of threads: a file, or its text. */
type ThreadProgram = { file: URL } | { text: string };

/** Beside a bundled program, in this folder, or in the executable that this is; none where whoever bundled it left it out. */
function threadProgram(): ThreadProgram | undefined {
  // A bundler may have put nothing there: in an executable of one file nothing is beside anything.
  const here = import.meta.url as string | undefined;
  if (here === undefined) return programInside();
  const programs = [programName, programName.replace('.js', '.ts')].map((name) => new URL(name, here));
  const file = programs.find((program) => existsSync(program));
  return file && { file };
}

function programInside(): ThreadProgram | undefined {
  if (!isSea()) return undefined;
  try {
    return { text: getAsset(programName, 'utf8') };
  } catch {
    return undefined;
  }
}

/** Threads that read files as chunks and write chunks to files; each starts when it is needed. */
export class Threads implements FileWriter {
  readonly #threads: Thread[];
  #readers = 0;

  /** @param count of threads, at least 1 */
  constructor(count: number, sizes: ChunkSizes) {
    const program = threadProgram();
    if (program === undefined)
      throw new RangeError(`workers ${count}: there is no program for threads here; allowed is 0`);
    this.#threads = Array.from({ length: count }, () => new Thread(program, { sizes }));
  }

  /** How many of them there was something to do for. */
  get started(): number {
    return this.#threads.filter(({ hasStarted }) => hasStarted).length;
  }

  /** Reads files, which must be named by `file`, in the thread that has the least to do. */
  reader(files: readonly BatchFile[]): ChunkReader {
    const thread = this.#threads.reduce((least, each) => (each.readers < least.readers ? each : least));
    return new ThreadReader(thread, this.#readers++, files);
  }

  async write(work: FileWork): Promise<void> {
    await this.#idlest().ask({ kind: 'write', work });
  }

  async hasChunks(file: string, chunks: ChunkList): Promise<boolean> {
    const answer = await this.#idlest().ask({ kind: 'hasChunks', file, chunks });
    return 'isThere' in answer && answer.isThere;
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #idlest(): Thread {
    return this.#threads.reduce((least, each) => (each.waiting < least.waiting ? each : least));
  }
}

type Ask = Request extends infer R ? (R extends Request ? Omit<R, 'call'> : never) : never;

class Thread {
  readonly #program: ThreadProgram;
  readonly #data: ThreadData;
  #worker: Worker | undefined;
  readonly #calls = new Map<number, { resolve: (answer: Answer) => void; reject: (error: unknown) => void }>();
  #count = 0;
  /** That are open. */
  readers = 0;

  constructor(program: ThreadProgram, data: ThreadData) {
    this.#program = program;
    this.#data = data;
  }

  /** Calls that aren't answered. */
  get waiting(): number {
    return this.#calls.size;
  }

  async ask(request: Ask): Promise<Answer> {
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const call = this.#count++;
    this.#calls.set(call, { resolve, reject });
    // Only while something is under way it keeps the process alive.
    worker.ref();
    // A thread has no origin, which only windows have.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker.postMessage({ ...request, call });
    const answer = await promise;
    if ('failure' in answer) {
      const { message, refused, part, ...of } = answer.failure;
      if (part !== undefined) throw new DamagedPart(part, message);
      throw refused ? new RangeError(message) : Object.assign(new Error(message), of);
    }
    return answer;
  }

  get hasStarted(): boolean {
    return this.#worker !== undefined;
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    // Its arguments and environment are none of a thread's business, nor are flags of the program that only a process can have.
    const worker = new Worker('file' in this.#program ? this.#program.file : this.#program.text, {
      eval: 'text' in this.#program,
      workerData: this.#data,
      argv: [],
      execArgv: [],
      // What is large isn't on its heap.
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 128 },
    });
    const fail = (error: Error): void => {
      for (const { reject } of this.#calls.values()) reject(error);
      this.#calls.clear();
      this.#worker = undefined;
    };
    worker.on('message', (answer: Answer) => {
      this.#calls.get(answer.call)?.resolve(answer);
      this.#calls.delete(answer.call);
      if (this.#calls.size === 0) worker.unref();
    });
    worker.on('error', fail);
    worker.on('exit', (code) => fail(new Error(`a thread that reads or writes files ended with ${code}`)));
    return worker;
  }
}

class ThreadReader implements ChunkReader {
  readonly #thread: Thread;
  readonly #reader: number;
  readonly #opened: Promise<unknown>;

  constructor(thread: Thread, reader: number, files: readonly BatchFile[]) {
    this.#thread = thread;
    this.#reader = reader;
    thread.readers++;
    const named = files.map(({ path, file, size }) => ({ path, file, size }));
    this.#opened = thread.ask({ kind: 'open', reader, files: named });
    // Met by whoever asks for the first chunks.
    this.#opened.catch(() => undefined);
  }

  async next(): Promise<Found | undefined> {
    const [, answer] = await Promise.all([this.#opened, this.#thread.ask({ kind: 'next', reader: this.#reader })]);
    const found = 'found' in answer ? answer.found : undefined;
    return found && unpacked(found);
  }

  async encode(wanted: readonly number[]): Promise<Encoded[]> {
    const answer = await this.#thread.ask({ kind: 'encode', reader: this.#reader, wanted });
    return 'encoded' in answer ? answer.encoded : [];
  }

  async close(): Promise<void> {
    this.#thread.readers--;
    await this.#thread.ask({ kind: 'close', reader: this.#reader });
  }
}

function unpacked({ digests, files, sizes, failed }: PackedFound): Found {
  const bytes = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  const pieces = files.map((file, number) => ({
    file,
    size: sizes[number] ?? 0,
    digest: bytes.subarray(number * digestBytes, (number + 1) * digestBytes),
  }));
  return { pieces, failed };
}
