import { expect, test } from '@jest/globals';
import { permissions } from './permissions.ts';

test('no permission has a wildcard, and each says what it is for', () => {
  for (const { apiGroups, resources, verbs, why } of permissions) {
    expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
    expect(why.length).toBeGreaterThan(20);
  }
});

test('nothing is granted on Secrets and pods', () => {
  expect(permissions.flatMap(({ resources }) => resources).filter((name) => /secret|pod/.test(name))).toEqual([]);
});
