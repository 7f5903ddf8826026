import { floatText } from './float-text.ts';
import { PyDict } from './dict.ts';
import {
  PyDate,
  PyFunction,
  PyInstance,
  PyIterator,
  PyRange,
  PyTuple,
  PyView,
  Undefined,
  type Value,
  defined,
  isLenient,
  typeError,
} from './value.ts';

/** What an object of our own prints. */
export interface Printable {
  print(): string;
}

/** `str(value)`: what a template prints. */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof PyDate) return value.text;
  return isLenient(value) ? '' : repr(defined(value));
}

/** `repr(value)`: how a value looks inside lists and dicts. */
export function repr(value: Value): string {
  return new Representation().of(value);
}

/** Longest text that a value is printed as, in UTF-16 units. */
const longestText = 16_777_216;

class Representation {
  readonly #open = new Set<Value>();
  #length = 0;

  of(value: Value): string {
    const text = this.#text(value);
    this.#length += text.length;
    if (this.#length > 4 * longestText) throw typeError('the value is too large to be printed');
    return text;
  }

  #text(value: Value): string {
    if (value === null) return 'None';
    if (typeof value === 'boolean') return value ? 'True' : 'False';
    if (typeof value === 'bigint') return intText(value);
    if (typeof value === 'number') return floatText(value);
    if (typeof value === 'string') return quoted(value);
    if (Array.isArray(value)) return this.#nested(value, '[...]', () => `[${this.#all(value)}]`);
    if (value instanceof PyTuple) {
      return value.items.length === 1 ? `(${this.#all(value.items)},)` : `(${this.#all(value.items)})`;
    }
    if (value instanceof PyDict) return this.#nested(value, '{...}', () => `{${this.#entries(value)}}`);
    if (value instanceof PyView)
      return this.#nested(value, '...', () => `${value.typeName}([${this.#all(value.items())}])`);
    return describe(value);
  }

  #all(items: readonly Value[]): string {
    return items.map((item) => this.of(item)).join(', ');
  }

  #entries(dict: PyDict): string {
    return [...dict.entries()].map(([key, value]) => `${this.of(key)}: ${this.of(value)}`).join(', ');
  }

  #nested(value: Value, again: string, print: () => string): string {
    if (this.#open.has(value)) return again;
    this.#open.add(value);
    const text = print();
    this.#open.delete(value);
    return text;
  }
}

function describe(value: Exclude<Value, null | boolean | bigint | number | string | Value[]>): string {
  if (value instanceof Undefined) return 'Undefined';
  if (value instanceof PyDate) return value.representation;
  if (value instanceof PyRange) {
    return value.step === 1n
      ? `range(${value.start}, ${value.stop})`
      : `range(${value.start}, ${value.stop}, ${value.step})`;
  }
  if (value instanceof PyInstance && 'print' in value) return (value as PyInstance & Printable).print();
  // Python would print an address here, a different one at every run.
  if (value instanceof PyIterator) throw typeError('a generator has no text; make it a list first: `| list`');
  if (value instanceof PyFunction)
    throw typeError(`the function '${value.name}' has no text; call it: \`${value.name}()\``);
  throw typeError(`a '${value.typeName}' has no text`);
}

/** `str()` of an int. Python refuses more than 4300 digits, and so do we. */
export function intText(value: bigint): string {
  // 4300 decimal digits are fewer than 14,300 bits.
  const text = value > -(1n << 14_300n) && value < 1n << 14_300n ? value.toString() : '';
  if (text === '' || text.length > 4300 + (value < 0n ? 1 : 0)) {
    throw typeError('Exceeds the limit (4300 digits) for integer string conversion');
  }
  return text;
}

// Python prints what is in none of these classes as it is; of blanks only the ordinary one.
const unprintable = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/gu;
const shortEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  ' ': ' ',
};

/** `repr()` of a str. */
export function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(unprintable, (char) => shortEscapes[char] ?? numericEscape(char.codePointAt(0) ?? 0));
  return `${quote}${quote === "'" ? escaped.replaceAll("'", String.raw`\'`) : escaped}${quote}`;
}

function numericEscape(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

const surrogate = /[\uD800-\uDFFF]/;

/** The characters (code points) of a text, as Python counts them. */
export function characters(text: string): ArrayLike<string> & { readonly length: number } {
  return surrogate.test(text) ? Array.from(text) : text;
}

/** `len()` of a str. */
export function characterCount(text: string): number {
  return characters(text).length;
}

/** `text[start:end]` for bounds that are in range. */
export function sliceText(text: string, start: number, end: number): string {
  return surrogate.test(text) ? Array.from(text).slice(start, end).join('') : text.slice(start, end);
}
