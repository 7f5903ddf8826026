import { describe, expect, test } from '@jest/globals';
import { Lease } from './kinds/cluster.ts';
import { Node } from './kinds/core.ts';
import { Pod } from './kinds/pod.ts';
import { apiVersionOf, groupResourceOf, keyOf, metadataOf, pathOf } from './resource.ts';

describe('paths', () => {
  test.each([
    [pathOf(Pod), '/api/v1/pods'],
    [pathOf(Pod, { namespace: 'a' }), '/api/v1/namespaces/a/pods'],
    [pathOf(Pod, { namespace: 'a', name: 'b' }, 'status'), '/api/v1/namespaces/a/pods/b/status'],
    [pathOf(Node, { name: 'n' }), '/api/v1/nodes/n'],
    [pathOf(Lease, { namespace: 'a', name: 'l' }), '/apis/coordination.k8s.io/v1/namespaces/a/leases/l'],
    [pathOf(Pod, { namespace: 'a', name: 'b:c' }), '/api/v1/namespaces/a/pods/b%3Ac'],
  ])('%s', (path, want) => expect(path).toBe(want));

  test.each(['', '.', '..', 'a/b', '../secrets/x', 'a%2fb'])(
    'the name %j could lead elsewhere and is refused',
    (name) => {
      expect(() => pathOf(Pod, { namespace: 'a', name })).toThrow(TypeError);
      expect(() => pathOf(Pod, { namespace: name || '/', name: 'b' })).toThrow(TypeError);
    },
  );

  test('an object of a namespaced kind needs a namespace', () => {
    expect(() => pathOf(Pod, { name: 'b' })).toThrow('Pod b: a namespace is required');
  });
});

test('names of kinds', () => {
  expect(apiVersionOf(Pod)).toBe('v1');
  expect(apiVersionOf(Lease)).toBe('coordination.k8s.io/v1');
  expect(groupResourceOf(Pod)).toBe('pods');
  expect(groupResourceOf(metadataOf(Lease))).toBe('leases.coordination.k8s.io');
  expect(keyOf({ name: 'a' })).toBe('a');
  expect(keyOf({ namespace: 'n', name: 'a' })).toBe('n/a');
});
