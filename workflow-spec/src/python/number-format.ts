import { fixedText, floatText, scientific, scientificDigits } from './float-text.ts';
import { PythonError, valueError } from './value.ts';

/** Most digits after the point that a format may ask for. */
const mostDigits = 1000;

/** The longest width that a format may ask for. */
const widest = 65_536;

/** A width or precision out of a format. @throws ValueError when it is over the limit */
export function boundedNumber(text: string, what: 'width' | 'precision'): number {
  const value = Number(text);
  const limit = what === 'width' ? widest : mostDigits;
  if (value > limit) throw valueError(`a ${what} of ${text} is over the limit of ${limit}`);
  return value;
}

/** A float's absolute value by one of Python's presentation types e, f, g (and their capitals) and %. */
export function formatFloat(value: number, type: string, precision: number, alternate: boolean): string {
  const upper = type === type.toUpperCase() && type !== '%';
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? 'nan' : 'inf';
    return `${upper ? text.toUpperCase() : text}${type === '%' ? '%' : ''}`;
  }
  const text = finiteFloat(value, type.toLowerCase(), precision, alternate);
  return upper ? text.toUpperCase() : text;
}

function finiteFloat(value: number, type: string, precision: number, alternate: boolean): string {
  const point = alternate && precision === 0 ? '.' : '';
  if (type === 'f') return `${fixedText(value, precision)}${point}`;
  if (type === '%') {
    if (!Number.isFinite(value * 100)) throw new PythonError('OverflowError', 'the percentage is too large');
    return `${fixedText(value * 100, precision)}${point}%`;
  }
  if (type === 'e') {
    const { digits, exponent } = scientificDigits(value, precision);
    const text = scientific(digits, exponent);
    return point === '' ? text : text.replace('e', '.e');
  }
  return general(value, Math.max(precision, 1), alternate);
}

/** `g`: fixed or scientific notation with `precision` significant digits, without trailing zeros. */
function general(value: number, precision: number, alternate: boolean): string {
  const { digits, exponent } = scientificDigits(value, precision - 1);
  const kept = alternate ? digits : digits.replace(/(?<=.)0+$/, '');
  if (exponent < -4 || exponent >= precision) {
    const text = scientific(kept, exponent);
    return alternate && kept.length === 1 ? text.replace('e', '.e') : text;
  }
  return positional(kept, exponent, alternate);
}

function positional(digits: string, exponent: number, alternate: boolean): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? `${whole}${alternate ? '.' : ''}` : `${whole}.${fraction}`;
}

/** `format(value, '')` and the `n`-less default with a precision: as `str`, or as `g` that always has a point. */
export function formatDefault(value: number, precision: number | undefined, alternate: boolean): string {
  const absolute = Math.abs(value);
  if (precision === undefined || !Number.isFinite(value)) return floatText(absolute);
  const { digits, exponent } = scientificDigits(absolute, Math.max(precision, 1) - 1);
  const kept = alternate ? digits : digits.replace(/(?<=.)0+$/, '');
  if (exponent < -4 || exponent >= Math.max(precision, 1) - 1) {
    return scientific(kept, exponent);
  }
  const text = positional(kept, exponent, alternate);
  return text.includes('.') ? text : `${text}.0`;
}

/** `text` with `separator` between groups of `size` digits, its integer part padded with zeros to `width`. */
export function grouped(text: string, separator: string, size: number, width: number): string {
  const whole = /^[0-9a-fA-F]+/.exec(text)?.[0] ?? '';
  const rest = text.slice(whole.length);
  const join = (digits: string): string => {
    const groups: string[] = [];
    for (let end = digits.length; end > 0; end -= size) groups.unshift(digits.slice(Math.max(0, end - size), end));
    return groups.join(separator);
  };
  let digits = whole;
  while (join(digits).length + rest.length < width) digits = `0${digits}`;
  return `${join(digits)}${rest}`;
}
