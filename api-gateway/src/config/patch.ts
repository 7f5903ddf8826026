import { ConfigProblem, isJson, type Json, own } from './config-fields.ts';

/**
 * A configuration with a patch on it, in upstream's way: objects merge, `{"$action": "delete"}` takes a field or an item away,
 * `{"$action": "replace", …}` stands for the old one instead of merging with it, and items of a list that bear `$index` are for the
 * item there; a list without any is the new list.
 *
 * @throws ConfigProblem for an action or an index that can't be
 */
export function patched(old: unknown, patch: unknown, path: string): unknown {
  if (Array.isArray(patch)) return patch.some(hasIndex) ? patchedList(old, patch, path) : patch;
  if (!isJson(patch)) return patch;
  const { action, rest } = actionOf(patch, path);
  if (action === 'delete') return undefined;
  const base = action === 'replace' || !isJson(old) ? {} : old;
  const merged = new Map(Object.entries(base));
  for (const [name, value] of Object.entries(rest)) {
    const result = patched(merged.get(name), value, `${path}.${name.slice(0, 64)}`);
    if (result === undefined) merged.delete(name);
    else merged.set(name, result);
  }
  return Object.fromEntries(merged);
}

function patchedList(old: unknown, patch: readonly unknown[], path: string): unknown[] {
  const items: unknown[] = Array.isArray(old) ? [...(old as unknown[])] : [];
  const added: unknown[] = [];
  for (const item of patch) {
    if (!hasIndex(item)) {
      added.push(patched(undefined, item, path));
      continue;
    }
    const { $index: index, ...rest } = item;
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= items.length) {
      throw new ConfigProblem(`${path}.$index`, `must be an index of the list, from 0 to ${items.length - 1}`);
    }
    items[index as number] = patched(items[index as number], rest, `${path}[${String(index)}]`);
  }
  return [...items, ...added].filter((item) => item !== undefined);
}

function hasIndex(item: unknown): item is Json {
  return isJson(item) && Object.hasOwn(item, '$index');
}

function actionOf(patch: Json, path: string): { action: 'merge' | 'delete' | 'replace'; rest: Json } {
  const action = own(patch, '$action');
  const { $action: _action, ...rest } = patch;
  if (action === undefined) return { action: 'merge', rest };
  if (action === 'delete' || action === 'replace') return { action, rest };
  throw new ConfigProblem(`${path}.$action`, 'must be delete or replace');
}
