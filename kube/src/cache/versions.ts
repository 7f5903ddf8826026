const decimal = /^(?:0|[1-9]\d*)$/;

/**
 * Compares two resourceVersions as the unbounded whole numbers that Kubernetes says they are: negative when `a` is
 * older, 0 when equal, positive when newer, undefined when either is not a number (some aggregated APIs), so that there
 * is no order between them.
 */
export function compareVersions(a: string, b: string): number | undefined {
  if (a === b) return 0;
  if (!decimal.test(a) || !decimal.test(b)) return undefined;
  // Without leading zeros the longer one is greater, and equal lengths compare as text: exact, without BigInt's cost.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

/** Whether `a` is at least as new as `b`; false when they can't be compared. */
export function isAtLeast(a: string, b: string): boolean {
  return (compareVersions(a, b) ?? -1) >= 0;
}
