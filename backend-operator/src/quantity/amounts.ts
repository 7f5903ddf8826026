import { formatQuantity, parseQuantity, QuantityError } from '@osmo/kube';

/** The value of a Kubernetes quantity in billionths; undefined for a text that is no quantity. */
export function nanosOf(quantity: string): bigint | undefined {
  try {
    return parseQuantity(quantity).nano;
  } catch (error) {
    if (error instanceof QuantityError) return undefined;
    throw error;
  }
}

/** A count of CPUs: whole if it can be, else in thousandths, rounded down; never with a larger suffix than that. */
export function formatCpu(nanos: bigint): string {
  const millis = nanos / 1_000_000n;
  return millis % 1000n === 0n ? String(millis / 1000n) : `${millis}m`;
}

/** A number of bytes in the largest binary unit that says it exactly, rounded down to a byte. */
export function formatBytes(nanos: bigint): string {
  return formatQuantity({ nano: nanos - (nanos % 1_000_000_000n), format: 'BinarySI' });
}
