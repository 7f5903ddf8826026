import type { FakeKind, ListRule } from './kinds.ts';
import { metadataLists } from './kinds.ts';

/** A step to a field as in FieldsV1: 'f:name', 'k:{"name":"a"}' (item of a keyed list), 'v:"x"' (member of a set). */
type Step = string;
/** Path of an owned field: steps joined by a separator that JSON escapes, so that it can't occur in them. */
export type FieldPath = string;

const separator = '\u0000';

/** The rules of a kind, by path with '[]' for list items. */
export interface Rules {
  list(path: string): ListRule;
  isAtomicMap(path: string): boolean;
}

export function rulesOf(kind: Pick<FakeKind, 'lists' | 'atomicMaps'>): Rules {
  return {
    list: (path) => kind.lists?.[path] ?? metadataLists[path] ?? 'atomic',
    isAtomicMap: (path) => kind.atomicMaps?.includes(path) ?? false,
  };
}

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The step to an item of a keyed list. Missing key fields count as absent, as after the server's defaulting they rarely are. */
export function itemStep(rule: ListRule, item: unknown): Step {
  if (rule === 'set' || rule === 'atomic' || !isMap(item)) return `v:${JSON.stringify(item)}`;
  const named = rule.keys.toSorted().filter((key) => item[key] !== undefined);
  return `k:${JSON.stringify(Object.fromEntries(named.map((key) => [key, item[key]])))}`;
}

/**
 * All fields of a value: every leaf, and every item of a keyed list or set. Maps own nothing themselves unless they are
 * empty or atomic.
 */
export function fieldsOf(value: unknown, rules: Rules, path = '', at: FieldPath = ''): Map<FieldPath, unknown> {
  const fields = new Map<FieldPath, unknown>();
  const add = (inner: Map<FieldPath, unknown>): void => inner.forEach((v, k) => fields.set(k, v));
  if (isMap(value) && Object.keys(value).length > 0 && !rules.isAtomicMap(path)) {
    for (const [name, inner] of Object.entries(value)) {
      add(fieldsOf(inner, rules, path === '' ? name : `${path}.${name}`, join(at, `f:${name}`)));
    }
    return fields;
  }
  const rule = Array.isArray(value) ? rules.list(path) : 'atomic';
  const container = isMap(value) ? !rules.isAtomicMap(path) : rule !== 'atomic';
  if (!Array.isArray(value) || rule === 'atomic' || value.length === 0) {
    // An empty container is a field of its own, but has no value that another could differ from.
    return at === '' ? fields : fields.set(at, container ? itemMark : value);
  }
  for (const item of value) {
    const here = join(at, itemStep(rule, item));
    fields.set(here, rule === 'set' ? item : itemMark);
    if (rule !== 'set') add(fieldsOf(item, rules, `${path}[]`, here));
  }
  return fields;
}

/** Stands for "this item or empty container exists": owned like a field, but never in conflict. */
export const itemMark = Symbol('item');

const join = (at: FieldPath, step: Step): FieldPath => (at === '' ? step : at + separator + step);
const stepsOf = (path: FieldPath): Step[] => path.split(separator);

/** Whether one path is the other, or lies within it. */
export function overlaps(a: FieldPath, b: FieldPath): boolean {
  return a === b || a.startsWith(b + separator) || b.startsWith(a + separator);
}

/** Whether a field is the other or lies within it. */
export function within(field: FieldPath, other: FieldPath): boolean {
  return field === other || field.startsWith(other + separator);
}

/** For messages: '.spec.containers[name="a"].image'. */
export function displayPath(path: FieldPath): string {
  return stepsOf(path)
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
      const keys = Object.entries(JSON.parse(step.slice(2)) as object);
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** FieldsV1 of a set of paths. */
export function toFieldsV1(paths: Iterable<FieldPath>): object {
  interface Tree {
    [step: string]: Tree;
  }
  const root: Tree = {};
  for (const path of [...paths].toSorted()) {
    let at = root;
    for (const step of stepsOf(path)) {
      at[step] ??= {};
      at = at[step];
    }
    if (stepsOf(path).at(-1)?.startsWith('k:')) at['.'] = {};
  }
  return root;
}

/** Paths of a FieldsV1: leaves, and items that are owned themselves ('.'). */
export function fromFieldsV1(fields: object, at: FieldPath = ''): Set<FieldPath> {
  const paths = new Set<FieldPath>();
  for (const [step, inner] of Object.entries(fields) as [string, object][]) {
    if (step === '.') {
      if (at !== '') paths.add(at);
      continue;
    }
    const here = join(at, step);
    if (Object.keys(inner).length === 0) paths.add(here);
    for (const path of fromFieldsV1(inner, here)) paths.add(path);
  }
  return paths;
}

/** The value without the field; maps that this empties go too, lists that it empties go too. */
export function withoutField(value: unknown, path: FieldPath, rules: Rules): unknown {
  return removeAt(value, stepsOf(path), rules, '');
}

function removeAt(value: unknown, [step, ...rest]: Step[], rules: Rules, path: string): unknown {
  if (step === undefined) return undefined;
  if (step.startsWith('f:')) {
    const name = step.slice(2);
    if (!isMap(value) || !(name in value)) return value;
    const inner = removeAt(value[name], rest, rules, path === '' ? name : `${path}.${name}`);
    const { [name]: _, ...others } = value;
    if (inner === undefined) return Object.keys(others).length > 0 ? others : undefined;
    return { ...value, [name]: inner };
  }
  if (!Array.isArray(value)) return value;
  const rule = rules.list(path);
  const items = value.flatMap((item: unknown) => {
    if (itemStep(rule, item) !== step) return [item];
    const inner = removeAt(item, rest, rules, `${path}[]`);
    return inner === undefined ? [] : [inner];
  });
  return items.length > 0 ? items : undefined;
}
