/**
 * What a server warns of beside its answer: the texts of its `Warning` headers with code 299 (RFC 7234 §5.5, which
 * Kubernetes goes on using), such as those of admission webhooks.
 */
export function warningsOf(header: string | readonly string[] | undefined): string[] {
  const lines = header === undefined ? [] : typeof header === 'string' ? [header] : header;
  return lines.flatMap((line) =>
    [...line.matchAll(/\b299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1')),
  );
}
