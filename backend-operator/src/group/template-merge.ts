type Json = Record<string, unknown>;

/** By which field the elements of a list are the same thing; lists that aren't named here go by `name`. */
const identities: Readonly<Record<string, string>> = { volumeMounts: 'mountPath', hostAliases: 'ip' };

/** Lists whose elements hold one choice of many (`value` or `valueFrom`): merging two choices would give an invalid one. */
const replaced: ReadonlySet<string> = new Set(['env', 'volumes']);

/**
 * Merges `over` onto `base`, as pod templates are merged: maps deeply, the later wins; elements of lists with the same
 * name merge (environment variables and volumes: the later replaces), others are appended; anything else is replaced.
 * Neither argument is changed; equal elements without an identity (tolerations) are not repeated.
 */
export function mergeTemplate(base: Json, over: Json): Json {
  const result: Json = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) continue;
    result[key] = mergeValue(key, result[key], value);
  }
  return result;
}

function mergeValue(key: string, base: unknown, over: unknown): unknown {
  if (Array.isArray(base) && Array.isArray(over)) return mergeList(key, base, over);
  if (isMap(base) && isMap(over)) return mergeTemplate(base, over);
  return over;
}

function mergeList(key: string, base: readonly unknown[], over: readonly unknown[]): unknown[] {
  if (isArgv(key)) return [...over];
  const identity = identities[key] ?? 'name';
  const result = [...base];
  for (const item of over) {
    const index = result.findIndex((other) => same(identity, other, item));
    const other = result[index];
    if (index < 0) result.push(item);
    else result[index] = isMap(other) && isMap(item) && !replaced.has(key) ? mergeTemplate(other, item) : item;
  }
  return result;
}

/** A command line is one value: appending the task's words to a template's would run neither. */
function isArgv(key: string): boolean {
  return key === 'command' || key === 'args';
}

function same(identity: string, a: unknown, b: unknown): boolean {
  if (isMap(a) && isMap(b) && identity in a && identity in b) return a[identity] === b[identity];
  return JSON.stringify(a) === JSON.stringify(b);
}

function isMap(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
