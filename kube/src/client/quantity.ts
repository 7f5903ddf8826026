/** How a quantity is written: '1536Mi', '1500M' or '15e8'. */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** An exact amount in billionths (Kubernetes' smallest unit), with the notation it came in. */
export interface Quantity {
  readonly nano: bigint;
  readonly format: QuantityFormat;
}

/** A text that is no quantity. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError';
}

const giga = 1_000_000_000n;
const decimalSuffixes: readonly [string, number][] = [
  ['n', -9],
  ['u', -6],
  ['m', -3],
  ['', 0],
  ['k', 3],
  ['M', 6],
  ['G', 9],
  ['T', 12],
  ['P', 15],
  ['E', 18],
];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;
const decimalExponents = new Map(decimalSuffixes);
const syntax = /^([+-]?)(\d*)(?:\.(\d*))?(?:(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E)|[eE]([+-]?\d{1,3}))?$/;

/**
 * Parses what Kubernetes accepts: '100m', '1.5', '2Gi', '1e3', '.5', '-1'. Finer than a billionth is rounded away from
 * zero, as the apiserver does.
 *
 * @throws QuantityError with the value and what is allowed.
 */
export function parseQuantity(text: string): Quantity {
  const match = text.length <= 64 ? syntax.exec(text) : null;
  const [, sign = '', whole = '', fraction = '', suffix, exponent] = match ?? [];
  if (!match || whole + fraction === '') {
    throw new QuantityError(
      `${JSON.stringify(text.slice(0, 64))} is not a quantity: a number such as 1, 0.5 or 1e3, with at most one suffix of ` +
        'n u m k M G T P E or Ki Mi Gi Ti Pi Ei',
    );
  }
  const digits = BigInt(whole + fraction);
  const binary = suffix ? binarySuffixes.indexOf(suffix as 'Ki') : -1;
  const magnitude =
    binary > 0
      ? scaleUp(digits * 1024n ** BigInt(binary), 9 - fraction.length)
      : scaleUp(digits, 9 - fraction.length + Number(exponent ?? decimalExponents.get(suffix ?? '')));
  const format = binary > 0 ? 'BinarySI' : exponent === undefined ? 'DecimalSI' : 'DecimalExponent';
  return { nano: sign === '-' ? -magnitude : magnitude, format };
}

/** digits × 10^exponent for digits ≥ 0; what is lost to a negative exponent is rounded up. */
function scaleUp(digits: bigint, exponent: number): bigint {
  if (exponent >= 0) return digits * 10n ** BigInt(exponent);
  return ceilDiv(digits, 10n ** BigInt(-exponent));
}

function ceilDiv(value: bigint, by: bigint): bigint {
  return value / by + (value % by > 0n ? 1n : 0n);
}

/** A whole number of units, e.g. a count of GPUs. */
export function quantityOf(units: bigint | number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nano: BigInt(units) * giga, format };
}

/** Negative when a < b, 0 when equal whatever their notation, positive when a > b. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.nano === b.nano) return 0;
  return a.nano < b.nano ? -1 : 1;
}

/** The sum, in the notation of the first that is not zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

export function multiplyQuantity(a: Quantity, times: bigint | number): Quantity {
  return { nano: a.nano * BigInt(times), format: a.format };
}

/** Whole units, rounded away from zero: what must be set aside to have at least this much. */
export function ceilQuantity(a: Quantity): bigint {
  return a.nano < 0n ? -ceilDiv(-a.nano, giga) : ceilDiv(a.nano, giga);
}

/** The nearest double: for display and metrics, not for decisions. */
export function quantityToNumber(a: Quantity): number {
  return Number(a.nano / giga) + Number(a.nano % giga) / 1e9;
}

/**
 * The canonical text, as the apiserver writes it: no fraction, the largest suffix that keeps it whole. Binary notation is
 * for amounts from 1024 and for whole units; below, and in other notations, decimal suffixes or exponents are used.
 */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  const sign = nano < 0n ? '-' : '';
  const magnitude = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && magnitude >= 1024n * giga) return sign + formatBinary(ceilDiv(magnitude, giga));
  return sign + formatDecimal(magnitude, format === 'DecimalExponent');
}

function formatBinary(units: bigint): string {
  let step = 0;
  let rest = units;
  while (step < binarySuffixes.length - 1 && rest % 1024n === 0n) {
    rest /= 1024n;
    step++;
  }
  return `${rest}${binarySuffixes[step]}`;
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let index = 0;
  let rest = nano;
  while (index < decimalSuffixes.length - 1 && rest % 1000n === 0n) {
    rest /= 1000n;
    index++;
  }
  const [suffix, exponent] = decimalSuffixes[index] as [string, number];
  return asExponent && exponent !== 0 ? `${rest}e${exponent}` : `${rest}${suffix}`;
}
