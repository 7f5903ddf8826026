const units: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  E: 10n ** 18n,
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};

/**
 * A Kubernetes quantity in thousandths, exactly: '500m' is 500n, '1Ki' is 1024000n. More than three decimals after a unit
 * is applied are cut. Undefined for what is not a quantity.
 */
export function milliUnits(quantity: string | number): bigint | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d{0,9}))?(m|k|[MGTPE]i?|Ki)?$/.exec(String(quantity).trim());
  if (match === null) return undefined;
  const [, sign = '', whole = '0', fraction = '', unit = ''] = match;
  const scale = 10n ** BigInt(fraction.length);
  const digits = BigInt(whole) * scale + BigInt(fraction === '' ? '0' : fraction);
  const milli = unit === 'm' ? digits / scale : (digits * 1000n * (units[unit] ?? 1n)) / scale;
  return sign === '-' ? -milli : milli;
}
