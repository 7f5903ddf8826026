import { numeric } from './compare.ts';
import { PyDict } from './dict.ts';
import { boundedNumber, formatFloat } from './number-format.ts';
import { toFloat, truncated } from './numbers.ts';
import { characters, intText, quoted, repr, str } from './text.ts';
import { PyTuple, PythonError, type Value, defined, isLenient, typeError, typeName, valueError } from './value.ts';

interface Conversion {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly type: string;
}

const syntax = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g;

/** `format % values`, as Python's printf-style formatting does it. */
export function formatPercent(format: string, values: Value): string {
  const source = new Arguments(values);
  const text = format.replace(syntax, (_, key: string | undefined, flags, width, precision, type) => {
    if (type === '') throw valueError('incomplete format');
    // The width and precision that `*` stands for come before the value.
    const star = (field: string): string => (field === '*' ? String(source.star()) : field);
    const wide = width === '' ? 0 : starWidth(star(String(width)));
    const conversion: Conversion = {
      flags: `${String(flags)}${wide < 0 ? '-' : ''}`,
      width: Math.abs(wide),
      precision:
        precision === undefined ? undefined : Math.max(0, starWidth(star(String(precision)) || '0', 'precision')),
      type: String(type),
    };
    if (type === '%') return '%';
    return convert(source.next(key), conversion);
  });
  source.finish();
  return text;
}

/** The value, unless it is undefined and may not be printed. */
const printable = (value: Value): Value => (isLenient(value) ? '' : defined(value));

function starWidth(text: string, what: 'width' | 'precision' = 'width'): number {
  return text.startsWith('-') ? -boundedNumber(text.slice(1), what) : boundedNumber(text, what);
}

class Arguments {
  readonly #values: Value;
  readonly #items: readonly Value[];
  #index = 0;
  #byKey = false;

  constructor(values: Value) {
    this.#values = values;
    this.#items = values instanceof PyTuple ? values.items : [values];
  }

  next(key: string | undefined): Value {
    if (key !== undefined) {
      if (!(this.#values instanceof PyDict)) throw typeError('format requires a mapping');
      this.#byKey = true;
      const found = this.#values.get(key);
      if (found === undefined) throw new PythonError('KeyError', quoted(key));
      return printable(found);
    }
    const value = this.#items[this.#index];
    if (value === undefined) throw typeError('not enough arguments for format string');
    this.#index += 1;
    return printable(value);
  }

  star(): bigint {
    const value = this.next(undefined);
    if (typeof value !== 'bigint') throw typeError('* wants int');
    return value;
  }

  finish(): void {
    const unused = this.#index < this.#items.length && !this.#byKey && !isContainer(this.#values);
    if (unused || (this.#values instanceof PyTuple && this.#index < this.#items.length)) {
      throw typeError('not all arguments converted during string formatting');
    }
  }
}

/** Values that may be given although the format names none of them. */
const isContainer = (value: Value): boolean => value instanceof PyDict || Array.isArray(value);

function convert(value: Value, conversion: Conversion): string {
  const { type } = conversion;
  if (type === 's' || type === 'r' || type === 'a') return padded('', textOf(value, conversion), conversion, false);
  if (type === 'c') return padded('', character(value), conversion, false);
  if ('diu'.includes(type)) return integer(decimal(value, type), 10, conversion);
  if (type === 'o') return integer(whole(value, type), 8, conversion);
  if (type === 'x' || type === 'X') return integer(whole(value, type), 16, conversion);
  if ('eEfFgG'.includes(type)) return float(value, conversion);
  throw valueError(`unsupported format character '${type}' (0x${(type.codePointAt(0) ?? 0).toString(16)})`);
}

function textOf(value: Value, { type, precision }: Conversion): string {
  const text = type === 's' ? str(value) : type === 'r' ? repr(value) : asciiOnly(repr(value));
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('');
}

/** `ascii()`: what is beyond ASCII as escapes. */
export function asciiOnly(text: string): string {
  return text.replaceAll(/[\u{80}-\u{10ffff}]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    return code < 0x100 ? `\\x${hex}` : code < 0x1_0000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
}

function character(value: Value): string {
  const code = numeric(value);
  if (typeof code === 'bigint') {
    if (code < 0n || code > 0x10ffffn) throw new PythonError('OverflowError', '%c arg not in range(0x110000)');
    return String.fromCodePoint(Number(code));
  }
  if (typeof value === 'string' && characters(value).length === 1) return value;
  throw typeError('%c requires int or char');
}

function decimal(value: Value, type: string): bigint {
  const number = numeric(value);
  if (number === undefined) throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
  return typeof number === 'number' ? truncated(number) : number;
}

function whole(value: Value, type: string): bigint {
  const number = numeric(value);
  if (typeof number !== 'bigint') throw typeError(`%${type} format: an integer is required, not ${typeName(value)}`);
  return number;
}

function integer(value: bigint, base: 8 | 10 | 16, conversion: Conversion): string {
  const absolute = value < 0n ? -value : value;
  const digits = (base === 10 ? intText(absolute) : absolute.toString(base)).padStart(conversion.precision ?? 0, '0');
  const alternate = conversion.flags.includes('#');
  const prefix = alternate && base !== 10 ? (base === 8 ? '0o' : '0x') : '';
  const cased = (text: string): string => (conversion.type === 'X' ? text.toUpperCase() : text);
  return padded(`${signOf(value < 0n, conversion)}${cased(prefix)}`, cased(digits), conversion, true);
}

function float(value: Value, conversion: Conversion): string {
  const number = numeric(value);
  if (number === undefined) throw typeError(`must be real number, not ${typeName(value)}`);
  const real = toFloat(number);
  const negative = real < 0 || Object.is(real, -0);
  const text = formatFloat(real, conversion.type, conversion.precision ?? 6, conversion.flags.includes('#'));
  return padded(signOf(negative, conversion), text, conversion, true);
}

function signOf(negative: boolean, { flags }: Conversion): string {
  if (negative) return '-';
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
}

function padded(sign: string, text: string, { flags, width }: Conversion, isNumber: boolean): string {
  const missing = Math.max(0, width - sign.length - characters(text).length);
  if (flags.includes('-')) return `${sign}${text}${' '.repeat(missing)}`;
  if (isNumber && flags.includes('0')) return `${sign}${'0'.repeat(missing)}${text}`;
  return `${' '.repeat(missing)}${sign}${text}`;
}
