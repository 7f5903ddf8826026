/** JSON equality: order of keys is irrelevant, a key with the value undefined is no key. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => jsonEqual(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = definedKeys(a);
  return (
    keys.length === definedKeys(b).length && keys.every((key) => b[key] !== undefined && jsonEqual(a[key], b[key]))
  );
}

/**
 * Whether everything that `wanted` says is so in `actual`, which may say more: an apply of `wanted` would change no
 * value. Lists count as a whole, but their items may have more fields (defaults).
 */
export function isCovered(wanted: unknown, actual: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(actual) && wanted.length === actual.length && wanted.every((item, i) => isCovered(item, actual[i]))
    );
  }
  if (!isObject(wanted)) return wanted === actual;
  return isObject(actual) && definedKeys(wanted).every((key) => isCovered(wanted[key], actual[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function definedKeys(object: Record<string, unknown>): string[] {
  return Object.keys(object).filter((key) => object[key] !== undefined);
}
