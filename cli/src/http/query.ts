/** A value of a query; lists are repeated keys. What is undefined or an empty list is left out. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** Makes the text behind `?`; booleans in Python's spelling, as upstream's client sends them. Empty for nothing. */
export function queryOf(values: Readonly<Record<string, QueryValue>>): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (typeof value === 'boolean') query.append(key, value ? 'True' : 'False');
    else if (typeof value === 'object') for (const each of value) query.append(key, each);
    else query.append(key, String(value));
  }
  return query.toString();
}
