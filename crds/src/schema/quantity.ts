import * as z from 'zod';

/** A Kubernetes quantity: a number, or a string with a unit. */
export type Quantity = string | number;

interface QuantityKind {
  /** Its numbers of digits are the upper bound too: CEL on quantities is over the cost budget of Kubernetes 1.30. */
  readonly pattern: RegExp;
  readonly what: string;
  readonly maxInteger: number;
}

// Milli-bytes are refused: they are always a slip.
const kinds = {
  cpuOfTask: {
    pattern: /^([0-9]{1,5}(\.[0-9]{1,3})?|[0-9]{1,8}m)$/,
    what: "a number of CPUs below 100000, such as 2, '0.5' or '500m'",
    maxInteger: 99_999,
  },
  bytesOfTask: {
    pattern:
      /^([0-9]{1,15}|[0-9]{1,12}(\.[0-9]{1,3})?(k|Ki)|[0-9]{1,9}(\.[0-9]{1,3})?Mi?|[0-9]{1,6}(\.[0-9]{1,3})?Gi?|[0-9]{1,3}(\.[0-9]{1,3})?Ti?)$/,
    what: "a number of bytes below 1000Ti, such as '512Mi' or '1.5Gi'",
    maxInteger: 999_999_999_999_999,
  },
  cpuOfCluster: {
    pattern: /^([0-9]{1,9}(\.[0-9]{1,3})?|[0-9]{1,12}m)$/,
    what: "a number of CPUs such as 2, '0.5' or '500m'",
    maxInteger: 999_999_999,
  },
  bytesOfCluster: {
    pattern: /^[0-9]{1,16}(\.[0-9]{1,3})?(k|Ki|Mi?|Gi?|Ti?|Pi?)?$/,
    what: "a number of bytes such as '512Mi' or '1.5Gi'",
    maxInteger: Number.MAX_SAFE_INTEGER,
  },
} as const satisfies Record<string, QuantityKind>;

/** CPUs that one task can ask for, ≥ 0: `2`, `'0.5'`, `'500m'`. */
export const cpu = (doc: string) => quantity(doc, kinds.cpuOfTask);
/** Bytes that one task can ask for, ≥ 0: `'512Mi'`, `'1.5Gi'`, `'100M'`. */
export const bytes = (doc: string) => quantity(doc, kinds.bytesOfTask);
/** CPUs of nodes and of whole clusters. */
export const clusterCpu = (doc: string) => quantity(doc, kinds.cpuOfCluster);
/** Bytes of nodes and of whole clusters. */
export const clusterBytes = (doc: string) => quantity(doc, kinds.bytesOfCluster);

function quantity(doc: string, { pattern, what, maxInteger }: QuantityKind) {
  const error = `must be ${what}`;
  const integer = z.int({ error }).min(0, { error }).max(maxInteger, { error });
  const string = z.string({ error }).max(32, { error }).regex(pattern, { error });
  return z.union([integer, string], { error }).meta({ description: doc, 'x-kubernetes-int-or-string': true });
}
