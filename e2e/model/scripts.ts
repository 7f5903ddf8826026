/** How one attempt of a task ends once its command may start. */
export type Outcome =
  { kind: 'exit'; code: number } | { kind: 'oom' | 'evicted' | 'preempted' | 'nodeLost' | 'imagePull' | 'forever' };

/** What each task does in its n-th try; the last outcome is repeated. Later runs (restarts) have scripts of their own. */
export class Scripts {
  readonly #first: ReadonlyMap<string, readonly Outcome[]>;
  readonly #later: ReadonlyMap<string, readonly Outcome[]>;

  constructor(first: ReadonlyMap<string, readonly Outcome[]>, later: ReadonlyMap<string, readonly Outcome[]>) {
    this.#first = first;
    this.#later = later;
  }

  outcome(task: string, run: number, tries: number): Outcome {
    const script = this.of(task, run);
    return script[Math.min(tries, script.length - 1)] ?? { kind: 'exit', code: 0 };
  }

  of(task: string, run: number): readonly Outcome[] {
    return (run === 0 ? this.#first : this.#later).get(task) ?? [];
  }
}
