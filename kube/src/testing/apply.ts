import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ManagedFieldsEntry } from '../client/types.ts';
import { applyConflict } from './api-error.ts';
import {
  displayPath,
  type FieldPath,
  fieldsOf,
  fromFieldsV1,
  isMap,
  itemMark,
  itemStep,
  overlaps,
  type Rules,
  toFieldsV1,
  within,
  withoutField,
} from './field-sets.ts';

/** Who writes, how, and to which part of the object. */
export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  subresource?: string | undefined;
  time: string;
}

type Managers = Map<string, { entry: ManagedFieldsEntry; paths: Set<FieldPath> }>;

const managerKey = (m: {
  manager: string;
  operation: string;
  apiVersion: string;
  subresource?: string | undefined;
}): string => JSON.stringify([m.manager, m.operation, m.apiVersion, m.subresource ?? '']);

function managersOf(object: KubeObject | undefined): Managers {
  const entries = object?.metadata.managedFields ?? [];
  return new Map(entries.map((entry) => [managerKey(entry), { entry, paths: fromFieldsV1(entry.fieldsV1 ?? {}) }]));
}

function managedFields(managers: Managers): ManagedFieldsEntry[] {
  return [...managers.values()]
    .filter(({ paths }) => paths.size > 0)
    .map(({ entry, paths }) => ({ ...entry, fieldsType: 'FieldsV1', fieldsV1: toFieldsV1(paths) }));
}

function entryOf({ manager, operation, apiVersion, subresource, time }: Writer): ManagedFieldsEntry {
  return { manager, operation, apiVersion, time, ...(subresource && { subresource }) };
}

/** An object without what no manager owns: identity and what the server keeps. */
function ownable(object: KubeObject): object {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { labels, annotations, finalizers, ownerReferences } = metadata;
  const owned = {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    ...(finalizers && { finalizers }),
    ...(ownerReferences && { ownerReferences }),
  };
  return { ...rest, ...(Object.keys(owned).length > 0 && { metadata: owned }) };
}

/**
 * Server-side apply: the merged object with its new managedFields.
 *
 * Maps merge by key, lists by their rule; what the manager applied before and no longer says goes, unless another manager
 * owns it too. Where the value of a field that another manager owns would change: 409, or with `force` the field is taken.
 *
 * @throws ApiError 409 naming each field and its manager.
 */
export function applyPatch(
  current: KubeObject | undefined,
  applied: KubeObject,
  writer: Writer,
  options: { force: boolean; rules: Rules },
): KubeObject {
  const { rules, force } = options;
  const managers = managersOf(current);
  const me = managerKey(writer);
  const wanted = fieldsOf(ownable(applied), rules);
  const existing = current ? fieldsOf(ownable(current), rules) : new Map<FieldPath, unknown>();
  const conflicts: { manager: string; path: FieldPath; key: string }[] = [];
  for (const [key, { entry, paths }] of managers) {
    if (key === me) continue;
    for (const path of paths) {
      const clash = [...wanted].some(
        ([want, value]) => within(path, want) && value !== itemMark && !isDeepStrictEqual(existing.get(want), value),
      );
      if (clash && existing.get(path) !== itemMark) conflicts.push({ manager: entry.manager, path, key });
    }
  }
  if (conflicts.length > 0 && !force) {
    throw applyConflict(
      conflicts.map(({ manager, path }) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${manager}"`,
        field: displayPath(path),
      })),
    );
  }
  for (const { key, path } of conflicts) managers.get(key)?.paths.delete(path);
  const merged = current ? (mergeValue(ownable(current), ownable(applied), rules, '') as object) : ownable(applied);
  const others = [...managers].filter(([key]) => key !== me).flatMap(([, { paths }]) => [...paths]);
  let result: unknown = merged;
  for (const path of managers.get(me)?.paths ?? []) {
    const said = [...wanted].some(([want, value]) => within(want, path) || (value !== itemMark && within(path, want)));
    if (!said && !others.some((other) => within(other, path))) result = withoutField(result, path, rules) ?? {};
  }
  managers.set(me, { entry: entryOf(writer), paths: new Set(wanted.keys()) });
  return assemble(current ?? applied, result as object, managedFields(managers));
}

/** Puts ownable content back under identity and the server's metadata. */
function assemble(base: KubeObject, content: object, fields: ManagedFieldsEntry[]): KubeObject {
  const { metadata: owned, ...rest } = content as { metadata?: object };
  const { labels: _, annotations: __, finalizers: ___, ownerReferences: ____, ...identity } = base.metadata;
  return {
    apiVersion: base.apiVersion,
    kind: base.kind,
    metadata: { ...identity, ...owned, ...(fields.length > 0 && { managedFields: fields }) },
    ...rest,
  };
}

function mergeValue(current: unknown, applied: unknown, rules: Rules, path: string): unknown {
  if (isMap(current) && isMap(applied) && !rules.isAtomicMap(path)) {
    const merged: Record<string, unknown> = { ...current };
    for (const [name, value] of Object.entries(applied)) {
      merged[name] = mergeValue(current[name], value, rules, path === '' ? name : `${path}.${name}`);
    }
    return merged;
  }
  const rule = Array.isArray(applied) ? rules.list(path) : 'atomic';
  if (rule === 'atomic' || !Array.isArray(current) || !Array.isArray(applied)) return applied;
  const items = new Map(current.map((item: unknown) => [itemStep(rule, item), item]));
  for (const item of applied as unknown[]) {
    const step = itemStep(rule, item);
    items.set(step, items.has(step) && rule !== 'set' ? mergeValue(items.get(step), item, rules, `${path}[]`) : item);
  }
  return [...items.values()];
}

/** managedFields after a create, replace or patch: what changed is the writer's, what went is nobody's. */
export function afterUpdate(
  current: KubeObject | undefined,
  next: KubeObject,
  writer: Writer,
  rules: Rules,
): ManagedFieldsEntry[] {
  const before = current ? fieldsOf(ownable(current), rules) : new Map<FieldPath, unknown>();
  const after = fieldsOf(ownable(next), rules);
  const managers = managersOf(current);
  const me = managerKey(writer);
  const changed = [...after].filter(
    ([path, value]) => !before.has(path) || !isDeepStrictEqual(before.get(path), value),
  );
  for (const { paths } of managers.values()) {
    for (const path of paths) {
      const lost = !after.has(path) && ![...after.keys()].some((other) => overlaps(other, path));
      if (lost || changed.some(([other, value]) => value !== itemMark && other === path)) paths.delete(path);
    }
  }
  if (changed.length > 0) {
    const mine = managers.get(me)?.paths ?? new Set<FieldPath>();
    for (const [path] of changed) mine.add(path);
    managers.set(me, { entry: entryOf(writer), paths: mine });
  }
  return managedFields(managers);
}
