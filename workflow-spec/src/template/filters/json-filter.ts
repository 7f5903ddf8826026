import { truthy } from '../../python/compare.ts';
import { PyDict } from '../../python/dict.ts';
import { floatText } from '../../python/float-text.ts';
import { sortedBy } from '../../python/container-methods.ts';
import { intText } from '../../python/text.ts';
import { indexOf } from '../../python/operators.ts';
import { PyTuple, type Value, defined, typeError, typeName, valueError } from '../../python/value.ts';
import type { Filter } from '../environment.ts';
import { filter } from './define.ts';

/** `tojson`: Python's json.dumps with sorted keys, and what HTML would take for markup escaped, as Jinja does. */
export const jsonFilters: readonly [string, Filter][] = [
  filter('tojson', [['indent', null]], (value, [indent = null]) => {
    const space =
      indent === null
        ? undefined
        : typeof indent === 'string'
          ? indent
          : ' '.repeat(Math.max(0, Math.min(indexOf(indent, 'indent'), 64)));
    return new JsonWriter(space).write(value, 0).replaceAll(/[<>&']/g, unicodeEscape);
  }),
];

const unicodeEscape = (char: string): string => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

class JsonWriter {
  readonly #indent: string | undefined;
  readonly #open = new Set<Value>();

  constructor(indent: string | undefined) {
    this.#indent = indent;
  }

  write(value: Value, depth: number): string {
    if (value === null) return 'null';
    if (typeof value === 'boolean') return value ? 'true' : 'false';
    if (typeof value === 'bigint') return intText(value);
    if (typeof value === 'number') return jsonFloat(value);
    if (typeof value === 'string') return jsonText(value);
    const items = Array.isArray(value) ? value : value instanceof PyTuple ? value.items : undefined;
    if (items)
      return this.#nested(value, () =>
        this.#wrapped(
          '[',
          items.map((item) => this.write(item, depth + 1)),
          ']',
          depth,
        ),
      );
    if (value instanceof PyDict) {
      return this.#nested(value, () => this.#wrapped('{', this.#entries(value, depth), '}', depth));
    }
    throw typeError(`Object of type ${typeName(defined(value))} is not JSON serializable`);
  }

  #nested(value: Value, write: () => string): string {
    if (this.#open.has(value)) throw valueError('Circular reference detected');
    this.#open.add(value);
    const text = write();
    this.#open.delete(value);
    return text;
  }

  #entries(dict: PyDict, depth: number): string[] {
    return sortedBy([...dict.keys()], (key) => key, false).map(
      (key) => `${jsonText(keyText(key))}: ${this.write(dict.get(key) ?? null, depth + 1)}`,
    );
  }

  #wrapped(open: string, items: readonly string[], close: string, depth: number): string {
    if (items.length === 0) return `${open}${close}`;
    if (this.#indent === undefined) return `${open}${items.join(', ')}${close}`;
    const inner = `\n${this.#indent.repeat(depth + 1)}`;
    return `${open}${inner}${items.join(`,${inner}`)}\n${this.#indent.repeat(depth)}${close}`;
  }
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (key === null) return 'null';
  if (typeof key === 'boolean') return truthy(key) ? 'true' : 'false';
  if (typeof key === 'bigint') return intText(key);
  if (typeof key === 'number') return jsonFloat(key);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function jsonFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? floatText(value) : value > 0 ? 'Infinity' : '-Infinity';
}

/** ASCII only, with \u escapes by UTF-16 unit: as json.dumps, and unlike JSON.stringify. */
function jsonText(text: string): string {
  return JSON.stringify(text).replaceAll(/[\x7f-\uffff]/g, (char) => (char === '\x7f' ? char : unicodeEscape(char)));
}
