import { PythonError } from '../python/value.ts';

/** What one rendering may use. */
export interface RenderLimits {
  /** Steps of the interpreter: expressions evaluated, statements run, items gone through. */
  readonly steps: number;
  /** Characters of text that all outputs together may have. */
  readonly output: number;
}

export const defaultRenderLimits: RenderLimits = { steps: 5_000_000, output: 8_388_608 };

/** Counts what a rendering uses and stops it at the limit. */
export class Budget {
  readonly #limits: RenderLimits;
  #steps = 0;
  #output = 0;

  constructor(limits: RenderLimits) {
    this.#limits = limits;
  }

  /** @throws PythonError when there were too many steps */
  step(count = 1): void {
    this.#steps += count;
    if (this.#steps > this.#limits.steps) {
      throw new PythonError('LimitError', `the template takes more than ${this.#limits.steps} steps to render`);
    }
  }

  /** @throws PythonError when there was too much text */
  write(length: number): void {
    this.#output += length;
    if (this.#output > this.#limits.output) {
      throw new PythonError('LimitError', `the template renders to more than ${this.#limits.output} characters`);
    }
  }
}
