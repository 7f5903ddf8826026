/** A time as upstream's client reads it: UTC without a zone mark; null for none. */
export function plainTime(time: string | undefined): string | null {
  return time === undefined ? null : time.replace(/(\.\d{6})\d*/, '$1').replace(/Z$/, '');
}

/** Seconds from one time to another, or to now while there is none; null before the first. */
export function secondsBetween(from: string | undefined, to: string | undefined, now: Date): number | null {
  if (from === undefined) return null;
  const end = to === undefined ? now.getTime() : Date.parse(to);
  return Math.max(0, (end - Date.parse(from)) / 1000);
}
