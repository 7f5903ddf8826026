import type { Json } from './query/index.ts';

export type JsonMap = { readonly [key: string]: Json };

/** Whether a value is a map. */
export const isMap = (value: unknown): value is JsonMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts JSON over JSON: maps are joined at every depth, everything else is replaced. */
export function merged(base: JsonMap, over: JsonMap): JsonMap {
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const [old, now] = [valueOf(base, key), valueOf(over, key)];
      if (now === undefined) return [key, old ?? null];
      return [key, isMap(old) && isMap(now) ? merged(old, now) : now];
    }),
  );
}

/**
 * JSON without what a path of keys leads to. Maps that it leaves empty stay.
 *
 * @param path keys with dots between them
 * @returns undefined when there is no such value
 */
export function without(map: JsonMap, path: string): JsonMap | undefined {
  if (Object.hasOwn(map, path)) return Object.fromEntries(Object.entries(map).filter(([key]) => key !== path));
  for (let at = path.indexOf('.'); at !== -1; at = path.indexOf('.', at + 1)) {
    const key = path.slice(0, at);
    const inner = valueOf(map, key);
    const rest = isMap(inner) ? without(inner, path.slice(at + 1)) : undefined;
    if (rest !== undefined) return { ...map, [key]: rest };
  }
  return undefined;
}

const valueOf = (map: JsonMap, key: string): Json | undefined => (Object.hasOwn(map, key) ? map[key] : undefined);
