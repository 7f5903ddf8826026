import { PyDict } from '../python/dict.ts';
import type { Value } from '../python/value.ts';

type Fields = Readonly<Record<string, Value | undefined>>;

/** A mapping of the fields that are set. */
export function dict(fields: Fields): PyDict {
  return new PyDict(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

/** The same, or undefined when nothing is set. */
export function present(fields: Fields): PyDict | undefined {
  const made = dict(fields);
  return made.size === 0 ? undefined : made;
}
