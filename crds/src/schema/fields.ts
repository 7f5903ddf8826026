import * as z from 'zod';
import { alsoChecked } from './rules.ts';

/** What a string may be: a bound, and a pattern with a sentence that says what the pattern means. */
export interface TextLimits {
  readonly max: number;
  readonly min?: number;
  /** A pattern that RE2 (the apiserver) and JavaScript read alike: no look-around, no back-references. */
  readonly pattern?: RegExp;
  /** What the pattern allows, e.g. `an absolute path`. */
  readonly what?: string;
}

/** A bounded string. `doc` starts with the field's name. */
export function text(doc: string, { max, min, pattern, what }: TextLimits): z.ZodString {
  let schema = z.string().max(max);
  if (min !== undefined) schema = schema.min(min);
  if (pattern !== undefined) schema = schema.regex(pattern, what === undefined ? {} : { error: `must be ${what}` });
  return schema.meta({ description: doc });
}

/** A bounded integer. */
export function integer(doc: string, { min, max }: { min: number; max: number }): z.ZodInt {
  const format = min >= -(2 ** 31) && max < 2 ** 31 ? 'int32' : 'int64';
  return z.int().min(min).max(max).meta({ description: doc, format });
}

/** A boolean. */
export function flag(doc: string): z.ZodBoolean {
  return z.boolean().meta({ description: doc });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  doc: string,
  words: Words,
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  return z.enum(words).meta({ description: doc });
}

/** metav1.Time: RFC 3339 with seconds, as the apiserver checks it. */
export function time(doc: string): z.ZodString {
  const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;
  return alsoChecked(z.string().meta({ description: doc }), ['format', 'date-time'], ({ value, issues }) => {
    if (rfc3339.test(value) && !Number.isNaN(Date.parse(value))) return;
    issues.push({ code: 'custom', message: "must be a time such as '2026-01-31T12:00:00Z'", input: value });
  });
}

/** An object of known fields; a field that isn't one of them is refused. */
export function object<Shape extends z.ZodRawShape>(doc: string, shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  return z.strictObject(shape).meta({ description: doc });
}

/** A list that is replaced as a whole: its items leave no trace in managedFields. */
export function list<Item extends z.ZodType>(
  doc: string,
  item: Item,
  { max, min }: { max: number; min?: number },
): z.ZodArray<Item> {
  const schema = z.array(item).max(max);
  return (min === undefined ? schema : schema.min(min)).meta({ description: doc, 'x-kubernetes-list-type': 'atomic' });
}

/** A list of strings without duplicates. */
export function set<Item extends z.ZodType<string>>(
  doc: string,
  item: Item,
  { max }: { max: number },
): z.ZodArray<Item> {
  const schema = z.array(item).max(max).meta({ description: doc });
  return alsoChecked(schema, ['x-kubernetes-list-type', 'set'], (payload) => {
    reportDuplicates(payload, (value) => String(value));
  });
}

/** A list whose items are told apart by the field `key`, which is unique in it. */
export function keyedList<Item extends z.ZodType<object>>(
  doc: string,
  key: keyof z.output<Item> & string,
  item: Item,
  { max, min }: { max: number; min?: number },
): z.ZodArray<Item> {
  const bounded = z.array(item).max(max);
  const schema = min === undefined ? bounded : bounded.min(min);
  const documented = schema.meta({ description: doc, 'x-kubernetes-list-map-keys': [key] });
  return alsoChecked(documented, ['x-kubernetes-list-type', 'map'], (payload) => {
    reportDuplicates(payload, (value) => String((value as Record<string, unknown>)[key]), key);
  });
}

function reportDuplicates(
  context: z.core.ParsePayload<unknown[]>,
  identity: (item: unknown) => string,
  key = 'it',
): void {
  const seen = new Map<string, number>();
  for (const [index, item] of context.value.entries()) {
    const id = identity(item);
    const first = seen.get(id);
    if (first === undefined) seen.set(id, index);
    else {
      const message = `${key} must be unique in the list; item ${first} has the same`;
      context.issues.push({ code: 'custom', message, path: [index], input: id });
    }
  }
}

/** A map of strings: labels and selectors only, everything else is a keyed list. */
export function stringMap(
  doc: string,
  value: z.ZodString,
  { max }: { max: number },
): z.ZodRecord<z.ZodString, z.ZodString> {
  return atMost(z.record(z.string(), value).meta({ description: doc }), max);
}

/** An object that another API defines, or that people do: kept as it is, but for the number of its entries. */
export function freeForm(doc: string, max = 64): z.ZodRecord<z.ZodString, z.ZodUnknown> {
  const schema = z.record(z.string(), z.unknown());
  return atMost(schema.meta({ description: doc, 'x-kubernetes-preserve-unknown-fields': true }), max);
}

function atMost<S extends z.ZodType<object>>(schema: S, max: number): S {
  return alsoChecked(schema, ['maxProperties', max], ({ value, issues }) => {
    const size = Object.keys(value).length;
    if (size <= max) return;
    issues.push({ code: 'custom', message: `must have at most ${max} entries, has ${size}`, input: value });
  });
}
