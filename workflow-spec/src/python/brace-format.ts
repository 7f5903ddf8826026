import { itemOf } from './subscript.ts';
import { formatValue } from './format-spec.ts';
import { asciiOnly } from './percent-format.ts';
import { quoted, repr, str } from './text.ts';
import { type CallArguments, PythonError, type Value, defined, isLenient, typeName, valueError } from './value.ts';

/**
 * `str.format(…)`: `{}`, `{0}`, `{name}`, `{name[key]}`, conversions and format specifications. `{name.attribute}` is an
 * error: there are no attributes of values that a text could need, and they are the usual way out of a sandbox.
 */
export function formatBraces(template: string, args: CallArguments): string {
  return new Formatter(args).format(template, 2);
}

class Formatter {
  readonly #args: CallArguments;
  #automatic: number | undefined;
  #manual = false;

  constructor(args: CallArguments) {
    this.#args = args;
  }

  format(template: string, depth: number): string {
    if (depth === 0) throw valueError('Max string recursion exceeded');
    let out = '';
    for (let index = 0; index < template.length; index += 1) {
      const char = template[index] ?? '';
      if ((char === '{' || char === '}') && template[index + 1] === char) {
        out += char;
        index += 1;
      } else if (char === '}') throw valueError("Single '}' encountered in format string");
      else if (char === '{') {
        const end = closingBrace(template, index);
        out += this.#field(template.slice(index + 1, end), depth);
        index = end;
      } else out += char;
    }
    return out;
  }

  #field(field: string, depth: number): string {
    const match = /^([^!:[]*(?:\[[^\]]*\][^!:[]*)*)(?:!([\s\S]))?(?::([\s\S]*))?$/.exec(field);
    if (!match) throw valueError(`'{${field}}' is no replacement field`);
    const [, name = '', conversion, spec = ''] = match;
    const value = this.#value(name);
    const converted = conversion === undefined ? value : convert(value, conversion);
    return formatValue(converted, this.format(spec, depth - 1));
  }

  #value(field: string): Value {
    const [, name = '', rest = ''] = /^([^.[]*)([\s\S]*)$/.exec(field) ?? [];
    let value = printable(this.#argument(name));
    let left = rest;
    while (left !== '') {
      const [whole, key] = /^\[([^\]]+)\]/.exec(left) ?? [];
      if (whole === undefined || key === undefined) {
        throw new PythonError('SecurityError', `'{${field}}' asks for an attribute, which is not available in recipes`);
      }
      const item = itemOf(value, /^[0-9]+$/.test(key) ? BigInt(key) : key);
      if (item === undefined) throw new PythonError('KeyError', `${quoted(key)} of '${typeName(value)}'`);
      value = defined(item);
      left = left.slice(whole.length);
    }
    return value;
  }

  #argument(name: string): Value {
    const number = /^[0-9]+$/.test(name);
    if (name === '' || number) {
      this.#manual ||= number;
      if (name === '') this.#automatic = (this.#automatic ?? -1) + 1;
      if (this.#manual && this.#automatic !== undefined) {
        throw valueError('cannot mix automatic field numbering and manual field specification');
      }
      const value = this.#args.positional[number ? Number(name) : (this.#automatic ?? 0)];
      if (value !== undefined) return value;
      throw new PythonError('IndexError', 'Replacement index out of range for positional args tuple');
    }
    const value = this.#args.named.get(name);
    if (value === undefined) throw new PythonError('KeyError', quoted(name));
    return value;
  }
}

/** The value, unless it is undefined and may not be printed. */
const printable = (value: Value): Value => (isLenient(value) ? '' : defined(value));

function closingBrace(template: string, start: number): number {
  let depth = 0;
  for (let index = start; index < template.length; index += 1) {
    if (template[index] === '{') depth += 1;
    if (template[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  throw valueError("Single '{' encountered in format string");
}

function convert(value: Value, conversion: string): string {
  if (conversion === 's') return str(value);
  if (conversion === 'r') return repr(value);
  if (conversion === 'a') return asciiOnly(repr(value));
  throw valueError(`Unknown conversion specifier '${conversion}'`);
}
