/**
 * The same value, counting in `counter` every property, item and step of an iteration that is read of it, however deep.
 * Methods of lists, maps and sets count as reading every item, but for look-ups by key.
 */
export function counting<T extends object>(value: T, counter: { reads: number }): T {
  return new Proxy(value, {
    get(target, property) {
      counter.reads += 1;
      const found: unknown = Reflect.get(target, property, target);
      if (typeof found === 'function') return countingMethod(target, found as Method, counter);
      return typeof found === 'object' && found !== null ? counting(found, counter) : found;
    },
  });
}

type Method = (...args: unknown[]) => unknown;
const lookups: ReadonlySet<string> = new Set([
  'get',
  'has',
  'set',
  'add',
  'delete',
  'next',
  'values',
  'keys',
  'entries',
  '[Symbol.iterator]',
]);

function countingMethod(target: object, method: Method, counter: { reads: number }): Method {
  return (...args) => {
    if (!lookups.has(method.name)) counter.reads += sizeOf(target);
    const result = method.apply(target, args);
    return typeof result === 'object' && result !== null ? counting(result, counter) : result;
  };
}

function sizeOf(target: object): number {
  if (Array.isArray(target)) return target.length;
  return target instanceof Map || target instanceof Set ? target.size : 0;
}
