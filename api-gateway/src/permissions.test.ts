import { expect, test } from '@jest/globals';
import { permissions } from './permissions.ts';

test('no permission has a wildcard, and each says what it is for', () => {
  for (const { apiGroups, resources, verbs, why } of permissions) {
    expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
    expect(why.length).toBeGreaterThan(20);
  }
});

test('nothing is changed under its own name but what only it can say about callers', () => {
  const reads = new Set(['get', 'list', 'watch', 'impersonate', 'keep']);
  const own = ['users', 'users/status', 'accesstokens', 'accesstokens/status'];
  const reviews = new Set(['tokenreviews', 'subjectaccessreviews', 'events', ...own]);
  for (const { resources, verbs } of permissions) {
    // What credentials hold goes in and never comes out.
    if (resources.includes('secrets')) {
      expect(verbs).toEqual(['create', 'update', 'delete']);
      continue;
    }
    if (!resources.every((resource) => reviews.has(resource))) {
      expect(verbs.filter((verb) => !reads.has(verb))).toEqual([]);
    }
  }
});
