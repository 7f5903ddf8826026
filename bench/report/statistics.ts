/**
 * The smallest of `values` that at least the share `q` of them do not exceed (nearest rank), so always a measured value.
 *
 * @param q from 0 to 1
 * @throws RangeError on no values, or a `q` outside its range.
 */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError('quantile of no values');
  if (!(q >= 0 && q <= 1)) throw new RangeError(`quantile ${q}: want 0 to 1`);
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number;
}

/** The middle value, or the mean of the two in the middle. @throws RangeError on no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('median of no values');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * Median of `ours[i] / theirs[i]`. What slows the machine down for a while slows both halves of a pair, so that the
 * ratio is steadier than the ratio of two medians.
 *
 * @throws RangeError when the lengths differ or are 0.
 */
export function medianRatio(ours: readonly number[], theirs: readonly number[]): number {
  if (ours.length !== theirs.length) throw new RangeError(`${ours.length} values beside ${theirs.length}`);
  return median(ours.map((value, index) => value / (theirs[index] as number)));
}

/**
 * Events per second between the first and the last tenth of them, from the time of each (ms, any order): the rate that is
 * held up, without the start and the end.
 *
 * @throws RangeError on fewer than 10 times.
 */
export function sustainedRate(timesMs: readonly number[]): number {
  if (timesMs.length < 10) throw new RangeError(`a rate from ${timesMs.length} times: want at least 10`);
  const sorted = timesMs.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 10);
  const last = sorted.length - 1 - cut;
  return ((last - cut) * 1000) / ((sorted[last] as number) - (sorted[cut] as number));
}
