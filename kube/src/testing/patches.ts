import type { JsonPatchOperation } from '../client/types.ts';
import { jsonEqual } from '../runtime/objects/equality.ts';
import { ApiError } from './api-error.ts';
import { isMap, itemStep, type Rules } from './field-sets.ts';

/** RFC 7396. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name], value);
  }
  return result;
}

/**
 * Strategic merge by the kind's list rules: keyed lists merge by their first key, sets unite, other lists are replaced;
 * of the directives `$patch: delete` (of an item) and `$patch: replace` are known.
 */
export function strategicPatch(target: unknown, patch: unknown, rules: Rules, path = ''): unknown {
  if (Array.isArray(patch)) return strategicList(target, patch, rules, path);
  if (!isMap(patch)) return patch;
  const { $patch: directive, ...fields } = patch;
  if (directive === 'replace') return fields;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === null) delete result[name];
    else result[name] = strategicPatch(result[name], value, rules, path === '' ? name : `${path}.${name}`);
  }
  return result;
}

function strategicList(target: unknown, patch: unknown[], rules: Rules, path: string): unknown[] {
  const rule = rules.list(path);
  if (rule === 'atomic' || !Array.isArray(target))
    return patch.filter((item) => !isMap(item) || item['$patch'] !== 'delete');
  const mergeKey = rule === 'set' ? rule : { keys: rule.keys.slice(0, 1) };
  const items = new Map(target.map((item: unknown) => [itemStep(mergeKey, item), item]));
  for (const item of patch) {
    const step = itemStep(mergeKey, item);
    if (isMap(item) && item['$patch'] === 'delete') items.delete(step);
    else items.set(step, items.has(step) ? strategicPatch(items.get(step), item, rules, `${path}[]`) : item);
  }
  return [...items.values()];
}

/**
 * RFC 6902.
 *
 * @throws ApiError 422 when an operation can't be done, as the apiserver answers.
 */
export function jsonPatch(target: unknown, operations: readonly JsonPatchOperation[]): unknown {
  let document: unknown = structuredClone(target);
  for (const operation of operations) document = applyOperation(document, operation);
  return document;
}

function applyOperation(document: unknown, operation: JsonPatchOperation): unknown {
  switch (operation.op) {
    case 'add':
      return write(document, operation.path, operation.value, 'add');
    case 'replace':
      read(document, operation.path);
      return write(document, operation.path, operation.value, 'replace');
    case 'remove':
      read(document, operation.path);
      return remove(document, operation.path);
    case 'test':
      // A test for null holds when there is nothing at the path.
      if (
        !jsonEqual(
          operation.value === null ? find(document, operation.path) : read(document, operation.path),
          operation.value,
        )
      ) {
        throw refused(`testing path ${operation.path} value failed`);
      }
      return document;
    case 'move': {
      const value = read(document, operation.from);
      return write(remove(document, operation.from), operation.path, value, 'add');
    }
    case 'copy':
      return write(document, operation.path, structuredClone(read(document, operation.from)), 'add');
  }
}

const refused = (why: string): ApiError =>
  new ApiError(422, 'Invalid', `the server rejected our request due to an error in our request: ${why}`);

const segments = (pointer: string): string[] => {
  if (pointer !== '' && !pointer.startsWith('/')) throw refused(`invalid path ${pointer}`);
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
};

function child(container: unknown, name: string, pointer: string): unknown {
  if (Array.isArray(container) && /^\d+$/.test(name) && Number(name) < container.length) return container[Number(name)];
  if (isMap(container) && Object.hasOwn(container, name)) return container[name];
  throw refused(`missing path ${pointer}`);
}

function read(document: unknown, pointer: string): unknown {
  return segments(pointer).reduce((at, name) => child(at, name, pointer), document);
}

/** What is there, or null. */
function find(document: unknown, pointer: string): unknown {
  try {
    return read(document, pointer) ?? null;
  } catch {
    return null;
  }
}

function parentOf(document: unknown, pointer: string): { parent: unknown; name: string } {
  const names = segments(pointer);
  const name = names.pop() ?? '';
  return { parent: names.reduce((at, step) => child(at, step, pointer), document), name };
}

function write(document: unknown, pointer: string, value: unknown, how: 'add' | 'replace'): unknown {
  if (pointer === '') return value;
  const { parent, name } = parentOf(document, pointer);
  if (Array.isArray(parent)) {
    const index = name === '-' ? parent.length : Number(name);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw refused(`invalid index in ${pointer}`);
    parent.splice(index, how === 'replace' ? 1 : 0, value);
  } else if (isMap(parent)) {
    parent[name] = value;
  } else {
    throw refused(`missing path ${pointer}`);
  }
  return document;
}

function remove(document: unknown, pointer: string): unknown {
  const { parent, name } = parentOf(document, pointer);
  if (Array.isArray(parent)) parent.splice(Number(name), 1);
  else if (isMap(parent)) delete parent[name];
  return document;
}
