import * as z from 'zod';
import { withRules } from './rules.ts';

/** A Kubernetes quantity: a number, or a string with a unit. */
export type Quantity = string | number;

interface QuantityKind {
  readonly pattern: RegExp;
  readonly what: string;
  readonly maxInteger: number;
}

const cpuKind: QuantityKind = {
  pattern: /^([0-9]{1,9}(\.[0-9]{1,3})?|[0-9]{1,12}m)$/,
  what: "a number of CPUs such as 2, '0.5' or '500m'",
  maxInteger: 999_999_999,
};
const bytesKind: QuantityKind = {
  pattern: /^[0-9]{1,16}(\.[0-9]{1,3})?(k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/,
  what: "a number of bytes such as '512Mi' or '1.5Gi'",
  maxInteger: Number.MAX_SAFE_INTEGER,
};

/** CPUs, ≥ 0: `2`, `'0.5'`, `'500m'`. */
export const cpu = (doc: string) => quantity(doc, cpuKind);
/** Bytes, ≥ 0: `'512Mi'`, `'1.5Gi'`, `'100M'`. Milli-bytes are refused: they are always a slip. */
export const bytes = (doc: string) => quantity(doc, bytesKind);

/** CPUs that one task may ask for: no machine has more than `max`. */
export const boundedCpu = (doc: string, max: string) => bounded(cpu(doc), max);
/** Bytes that one task may ask for. */
export const boundedBytes = (doc: string, max: string) => bounded(bytes(doc), max);

function quantity(doc: string, { pattern, what, maxInteger }: QuantityKind) {
  const integer = z
    .int({ error: `must be ${what}` })
    .min(0, { error: `must be ${what}` })
    .max(maxInteger);
  const string = z
    .string({ error: `must be ${what}` })
    .max(32)
    .regex(pattern, { error: `must be ${what}` });
  return z
    .union([integer, string], { error: `must be ${what}` })
    .meta({ description: doc, 'x-kubernetes-int-or-string': true });
}

function bounded(schema: ReturnType<typeof quantity>, max: string) {
  // A string that is no quantity at all is the pattern's to report; the rule stays silent about it.
  return withRules(schema, [
    {
      rule: `!isQuantity(string(self)) || quantity(string(self)).compareTo(quantity('${max}')) <= 0`,
      message: `must be at most ${max}`,
      messageExpression: `'must be at most ${max}, is ' + string(self)`,
      holds: (value) => !(approximate(value) > approximate(max)),
    },
  ]);
}

const units: Readonly<Record<string, number>> = {
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A quantity as a double: exact enough for a bound that is far away, not for sums. */
function approximate(value: Quantity): number {
  const [, number = 'NaN', unit = ''] = /^([0-9.]+)([a-zA-Z]*)$/.exec(String(value)) ?? [];
  return Number(number) * (units[unit] ?? Number.NaN);
}
