import type { RecipeProblem } from '../problem.ts';
import { newSuggestionBudget, nearestName } from '../graph/suggestion.ts';
import { floatText } from '../python/float-text.ts';
import { str } from '../python/text.ts';
import { PyDate, type Value } from '../python/value.ts';
import type { Constructor } from '../yaml/constructor.ts';
import type { YamlNode } from '../yaml/node.ts';
import { Told } from './told.ts';

/** A value of the recipe and where it is. */
export interface Field {
  readonly node: YamlNode;
  /** As in `workflow.tasks[0].image`. */
  readonly path: string;
}

/** A problem whose place is an offset of the rendered text. */
export type PlacedProblem = RecipeProblem & { readonly offset?: number };

/** Most problems that are reported about one recipe. */
const mostProblems = 100;
/** Longest value that a problem repeats. */
const longestValue = 64;

/** Reads values out of YAML nodes and collects what is wrong with them. What is wrong is undefined, and reported. */
export class NodeReader {
  readonly problems: PlacedProblem[] = [];
  /** All that was said something about, also where there was no room for it among the problems. */
  readonly told = new Told();
  readonly #values: Constructor;
  readonly #budget = newSuggestionBudget();

  constructor(constructor: Constructor) {
    this.#values = constructor;
  }

  /** Whether there is no room for more problems. */
  get isFull(): boolean {
    return this.problems.length >= mostProblems;
  }

  /** Reports a value that can't be taken. */
  refuse(field: Field, message: string): undefined {
    this.told.value(field.path);
    return this.#say(field, message);
  }

  /** Reports what is wrong with a value that is taken all the same, so that its parts can be judged. */
  object(field: Field, message: string): undefined {
    this.told.place(field.path);
    return this.#say(field, message);
  }

  #say({ node, path }: Field, message: string): undefined {
    if (this.isFull) return undefined;
    const value = this.value(node);
    this.problems.push({ path, message, offset: node.offset, ...shown(value) });
    return undefined;
  }

  value(node: YamlNode): Value {
    return this.#values.value(node);
  }

  /** The entries of a mapping by their keys; a key that isn't `known` is reported. `null` has none. */
  fields(field: Field, known: readonly string[]): ReadonlyMap<string, Field> {
    const fields = new Map<string, Field>();
    const meantOnes: string[] = [];
    for (const [key, value] of this.entries(field)) {
      if (known.includes(key)) fields.set(key, value);
      else {
        const meant = known.find((name) => alike(name) === alike(key)) ?? nearestName(key, known, this.#budget);
        const hint = meant === undefined ? `; allowed are ${known.join(', ')}` : `; did you mean '${meant}'?`;
        if (meant !== undefined) meantOnes.push(meant);
        this.told.value(value.path);
        this.#report({ path: value.path, message: `is no known key${hint}`, offset: value.keyOffset });
      }
    }
    // That what was meant is missing is the same slip.
    for (const name of meantOnes) if (!fields.has(name)) this.told.value(pathTo(field.path, name));
    return fields;
  }

  #report(problem: PlacedProblem): void {
    if (!this.isFull) this.problems.push(problem);
  }

  /** The entries of a mapping whose keys are the user's own. */
  entries(field: Field): Map<string, Field & { readonly keyOffset: number }> {
    const found = new Map<string, Field & { keyOffset: number }>();
    const { node, path } = field;
    if (this.isNull(field)) return found;
    if (node.kind !== 'mapping') {
      this.refuse(field, 'must be a mapping of keys to values');
      return found;
    }
    for (const [key, value] of this.#values.entries(node)) {
      const name = this.value(key);
      if (typeof name === 'string') {
        found.set(name, { node: value, path: pathTo(path, name), keyOffset: key.offset });
      } else {
        this.told.place(path);
        this.told.value(`${path}.${str(name)}`);
        this.#report({ path, message: `has a key that is no text: put ${str(name)} in quotes`, offset: key.offset });
      }
    }
    return found;
  }

  /** The items of a list; `null` has none. */
  items(field: Field | undefined): Field[] {
    if (!field || this.isNull(field)) return [];
    const { node, path } = field;
    if (node.kind === 'sequence') return node.items.map((item, index) => ({ node: item, path: `${path}[${index}]` }));
    this.refuse(field, 'must be a list');
    return [];
  }

  isNull({ node }: Field): boolean {
    return this.value(node) === null;
  }

  /** A text; numbers are taken as what Python prints for them. */
  text(field: Field | undefined): string | undefined {
    if (!field) return undefined;
    const value = this.value(field.node);
    if (typeof value === 'string') return value;
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number') return floatText(value);
    const what =
      typeof value === 'boolean' || value instanceof PyDate ? 'must be a text: put it in quotes' : 'must be a text';
    return this.refuse(field, what);
  }

  /** A text, nothing else. */
  strictText(field: Field): string | undefined {
    const value = this.value(field.node);
    return typeof value === 'string' ? value : this.refuse(field, 'must be a text: put it in quotes');
  }

  /** A single value as Python prints it: what `environment` takes. */
  printed(field: Field): string | undefined {
    const value = this.value(field.node);
    const single = typeof value !== 'object' || value instanceof PyDate;
    return single ? str(value) : this.refuse(field, 'must be a single value: a text, a number or a boolean');
  }

  /** A boolean, or what pydantic takes for one. */
  flag(field: Field | undefined): boolean | undefined {
    if (!field) return undefined;
    const value = this.value(field.node);
    if (typeof value === 'boolean') return value;
    const word = typeof value === 'string' || typeof value === 'bigint' ? String(value).toLowerCase() : '';
    if (['true', 'yes', 'on', 't', 'y', '1'].includes(word)) return true;
    if (['false', 'no', 'off', 'f', 'n', '0'].includes(word)) return false;
    return this.refuse(field, 'must be true or false');
  }

  /** A whole number ≥ 0, also one with `.0` or in quotes. */
  count(field: Field | undefined): number | undefined {
    if (!field) return undefined;
    const value = this.value(field.node);
    const number = typeof value === 'string' && /^[0-9]{1,15}$/.test(value) ? BigInt(value) : value;
    if (typeof number === 'bigint' && number >= 0n && number <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(number);
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    return this.refuse(field, 'must be a whole number, 0 or more');
  }

  /** The field under `key`, which is reported when there is none. */
  required(parent: Field, fields: ReadonlyMap<string, Field>, key: string): Field | undefined {
    const field = fields.get(key);
    if (field) return field;
    const path = pathTo(parent.path, key);
    // What is no mapping has no keys, and a slip in the key was told.
    if (this.told.covers(path)) return undefined;
    this.told.value(path);
    this.#report({ path, message: 'must be set', offset: parent.node.offset });
    return undefined;
  }
}

/** `a.b`, or `a["b c"]` when the key is no plain word. */
export function pathTo(path: string, key: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_-]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

const alike = (key: string): string => key.toLowerCase().replaceAll(/[-_]/g, '').replace(/s$/, '');

function shown(value: Value): Pick<RecipeProblem, 'value'> {
  if (typeof value === 'string')
    return { value: value.length > longestValue ? `${value.slice(0, longestValue - 1)}…` : value };
  if (typeof value === 'boolean' || value === null) return { value };
  if (typeof value === 'number') return Number.isFinite(value) ? { value } : { value: floatText(value) };
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? { value: Number(value) } : {};
}
