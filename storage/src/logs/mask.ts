/** Shorter values are too likely to be ordinary words: replacing them would tear the log apart and tell their length. */
const shortest = 8;

/** What stands in the place of a credential. */
export const masked = '[MASKED]';

/**
 * Replaces credential values in a line. Values of several lines (keys, certificates) are replaced line by line; longer
 * ones first, so that no rest of a value is left that contains another.
 */
export function maskerOf(values: Iterable<string>): (line: string) => string {
  const parts = [...values].flatMap((value) => value.split(/\r?\n/)).map((part) => part.trim());
  const secrets = [...new Set(parts)].filter((part) => part.length >= shortest);
  if (secrets.length === 0) return (line) => line;
  const alternatives = secrets
    .toSorted((a, b) => b.length - a.length)
    .map((each) => each.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`));
  const pattern = new RegExp(alternatives.join('|'), 'g');
  return (line) => line.replace(pattern, masked);
}
