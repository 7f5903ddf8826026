import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FakeClock } from '../testing/fake-clock.ts';
import { WorkQueue } from './work-queue.ts';

/** What the queue promises, in the plainest terms: no lanes, no heap, no timers. */
interface Model {
  now: number;
  /** Order in which waiting keys got their present priority. */
  waiting: { key: string; priority: number }[];
  working: Map<string, number | undefined>;
  delayed: Map<string, { at: number; priority: number }>;
}

interface Real {
  clock: FakeClock;
  queue: WorkQueue;
}

function modelAdd(model: Model, key: string, priority: number): void {
  if (model.working.has(key)) {
    model.working.set(key, Math.max(model.working.get(key) ?? priority, priority));
    return;
  }
  const known = model.waiting.find((entry) => entry.key === key);
  if (known && known.priority >= priority) return;
  model.waiting = model.waiting.filter((entry) => entry !== known);
  model.waiting.push({ key, priority });
}

function check(model: Model, { queue }: Real): void {
  expect(queue.length).toBe(model.waiting.length);
  expect(queue.working).toBe(model.working.size);
  expect(queue.delayed).toBe(model.delayed.size);
}

abstract class Step implements fc.AsyncCommand<Model, Real> {
  check(_model: Readonly<Model>): boolean {
    return true;
  }
  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    check(model, real);
  }
  abstract act(model: Model, real: Real): Promise<void> | void;
}

class Add extends Step {
  readonly key: string;
  readonly priority: number;
  constructor(key: string, priority: number) {
    super();
    this.key = key;
    this.priority = priority;
  }
  override act(model: Model, { queue }: Real): void {
    queue.add(this.key, { priority: this.priority });
    modelAdd(model, this.key, this.priority);
  }
  override toString = () => `add(${this.key}, ${this.priority})`;
}

class AddAfter extends Step {
  readonly key: string;
  readonly delay: number;
  readonly priority: number;
  constructor(key: string, delay: number, priority: number) {
    super();
    this.key = key;
    this.delay = delay;
    this.priority = priority;
  }
  override act(model: Model, { queue }: Real): void {
    queue.addAfter(this.key, this.delay, { priority: this.priority });
    const known = model.delayed.get(this.key);
    const at = Math.min(known?.at ?? Infinity, model.now + this.delay);
    model.delayed.set(this.key, { at, priority: Math.max(known?.priority ?? this.priority, this.priority) });
  }
  override toString = () => `addAfter(${this.key}, ${this.delay}, ${this.priority})`;
}

class Get extends Step {
  override check = (model: Readonly<Model>): boolean => model.waiting.length > 0;
  override async act(model: Model, { queue }: Real): Promise<void> {
    const key = (await queue.get()) ?? '';
    // Never a key that is being worked on.
    expect(model.working.has(key)).toBe(false);
    const entry = model.waiting.find((e) => e.key === key);
    expect(entry).toBeDefined();
    // The first of its lane.
    expect(model.waiting.find((e) => e.priority === entry?.priority)).toBe(entry);
    model.waiting = model.waiting.filter((e) => e !== entry);
    model.working.set(key, undefined);
  }
  override toString = () => 'get()';
}

class Done extends Step {
  readonly pick: number;
  constructor(pick: number) {
    super();
    this.pick = pick;
  }
  override check(model: Readonly<Model>): boolean {
    return model.working.size > 0;
  }
  override act(model: Model, { queue }: Real): void {
    const keys = [...model.working.keys()];
    const key = keys[this.pick % keys.length] ?? '';
    const again = model.working.get(key);
    model.working.delete(key);
    if (again !== undefined) model.waiting.push({ key, priority: again });
    queue.done(key);
  }
  override toString = () => `done(#${this.pick})`;
}

class Advance extends Step {
  readonly ms: number;
  constructor(ms: number) {
    super();
    this.ms = ms;
  }
  override act(model: Model, { clock }: Real): void {
    clock.advance(this.ms);
    model.now += this.ms;
    const due = [...model.delayed].filter(([, { at }]) => at <= model.now).toSorted((a, b) => a[1].at - b[1].at);
    for (const [key, { priority }] of due) {
      model.delayed.delete(key);
      modelAdd(model, key, priority);
    }
  }
  override toString = () => `advance(${this.ms})`;
}

const key = fc.constantFrom('a', 'b', 'c', 'd');
// One priority per key where the order of delayed keys that come due together would otherwise be part of the model.
const priorityOf = (k: string) => (k === 'a' ? 1 : k === 'b' ? -1 : 0);
const steps = [
  fc.tuple(key, fc.integer({ min: -2, max: 2 })).map(([k, p]) => new Add(k, p)),
  // Distinct delays per key, so that no two come due at the same instant.
  fc
    .tuple(key, fc.integer({ min: 1, max: 30 }))
    .map(([k, d]) => new AddAfter(k, d * 8 + 'abcd'.indexOf(k), priorityOf(k))),
  fc.constant(new Get()),
  fc.nat(10).map((n) => new Done(n)),
  fc.integer({ min: 1, max: 20 }).map((n) => new Advance(n * 8)),
];

describe('work queue laws', () => {
  test('it does what the plain model does, whatever is asked in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 60 }), async (commands) => {
        const clock = new FakeClock();
        const real = { clock, queue: new WorkQueue({ clock }) };
        const model: Model = { now: 0, waiting: [], working: new Map(), delayed: new Map() };
        await fc.asyncModelRun(() => ({ model, real }), commands);
      }),
      { numRuns: 300 },
    );
  });

  test('with workers of any speed: every add is followed by a run that starts after it, and runs of a key never overlap', async () => {
    const adds = fc.array(
      fc.record({ key, at: fc.nat(200), delay: fc.oneof(fc.constant(0), fc.nat(100)), fails: fc.boolean() }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(
        adds,
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat(50), { minLength: 1 }),
        async (list, workers, speeds) => {
          const clock = new FakeClock();
          const queue = new WorkQueue({ clock, backoff: { baseMs: 1, maxMs: 50 } });
          const runs: { key: string; start: number; end: number }[] = [];
          const now = () => clock.now().getTime() - Date.parse('2026-01-01T00:00:00Z');
          let step = 0;
          const failing = new Set<string>(list.filter(({ fails }) => fails).map((add) => add.key));
          const work = async (): Promise<void> => {
            for (let k = await queue.get(); k !== undefined; k = await queue.get()) {
              const start = now();
              await new Promise<void>((resolve) => clock.setTimeout(speeds[step++ % speeds.length] ?? 0, resolve));
              runs.push({ key: k, start, end: now() });
              if (failing.delete(k)) queue.addRateLimited(k);
              else queue.forget(k);
              queue.done(k);
            }
          };
          const all = Promise.all(Array.from({ length: workers }, work));
          for (const add of list) clock.setTimeout(add.at, () => queue.addAfter(add.key, add.delay));
          for (let turn = 0; turn < 2000 && (clock.pending > 0 || queue.working > 0); turn++)
            await clock.advanceAsync(10);
          await queue.shutdown();
          await all;
          for (const add of list) {
            expect(runs.some((run) => run.key === add.key && run.start >= add.at)).toBe(true);
            const due = Math.min(...list.filter((a) => a.key === add.key).map((a) => a.at + a.delay));
            expect(runs.every((run) => run.key !== add.key || run.start >= due)).toBe(true);
          }
          for (const [i, a] of runs.entries()) {
            for (const b of runs.slice(i + 1)) {
              if (a.key === b.key) expect(a.end <= b.start || b.end <= a.start).toBe(true);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
