const factors: Readonly<Record<string, bigint>> = {
  '': 1n,
  B: 1n,
  K: 1n << 10n,
  M: 1n << 20n,
  G: 1n << 30n,
  T: 1n << 40n,
};

/** A recipe's amount of bytes: whole part, fraction, unit. */
export const byteAmount = /^([0-9]+)(?:\.([0-9]+))?(?:([KMGT])(?:i|iB)?|B)?$/;
/** A share of the storage. */
export const cacheShare = /^([0-9]{1,2}|100)%$/;

/**
 * A recipe's amount of bytes as a Kubernetes quantity: `8G`, `8Gi` and `8GiB` are all `8Gi`, a number without unit is bytes.
 * Undefined for what is no such amount.
 */
export function byteQuantity(text: string): string | undefined {
  const match = byteAmount.exec(text);
  if (!match) return undefined;
  const [, whole = '', fraction = '', unit = ''] = match;
  const significant = fraction.replace(/0+$/, '');
  if (unit !== '' && significant.length <= 3)
    return `${trimmed(whole)}${significant === '' ? '' : `.${significant}`}${unit}i`;
  // More decimals than a quantity has: whole bytes, rounded up.
  const scale = 10n ** BigInt(significant.length);
  const scaled = BigInt(`${whole}${significant}`) * (factors[unit] ?? 1n);
  return ((scaled + scale - 1n) / scale).toString();
}

const trimmed = (digits: string): string => digits.replace(/^0+(?=.)/, '');

/** The amount in the spelling of a recipe: `8Gi`. Units of 1000 become bytes, since a recipe has none. */
export function recipeBytes(quantity: string | number): string {
  const match = /^([0-9]+)(?:\.([0-9]+))?(k|M|G|T)$/.exec(String(quantity));
  if (!match) return String(quantity);
  const [, whole = '', fraction = '', unit = 'k'] = match;
  const zeros = { k: 3, M: 6, G: 9, T: 12 }[unit] ?? 3;
  return BigInt(`${whole}${fraction.padEnd(zeros, '0')}`).toString();
}

const unitSeconds: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1, ms: 0.001, us: 0.000_001 };

/** The three spellings of a duration: one number with a unit, seconds, ISO 8601. */
export const durationForms = {
  simple: /^([0-9]+)(d|h|m|s|ms|us)$/,
  seconds: /^[0-9]+(\.[0-9]+)?$/,
  iso: /^P(?=.)(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?=.)(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:\.[0-9]+)?)S)?)?$/,
} as const;

/**
 * Seconds of a recipe's duration, rounded up to whole ones: `30m`, `PT1H30M`, or a number of seconds. Undefined for what is
 * no duration, 0 for none.
 */
export function durationSeconds(text: string): number | undefined {
  const simple = durationForms.simple.exec(text);
  if (simple) return Math.ceil(Number(simple[1]) * (unitSeconds[simple[2] ?? ''] ?? 1));
  if (durationForms.seconds.test(text)) return Math.ceil(Number(text));
  const iso = durationForms.iso.exec(text);
  if (!iso) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = iso.slice(1).map((part) => Number(part ?? 0));
  return Math.ceil(weeks * 604_800 + days * 86_400 + hours * 3600 + minutes * 60 + seconds);
}

/** A duration in the spelling of a recipe, with the largest unit that leaves a whole number. */
export function recipeDuration(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = unitSeconds[unit] ?? 1;
    if (seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}
