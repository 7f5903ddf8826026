/** The variables whose names begin so, without that beginning. */
export function withoutPrefix(
  prefix: string,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const found = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    name.startsWith(prefix) && name.length > prefix.length && value !== undefined && value !== ''
      ? [[name.slice(prefix.length), value]]
      : [],
  );
  return Object.fromEntries(found);
}
