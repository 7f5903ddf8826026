import { numeric } from './compare.ts';
import { boundedNumber, formatDefault, formatFloat, grouped } from './number-format.ts';
import { toFloat } from './numbers.ts';
import { characterCount, intText, sliceText, str } from './text.ts';
import { type Value, defined, typeError, typeName, valueError } from './value.ts';

interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly separator: string;
  readonly precision: number | undefined;
  readonly type: string;
}

const syntax = /^(?:([\s\S])?([<>=^]))?([-+ ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

/** `format(value, spec)`. @throws ValueError, TypeError as Python does */
export function formatValue(value: Value, spec: string): string {
  defined(value);
  if (spec === '') return str(value);
  const number = numeric(value);
  if (typeof value !== 'string' && number === undefined) {
    throw typeError(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  const parsed = parse(spec, typeof value === 'string' ? '<' : '>');
  if (typeof value === 'string') return formatText(value, parsed);
  if (typeof number === 'bigint' && !'eEfFgG%'.includes(parsed.type || '-')) {
    return formatInteger(number, parsed, typeof value === 'boolean');
  }
  return formatReal(toFloat(number ?? 0), parsed);
}

function parse(spec: string, defaultAlign: string): Spec {
  const match = syntax.exec(spec);
  if (!match) throw valueError(`Invalid format specifier '${spec}'`);
  const [, fill, align, sign, alternate, zero, width, separator, precision, type] = match;
  return {
    fill: fill ?? (zero !== undefined ? '0' : ' '),
    align: align ?? (zero !== undefined && defaultAlign === '>' ? '=' : defaultAlign),
    sign: sign ?? '',
    alternate: alternate !== undefined,
    width: width === undefined ? 0 : boundedNumber(width, 'width'),
    separator: separator ?? '',
    precision: precision === undefined ? undefined : boundedNumber(precision, 'precision'),
    type: type ?? '',
  };
}

function formatText(text: string, spec: Spec): string {
  if (spec.type !== '' && spec.type !== 's') throw unknownCode(spec.type, 'str');
  if (spec.sign !== '') throw valueError('Sign not allowed in string format specifier');
  if (spec.alternate) throw valueError('Alternate form (#) not allowed in string format specifier');
  if (spec.align === '=') throw valueError("'=' alignment not allowed in string format specifier");
  if (spec.separator !== '') throw valueError(`Cannot specify '${spec.separator}' with 's'.`);
  return aligned('', spec.precision === undefined ? text : sliceText(text, 0, spec.precision), spec);
}

const unknownCode = (code: string, type: string): Error =>
  valueError(`Unknown format code '${code}' for object of type '${type}'`);

const bases: Readonly<Record<string, { base: number; prefix: string }>> = {
  b: { base: 2, prefix: '0b' },
  o: { base: 8, prefix: '0o' },
  x: { base: 16, prefix: '0x' },
  X: { base: 16, prefix: '0X' },
};

function formatInteger(value: bigint, spec: Spec, isBool: boolean): string {
  if (spec.type === 's') throw unknownCode('s', isBool ? 'bool' : 'int');
  if (spec.precision !== undefined) throw valueError('Precision not allowed in integer format specifier');
  if (spec.type === 'c') return formatCharacter(value, spec);
  const { base, prefix } = bases[spec.type] ?? { base: 10, prefix: '' };
  if (spec.separator === ',' && base !== 10) throw valueError(`Cannot specify ',' with '${spec.type}'.`);
  if (spec.separator !== '' && spec.type === 'n') throw valueError(`Cannot specify '${spec.separator}' with 'n'.`);
  const absolute = value < 0n ? -value : value;
  const digits = base === 10 ? intText(absolute) : absolute.toString(base);
  const sign = `${signOf(value < 0n, spec)}${spec.alternate ? prefix : ''}`;
  return aligned(sign, spec.type === 'X' ? digits.toUpperCase() : digits, spec, base === 10 ? 3 : 4);
}

function formatCharacter(value: bigint, spec: Spec): string {
  if (spec.sign !== '') throw valueError("Sign not allowed with integer format specifier 'c'");
  if (spec.alternate) throw valueError("Alternate form (#) not allowed with integer format specifier 'c'");
  if (spec.separator !== '') throw valueError(`Cannot specify '${spec.separator}' with 'c'.`);
  if (value < 0n || value > 0x10ffffn) throw valueError('%c arg not in range(0x110000)');
  return aligned('', String.fromCodePoint(Number(value)), spec);
}

function formatReal(value: number, spec: Spec): string {
  if (spec.type !== '' && !'eEfFgGn%'.includes(spec.type)) throw unknownCode(spec.type, 'float');
  if (spec.separator !== '' && spec.type === 'n') throw valueError(`Cannot specify '${spec.separator}' with 'n'.`);
  const negative = value < 0 || Object.is(value, -0);
  const type = spec.type === 'n' ? 'g' : spec.type;
  const text =
    type === ''
      ? formatDefault(value, spec.precision, spec.alternate)
      : formatFloat(value, type, spec.precision ?? 6, spec.alternate);
  return aligned(signOf(negative, spec), text, spec, 3);
}

function signOf(negative: boolean, { sign }: Spec): string {
  return negative ? '-' : sign === '-' ? '' : sign;
}

/** Sign and text in the width asked for; `groupSize` digits go together when there is a separator. */
function aligned(sign: string, text: string, spec: Spec, groupSize = 3): string {
  const { fill, align, width, separator } = spec;
  // Zeros in front of the digits are part of the groups.
  const zeros = align === '=' && fill === '0' ? width - sign.length : 0;
  const body = separator === '' ? text : grouped(text, separator, groupSize, zeros);
  const missing = Math.max(0, width - characterCount(sign) - characterCount(body));
  if (align === '<') return `${sign}${body}${fill.repeat(missing)}`;
  if (align === '=') return `${sign}${fill.repeat(missing)}${body}`;
  if (align === '>') return `${fill.repeat(missing)}${sign}${body}`;
  const left = Math.floor(missing / 2);
  return `${fill.repeat(left)}${sign}${body}${fill.repeat(missing - left)}`;
}
