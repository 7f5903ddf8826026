/**
 * `over` merged on `base` by the rules that users of pod templates know: maps merge deeply, items of lists merge with the
 * item of the same `name`, other items are added at the end, anything else is replaced, and null removes. Neither
 * argument is modified.
 */
export function mergeTemplates(base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return mergeLists(base, over);
  if (isMap(base) && isMap(over)) return mergeMaps(base, over);
  return over;
}

type Fields = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mergeMaps(base: Fields, over: Fields): Fields {
  const merged = new Map(Object.entries(base));
  for (const [key, value] of Object.entries(over)) {
    if (value === null) merged.delete(key);
    else merged.set(key, merged.has(key) ? mergeTemplates(merged.get(key), value) : value);
  }
  return Object.fromEntries(merged);
}

function mergeLists(base: readonly unknown[], over: readonly unknown[]): unknown[] {
  const merged = [...base];
  for (const item of over) {
    const name = nameOf(item);
    const position = name === undefined ? -1 : merged.findIndex((other) => nameOf(other) === name);
    if (position < 0) merged.push(item);
    else merged[position] = mergeTemplates(merged[position], item);
  }
  return merged;
}

function nameOf(item: unknown): string | undefined {
  return isMap(item) && typeof item['name'] === 'string' ? item['name'] : undefined;
}
