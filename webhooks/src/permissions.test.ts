import { expect, test } from '@jest/globals';
import { certificatePermissions, permissions } from './permissions.ts';

const all = [...permissions, ...certificatePermissions];

test('no permission has a wildcard, and each says what it is for', () => {
  for (const { apiGroups, resources, verbs, why } of all) {
    expect([...apiGroups, ...resources, ...verbs]).not.toContain('*');
    expect(why.length).toBeGreaterThan(20);
  }
});

test('nothing is created but questions and what users have of quotas, nothing deleted, and what else is changed is named', () => {
  const reads = new Set(['get', 'list', 'watch']);
  for (const { verbs, resources, resourceNames = [] } of all) {
    if (['subjectaccessreviews', 'quotausages', 'quotausages/status'].includes(resources.join())) continue;
    expect(verbs).not.toContain('create');
    expect(verbs).not.toContain('delete');
    if (verbs.some((verb) => !reads.has(verb))) expect(resourceNames.length).toBeGreaterThan(0);
  }
});

test('no Secret is seen but the own one', () => {
  const secrets = all.filter(({ resources }) => resources.includes('secrets'));
  expect(secrets.map(({ resourceNames, namespaced }) => [resourceNames, namespaced])).toEqual([
    [['osmo-webhooks-tls'], true],
  ]);
});
