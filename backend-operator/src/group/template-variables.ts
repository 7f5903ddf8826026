import { UnbuildableError } from './unbuildable.ts';

/** A value of a template variable. `undefined` removes the key (or list element) that it stands in. */
export type Variable = string | number | readonly string[] | undefined;
export type Variables = ReadonlyMap<string, Variable>;

const token = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;
const onlyToken = /^\s*\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}\s*$/;
const removed = Symbol('removed');

/**
 * Replaces `{{NAME}}` in every string (keys too) of a pod template.
 *
 * A string that is nothing but one token takes the variable's own value: a list becomes a list, an absent value removes
 * the key. Inside a longer string a list is joined with commas and an absent value is the empty string.
 *
 * @throws UnbuildableError for a variable that does not exist.
 */
export function substitute(template: object, variables: Variables): Record<string, unknown> {
  return walkObject(template as Record<string, unknown>, variables, 'podTemplate');
}

function walk(value: unknown, variables: Variables, path: string): unknown {
  if (typeof value === 'string') return render(value, variables, path);
  if (Array.isArray(value)) {
    return value.map((item, index) => walk(item, variables, `${path}[${index}]`)).filter((item) => item !== removed);
  }
  if (value !== null && typeof value === 'object') return walkObject(value as Record<string, unknown>, variables, path);
  return value;
}

function walkObject(object: Record<string, unknown>, variables: Variables, path: string): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(object)) {
    const name = inline(key, variables, path);
    const rendered = walk(value, variables, `${path}.${key}`);
    if (rendered !== removed) define(result, name, rendered);
  }
  return result;
}

function render(text: string, variables: Variables, path: string): unknown {
  const name = onlyToken.exec(text)?.[1];
  if (name === undefined) return inline(text, variables, path);
  const value = lookUp(name, variables, path);
  if (value === undefined) return removed;
  return typeof value === 'number' ? String(value) : value;
}

function inline(text: string, variables: Variables, path: string): string {
  return text.replaceAll(token, (_, name: string) => {
    const value = lookUp(name, variables, path);
    if (value === undefined) return '';
    return typeof value === 'object' ? value.join(',') : String(value);
  });
}

function lookUp(name: string, variables: Variables, path: string): Variable {
  if (variables.has(name)) return variables.get(name);
  const known = [...variables.keys()].toSorted().join(', ');
  throw new UnbuildableError(`${path}: unknown variable {{${name}}}; known are ${known}`);
}

/** Sets an own property even where the key is `__proto__`, which an assignment would swallow. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
