/** `repr()` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const sign = value < 0 ? '-' : '';
  const { digits, exponent } = shortestDigits(Math.abs(value));
  if (exponent < -4 || exponent >= 16) return `${sign}${scientific(digits, exponent)}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** Digits `d₀d₁…` and the exponent of d₀.d₁…; both languages print the same shortest digits. */
export function shortestDigits(value: number): { digits: string; exponent: number } {
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

/** `d.ddde±XX` with at least two digits of exponent. */
export function scientific(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${digits[0]}${fraction}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Numerator and denominator of a finite float, exactly. */
export function exactRatio(value: number): [bigint, bigint] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const mantissa = exponent === 0 ? fraction : fraction | (1n << 52n);
  const power = Math.max(exponent, 1) - 1075;
  const signed = bits >> 63n === 0n ? mantissa : -mantissa;
  return power >= 0 ? [signed << BigInt(power), 1n] : [signed, 1n << BigInt(-power)];
}

/** numerator ÷ denominator (> 0), rounded to an integer, halves to the even one. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const absolute = negative ? -numerator : numerator;
  const quotient = absolute / denominator;
  const twice = (absolute % denominator) * 2n;
  const up = twice > denominator || (twice === denominator && (quotient & 1n) === 1n);
  const rounded = up ? quotient + 1n : quotient;
  return negative ? -rounded : rounded;
}

/** A finite float's absolute value with `precision` decimals, correctly rounded: what `'%.2f'` prints without its sign. */
export function fixedText(value: number, precision: number): string {
  const [numerator, denominator] = exactRatio(Math.abs(value));
  const scaled = divideRounded(numerator * 10n ** BigInt(precision), denominator).toString();
  if (precision === 0) return scaled;
  const padded = scaled.padStart(precision + 1, '0');
  return `${padded.slice(0, -precision)}.${padded.slice(-precision)}`;
}

/** A float's absolute value with `precision` decimals in scientific notation: digits and exponent. */
export function scientificDigits(value: number, precision: number): { digits: string; exponent: number } {
  const absolute = Math.abs(value);
  if (absolute === 0) return { digits: '0'.repeat(precision + 1), exponent: 0 };
  const [numerator, denominator] = exactRatio(absolute);
  const guess = shortestDigits(absolute).exponent;
  const digits = scaledTo(numerator, denominator, precision - guess);
  // Rounding up may give one digit more.
  if (digits.length > precision + 1) return { digits: digits.slice(0, precision + 1), exponent: guess + 1 };
  // 1e23 is a little less than 10²³: its shortest digits are rounded up, all of them aren't.
  if (digits.length <= precision) {
    return { digits: scaledTo(numerator, denominator, precision - guess + 1), exponent: guess - 1 };
  }
  return { digits, exponent: guess };
}

function scaledTo(numerator: bigint, denominator: bigint, power: number): string {
  return power >= 0
    ? divideRounded(numerator * 10n ** BigInt(power), denominator).toString()
    : divideRounded(numerator, denominator * 10n ** BigInt(-power)).toString();
}
