const units: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 1_000n,
  m: 1_000_000n,
  '': 1_000_000_000n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
  Ki: (1n << 10n) * 10n ** 9n,
  Mi: (1n << 20n) * 10n ** 9n,
  Gi: (1n << 30n) * 10n ** 9n,
  Ti: (1n << 40n) * 10n ** 9n,
  Pi: (1n << 50n) * 10n ** 9n,
  Ei: (1n << 60n) * 10n ** 9n,
};

const syntax = /^([+-]?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$/;

/**
 * The value of a Kubernetes quantity in units of 10⁻⁹, exactly; finer fractions are rounded up, as Kubernetes does.
 *
 * @returns undefined for a text that is no quantity.
 */
export function nanosOf(quantity: string): bigint | undefined {
  const match = syntax.exec(quantity);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent, unit = ''] = match;
  const scaled = BigInt(whole + fraction) * (exponent === undefined ? (units[unit] ?? 1n) : 10n ** 9n);
  const shift = Number(exponent ?? 0) - fraction.length;
  const nanos = shift >= 0 ? scaled * 10n ** BigInt(shift) : ceilDiv(scaled, 10n ** BigInt(-shift));
  return sign === '-' ? -nanos : nanos;
}

/** A count (CPUs, GPUs) as a canonical quantity: whole if it can be, else in thousandths, rounded down. */
export function formatCount(nanos: bigint): string {
  const millis = nanos / 1_000_000n;
  return millis % 1000n === 0n ? String(millis / 1000n) : `${millis}m`;
}

/** A number of bytes as a canonical quantity: the largest binary unit that says it exactly; rounded down to a byte. */
export function formatBytes(nanos: bigint): string {
  const bytes = nanos / 1_000_000_000n;
  for (const [unit, shift] of [
    ['Ti', 40n],
    ['Gi', 30n],
    ['Mi', 20n],
    ['Ki', 10n],
  ] as const) {
    if (bytes !== 0n && bytes % (1n << shift) === 0n) return `${bytes >> shift}${unit}`;
  }
  return String(bytes);
}

function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}
