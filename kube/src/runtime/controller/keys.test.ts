import { describe, expect, test } from '@jest/globals';
import type { Change } from '../../cache/types.ts';
import { resourceType } from '../../client/resource.ts';
import type { KubeObject } from '../../client/types.ts';
import { controllerRef } from '../objects/owners.ts';
import { keyText, parseKey, toLabel, toOwner, toSelf } from './keys.ts';
import {
  and,
  annotationsChanged,
  deletionChanged,
  finalizersChanged,
  generationChanged,
  labelsChanged,
  not,
  or,
  type Predicate,
  resourceVersionChanged,
} from './predicates.ts';

const Parent = resourceType({ group: 'test.dev', version: 'v1', kind: 'Parent', plural: 'parents', namespaced: true });
const Global = resourceType({ group: 'test.dev', version: 'v1', kind: 'Global', plural: 'globals', namespaced: false });
const object = (metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Child',
  metadata: { name: 'c', namespace: 'n', uid: 'u', generation: 1, resourceVersion: '1', ...metadata },
});
const ownedBy = (name: string, type = Parent): KubeObject =>
  object({ ownerReferences: [controllerRef(object({ name, uid: `uid-${name}` }), type)] });

describe('keys', () => {
  test('text and back', () => {
    for (const key of [{ namespace: 'n', name: 'a' }, { name: 'a' }]) expect(parseKey(keyText(key))).toEqual(key);
  });

  test('an object itself, deleted or not', () => {
    expect(toSelf({ new: object() })).toEqual([{ namespace: 'n', name: 'c' }]);
    expect(toSelf({ old: object() })).toEqual([{ namespace: 'n', name: 'c' }]);
  });

  test.each<[string, Change, object[]]>([
    ['its owner', { new: ownedBy('a') }, [{ namespace: 'n', name: 'a' }]],
    [
      'both owners when it moves',
      { old: ownedBy('a'), new: ownedBy('b') },
      [
        { namespace: 'n', name: 'a' },
        { namespace: 'n', name: 'b' },
      ],
    ],
    ['one owner once', { old: ownedBy('a'), new: ownedBy('a') }, [{ namespace: 'n', name: 'a' }]],
    ['nobody without owner', { new: object() }, []],
    ['nobody for an owner of another kind', { new: ownedBy('a', Global) }, []],
  ])('owner: %s', (_, change, want) => {
    expect(toOwner(Parent)(change)).toEqual(want);
  });

  test('an owner of the same kind in another group is another kind', () => {
    const foreign = { ...Parent, group: 'other.dev' };
    expect(toOwner(Parent)({ new: ownedBy('a', foreign) })).toEqual([]);
  });

  test('a cluster-scoped owner has no namespace', () => {
    expect(toOwner(Global)({ new: ownedBy('a', Global) })).toEqual([{ name: 'a' }]);
  });

  test('the value of a label', () => {
    const labelled = object({ labels: { pool: 'p' } });
    expect(toLabel('pool')({ new: labelled })).toEqual([{ namespace: 'n', name: 'p' }]);
    expect(toLabel('pool', { clusterScoped: true })({ new: labelled })).toEqual([{ name: 'p' }]);
    expect(toLabel('pool')({ new: object({ labels: { pool: '' } }) })).toEqual([]);
  });
});

describe('predicates', () => {
  test.each<[string, Predicate, object, boolean]>([
    ['generation', generationChanged, { generation: 2 }, true],
    ['generation, not labels', generationChanged, { labels: { a: 'b' } }, false],
    ['generation, of another incarnation', generationChanged, { uid: 'u2' }, true],
    ['labels', labelsChanged, { labels: { a: 'b' } }, true],
    ['labels, not annotations', labelsChanged, { annotations: { a: 'b' } }, false],
    ['annotations', annotationsChanged, { annotations: { a: 'b' } }, true],
    ['finalizers', finalizersChanged, { finalizers: ['f'] }, true],
    ['deletion', deletionChanged, { deletionTimestamp: 't' }, true],
    ['deletion, not finalizers', deletionChanged, { finalizers: ['f'] }, false],
    ['version', resourceVersionChanged, { resourceVersion: '2' }, true],
    ['version, not a repetition', resourceVersionChanged, {}, false],
    ['either', or(generationChanged, labelsChanged), { labels: { a: 'b' } }, true],
    ['both', and(generationChanged, labelsChanged), { labels: { a: 'b' } }, false],
    ['not', not(labelsChanged), { labels: { a: 'b' } }, false],
  ])('%s', (_, predicate, change, want) => {
    expect(predicate({ old: object(), new: object(change) })).toBe(want);
  });

  test('additions and deletions always matter', () => {
    for (const predicate of [generationChanged, labelsChanged, resourceVersionChanged]) {
      expect(predicate({ new: object() })).toBe(true);
      expect(predicate({ old: object() })).toBe(true);
    }
  });
});
