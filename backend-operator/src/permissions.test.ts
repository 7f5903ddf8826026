import { describe, expect, test } from '@jest/globals';
import { clusterPermissions, hubPermissions, logPermissions } from './permissions.ts';

const all = [...hubPermissions, ...clusterPermissions, ...logPermissions];

describe('permissions', () => {
  test('are exact: no wildcard, each with its reason, none twice', () => {
    for (const rule of all) {
      expect([...rule.apiGroups, ...rule.resources, ...rule.verbs].join()).not.toContain('*');
      expect(rule.why).not.toBe('');
      expect(rule.verbs).toEqual([...new Set(rule.verbs)].toSorted());
    }
    for (const list of [hubPermissions, clusterPermissions, logPermissions]) {
      const names = list.flatMap(({ apiGroups, resources }) =>
        resources.map((resource) => `${apiGroups.join()}/${resource}`),
      );
      expect(new Set(names).size).toBe(names.length);
    }
  });

  test('secrets can be created and nothing else, and be read by name where logs are stored; the hub gives no right on pods or secrets', () => {
    const verbs = (list: typeof all, resource: string) =>
      list.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs: own }) => own);
    expect(verbs(clusterPermissions as typeof all, 'secrets')).toEqual(['create']);
    expect(verbs(logPermissions as typeof all, 'secrets')).toEqual(['get']);
    expect(verbs(hubPermissions as typeof all, 'secrets')).toEqual([]);
    expect(verbs(hubPermissions as typeof all, 'pods')).toEqual([]);
    expect(verbs(hubPermissions as typeof all, 'tasks')).not.toContain('update');
  });
});
