/** What a field that upstream's client reads must be. */
export type FieldType = keyof typeof types;

/** Fields by path: `workflows[].submit_time`. A list must not be empty, so that something is looked at. */
export type Fields = Readonly<Record<string, FieldType>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
/** UTC without a zone mark, with at most 6 digits of a fraction: the client fails on anything else. */
const isTime = (value: unknown): boolean =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?$/.test(value);
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
const orNull = (test: (value: unknown) => boolean) => (value: unknown) => value === null || test(value);

const types = {
  text: isText,
  'text?': orNull(isText),
  number: isNumber,
  'number?': orNull(isNumber),
  /** A number as it is or as text. */
  plainNumber: (value: unknown) => isNumber(value) || (typeof value === 'string' && /^\d+(\.\d+)?$/.test(value)),
  /** A number as text. */
  numberText: (value: unknown) => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value),
  /** Bytes, with K, M, G or T. */
  bytes: (value: unknown) =>
    isNumber(value) || (typeof value === 'string' && /^\d+(\.\d+)?([KkMGT]i?B?)?$/.test(value)),
  boolean: (value: unknown) => typeof value === 'boolean',
  time: isTime,
  'time?': orNull(isTime),
  object: isObject,
  list: (value: unknown) => Array.isArray(value),
  texts: (value: unknown) => Array.isArray(value) && value.every(isText),
  /** Labels, or nothing. */
  textMap: (value: unknown) => isObject(value) && Object.values(value as object).every(isText),
} as const;

/** What is wrong with an answer: one line for each field that isn't there or is of another type. */
export function wrongFields(answer: unknown, fields: Fields): string[] {
  return Object.entries(fields).flatMap(([path, type]) => {
    const found = valuesAt(answer, path.split('.'));
    if (found.length === 0) return [`${path}: there is none to look at`];
    return found
      .filter((value) => value === undefined || !types[type](value))
      .map((value) => `${path}: ${JSON.stringify(value)} is no ${type}`);
  });
}

/** All values at a path; undefined for each that is missing. */
function valuesAt(from: unknown, path: readonly string[]): unknown[] {
  const [first, ...rest] = path;
  if (first === undefined) return [from];
  const isList = first.endsWith('[]');
  const name = isList ? first.slice(0, -2) : first;
  const value = name === '' ? from : (from as Record<string, unknown> | null | undefined)?.[name];
  if (!isList) return valuesAt(value, rest);
  return Array.isArray(value) ? value.flatMap((item) => valuesAt(item, rest)) : [undefined];
}
