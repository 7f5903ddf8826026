import type { Value } from '../python/value.ts';

/** Names and their values; what isn't here is looked for in the scope around it. */
export class Scope {
  readonly #values = new Map<string, Value>();
  readonly #parent: Scope | undefined;

  constructor(parent?: Scope) {
    this.#parent = parent;
  }

  get(name: string): Value | undefined {
    return this.#values.get(name) ?? (this.#values.has(name) ? null : this.#parent?.get(name));
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}
