import { Worker } from 'node:worker_threads';
import type { RecipeProblem } from '../problem.ts';
import type { RecipeRequest, RecipeResult, RenderResult } from '../recipe/read-recipe.ts';
import type { CheckResult, RecipeAnswer, RecipeJob } from './job.ts';

export interface RecipeReaderOptions {
  /**
   * File of the worker's program: `workflow-spec/src/reader/recipe-worker.ts`, or the bundle made of it. Default: the
   * source beside this file, which is right where nothing is bundled.
   */
  readonly worker?: URL | string;
  /** Most threads, each with one recipe at a time. Default 2. They start when they are needed. */
  readonly workers?: number;
  /** Longest that one recipe may take, in milliseconds, from when a thread begins with it. Default 5000. */
  readonly timeLimitMs?: number;
  /** Most memory that a thread may take for the recipe, in MiB. Default 128. */
  readonly memoryLimitMiB?: number;
  /** Most recipes that may wait for a thread. Default 256. */
  readonly queueLimit?: number;
  /** How long a thread stays that has no recipe, in milliseconds. Default: for good. */
  readonly idleMs?: number;
}

/** Refuses a recipe since too many are waiting: the caller should try again later. */
export class RecipeReaderBusy extends Error {
  constructor(waiting: number) {
    super(`${waiting} recipes are waiting to be read already`);
    this.name = 'RecipeReaderBusy';
  }
}

interface Waiting {
  readonly job: RecipeJob;
  readonly resolve: (answer: RecipeAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** A thread, and what it is working on. */
interface Thread {
  readonly worker: Worker;
  ready: boolean;
  current: Waiting | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Reads recipes in threads of their own, which are ended when one takes too long or too much memory. Whatever a recipe
 * does, the caller gets an answer, and the process goes on.
 */
export class RecipeReader {
  readonly #options: Required<Omit<RecipeReaderOptions, 'idleMs'>> & Pick<RecipeReaderOptions, 'idleMs'>;
  readonly #threads = new Set<Thread>();
  readonly #queue: Waiting[] = [];
  #closed = false;

  constructor(options: RecipeReaderOptions = {}) {
    this.#options = {
      worker: new URL('./recipe-worker.ts', import.meta.url),
      workers: 2,
      timeLimitMs: 5000,
      memoryLimitMiB: 128,
      queueLimit: 256,
      ...options,
    };
  }

  /** How many threads there are. */
  get threads(): number {
    return this.#threads.size;
  }

  /** `readRecipe` in a thread. @throws RecipeReaderBusy when too many wait */
  async read(request: RecipeRequest): Promise<RecipeResult> {
    return (await this.#run({ kind: 'read', request })) as RecipeResult;
  }

  /** `renderRecipe` in a thread. @throws RecipeReaderBusy when too many wait */
  async render(request: RecipeRequest): Promise<RenderResult> {
    return (await this.#run({ kind: 'render', request })) as RenderResult;
  }

  /**
   * `validateWorkflow` in a thread: for programs that would hold the schemas for nothing but that.
   *
   * @throws RecipeReaderBusy when too many wait
   */
  async check(workflow: unknown): Promise<CheckResult> {
    return (await this.#run({ kind: 'check', workflow })) as CheckResult;
  }

  /** Ends the threads. Recipes that aren't read yet are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    const threads = [...this.#threads];
    const stopped = new Error('the reader of recipes is closed');
    for (const waiting of this.#queue.splice(0)) waiting.reject(stopped);
    for (const thread of threads) {
      clearTimeout(thread.timer);
      thread.current?.reject(stopped);
      thread.current = undefined;
    }
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }

  async #run(job: RecipeJob): Promise<unknown> {
    if (this.#closed) throw new Error('the reader of recipes is closed');
    if (this.#queue.length >= this.#options.queueLimit) throw new RecipeReaderBusy(this.#queue.length);
    const answer = await new Promise<RecipeAnswer>((resolve, reject) => {
      this.#queue.push({ job, resolve, reject });
      this.#dispatch();
    });
    if ('failure' in answer) throw new Error(`reading a recipe failed: ${answer.failure}`);
    return answer.result;
  }

  #dispatch(): void {
    for (const thread of this.#threads) if (thread.ready && !thread.current) this.#begin(thread);
    const starting = [...this.#threads].filter(({ ready }) => !ready).length;
    if (this.#queue.length > starting && this.#threads.size < this.#options.workers) this.#start();
  }

  #begin(thread: Thread): void {
    const next = this.#queue.shift();
    if (!next) return;
    thread.current = next;
    clearTimeout(thread.timer);
    // An idle thread doesn't keep the process alive, one with a recipe does.
    thread.worker.ref();
    const { timeLimitMs } = this.#options;
    thread.timer = setTimeout(() => {
      this.#end(thread, refusal(`the recipe takes more than ${timeLimitMs / 1000} s to read`));
    }, timeLimitMs);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.worker.postMessage(next.job);
  }

  #start(): void {
    const worker = new Worker(this.#options.worker, {
      resourceLimits: {
        maxOldGenerationSizeMb: this.#options.memoryLimitMiB,
        maxYoungGenerationSizeMb: 16,
        stackSizeMb: 4,
      },
      // Nothing of the process is the recipe's business.
      env: {},
      stdin: false,
    });
    const thread: Thread = { worker, ready: false, current: undefined, timer: undefined };
    this.#threads.add(thread);
    worker.on('message', (message: RecipeAnswer | 'ready') => this.#receive(thread, message));
    worker.on('error', (error: Error & { code?: string }) => {
      const memory = error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      const limit = `the recipe takes more than ${this.#options.memoryLimitMiB} MiB of memory to read`;
      this.#end(thread, memory ? refusal(limit) : { failure: error.stack ?? error.message });
    });
    worker.on('exit', (code) => this.#end(thread, { failure: `the thread ended with code ${code}` }));
  }

  #receive(thread: Thread, message: RecipeAnswer | 'ready'): void {
    if (!this.#threads.has(thread)) return;
    if (message === 'ready') thread.ready = true;
    else {
      clearTimeout(thread.timer);
      thread.current?.resolve(message);
      thread.current = undefined;
    }
    thread.worker.unref();
    this.#dispatch();
    if (thread.current === undefined) this.#rest(thread);
  }

  /** Ends a thread that gets no recipe for a while. */
  #rest(thread: Thread): void {
    const { idleMs } = this.#options;
    if (idleMs === undefined || !this.#threads.has(thread)) return;
    clearTimeout(thread.timer);
    thread.timer = setTimeout(() => {
      this.#threads.delete(thread);
      void thread.worker.terminate();
    }, idleMs).unref();
  }

  /** Ends a thread with an answer for its recipe. When it never got ready, the first one that waits gets the answer. */
  #end(thread: Thread, answer: RecipeAnswer): void {
    if (!this.#threads.delete(thread) || this.#closed) return;
    clearTimeout(thread.timer);
    const current = thread.current ?? (thread.ready ? undefined : this.#queue.shift());
    thread.current = undefined;
    void thread.worker.terminate();
    current?.resolve(answer);
    this.#dispatch();
  }
}

function refusal(message: string): RecipeAnswer {
  const problems: readonly RecipeProblem[] = [{ message }];
  return { result: { problems } };
}
