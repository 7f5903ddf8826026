/** Header in which upstream's client looks for what to print before the result, as base64: it breaks on anything else. */
export const warningHeader = 'x-osmo-warning';

/** The value of the header for texts to show, one a line; undefined for none. */
export function warningValue(texts: readonly string[]): string | undefined {
  return texts.length === 0 ? undefined : Buffer.from(texts.join('\n'), 'utf8').toString('base64');
}
