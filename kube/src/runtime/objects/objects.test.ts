import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Condition } from '../../client/kinds/meta.ts';
import { resourceType } from '../../client/resource.ts';
import type { KubeObject } from '../../client/types.ts';
import {
  type ConditionInput,
  findCondition,
  isTrue,
  mirrorCondition,
  setCondition,
  setConditions,
  summaryCondition,
  timestamp,
} from './conditions.ts';
import { isCovered, jsonEqual } from './equality.ts';
import { finalizerPatch } from './finalizers.ts';
import {
  adopt,
  AlreadyOwnedError,
  controllerOf,
  controllerRef,
  controllerUid,
  isControlledBy,
  ownerUids,
  release,
} from './owners.ts';

const Thing = resourceType({ group: 'test.dev', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true });
const object = (metadata: object = {}): KubeObject => ({
  apiVersion: 'test.dev/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', uid: 'u1', ...metadata },
});
const input = (status: Condition['status'], change: Partial<ConditionInput> = {}): ConditionInput => ({
  type: 'Ready',
  status,
  reason: 'R',
  message: 'm',
  ...change,
});

describe('conditions', () => {
  test('the transition time changes with the status only', () => {
    const first = setCondition(undefined, input('False'), '2026-01-01T00:00:00Z');
    const again = setCondition(first, input('False', { reason: 'Other', message: 'x' }), '2026-01-01T00:01:00Z');
    expect(again).toEqual([
      { ...input('False', { reason: 'Other', message: 'x' }), lastTransitionTime: '2026-01-01T00:00:00Z' },
    ]);
    const turned = setCondition(again, input('True'), '2026-01-01T00:02:00Z');
    expect(turned[0]?.lastTransitionTime).toBe('2026-01-01T00:02:00Z');
    expect(isTrue(turned, 'Ready')).toBe(true);
  });

  test('law: setting the same again is no change, whatever the time', () => {
    const condition = fc.record({
      type: fc.constantFrom('A', 'B', 'C'),
      status: fc.constantFrom('True' as const, 'False' as const, 'Unknown' as const),
      reason: fc.constantFrom('X', 'Y'),
      message: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(condition), condition, (before, next) => {
        const start = before.reduce<Condition[]>((all, each) => setCondition(all, each, '2026-01-01T00:00:00Z'), []);
        const once = setCondition(start, next, '2026-01-02T00:00:00Z');
        expect(setCondition(once, next, '2026-01-03T00:00:00Z')).toEqual(once);
        // One of each type, and the others as they were.
        expect(new Set(once.map(({ type }) => type)).size).toBe(once.length);
        expect(once.filter(({ type }) => type !== next.type)).toEqual(start.filter(({ type }) => type !== next.type));
      }),
    );
  });

  test('setting all leaves no others and keeps times', () => {
    const before = [
      { ...input('True'), lastTransitionTime: '2026-01-01T00:00:00Z' },
      { ...input('True', { type: 'Old' }), lastTransitionTime: '2026-01-01T00:00:00Z' },
    ];
    expect(setConditions(before, [input('True'), input('False', { type: 'New' })], '2026-01-02T00:00:00Z')).toEqual([
      { ...input('True'), lastTransitionTime: '2026-01-01T00:00:00Z' },
      { ...input('False', { type: 'New' }), lastTransitionTime: '2026-01-02T00:00:00Z' },
    ]);
  });

  test('messages are cut to what the API takes', () => {
    const [condition] = setCondition([], input('True', { message: 'x'.repeat(40_000) }), 'now');
    expect(condition?.message).toHaveLength(32_768);
  });

  test.each<[string, [string, Condition['status']][], string, string]>([
    [
      'all good',
      [
        ['A', 'True'],
        ['Bad', 'False'],
      ],
      'True',
      '',
    ],
    [
      'one bad',
      [
        ['A', 'False'],
        ['Bad', 'False'],
      ],
      'False',
      'A: m',
    ],
    [
      'a bad one of negative polarity',
      [
        ['A', 'True'],
        ['Bad', 'True'],
      ],
      'False',
      'Bad: m',
    ],
    ['one missing', [['A', 'True']], 'Unknown', 'Bad: not yet reported'],
    [
      'bad outweighs unknown',
      [
        ['A', 'False'],
        ['Bad', 'Unknown'],
      ],
      'False',
      'A: m',
    ],
  ])('summary: %s', (_, given, status, message) => {
    const conditions = given.map(([type, s]) => ({ ...input(s, { type }), lastTransitionTime: 't' }));
    const parts = [{ type: 'A' }, { type: 'Bad', negative: true }];
    for (const order of [conditions, conditions.toReversed()]) {
      expect(summaryCondition('Ready', order, parts, 3)).toMatchObject({
        type: 'Ready',
        status,
        message,
        observedGeneration: 3,
      });
    }
  });

  test('a mirrored condition takes status, reason and message', () => {
    const source = [{ ...input('False', { type: 'Their' }), lastTransitionTime: 't' }];
    expect(mirrorCondition('Ours', source, 'Their', 2)).toEqual(
      input('False', { type: 'Ours', observedGeneration: 2 }),
    );
    expect(mirrorCondition('Ours', undefined, 'Their')).toMatchObject({ status: 'Unknown', reason: 'NotYetReported' });
    expect(findCondition(source, 'Ours')).toBeUndefined();
  });

  test('timestamps are whole seconds', () => {
    expect(timestamp(new Date('2026-01-01T00:00:00.999Z'))).toBe('2026-01-01T00:00:00Z');
  });
});

describe('owners', () => {
  const owner = object();
  const child = object({ name: 'c', uid: 'u2' });

  test('adopting makes a controller, once', () => {
    const adopted = adopt(child, owner, Thing);
    expect(adopted.metadata.ownerReferences).toEqual([controllerRef(owner, Thing)]);
    expect(adopt(adopted, owner, Thing)).toBe(adopted);
    expect(isControlledBy(adopted, owner)).toBe(true);
    expect(ownerUids(adopted)).toEqual(['u1']);
    expect(controllerUid(adopted)).toEqual(['u1']);
    expect(child.metadata.ownerReferences).toBeUndefined();
  });

  test('what another one controls is not taken from it', () => {
    const adopted = adopt(child, owner, Thing);
    const rival = object({ uid: 'u9', name: 'rival' });
    expect(() => adopt(adopted, rival, Thing)).toThrow(AlreadyOwnedError);
  });

  test('releasing takes only that owner off', () => {
    const other = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: 'u5' };
    const adopted = adopt(object({ ownerReferences: [other] }), object({ uid: 'u7' }), Thing);
    const released = release(adopted, 'u7');
    expect(released.metadata.ownerReferences).toEqual([other]);
    expect(controllerOf(released)).toBeUndefined();
    expect('ownerReferences' in release(released, 'u5').metadata).toBe(false);
    expect(release(released, 'nobody')).toBe(released);
  });

  test('an owner without UID is refused', () => {
    const { uid: _, ...metadata } = owner.metadata;
    expect(() => controllerRef({ ...owner, metadata }, Thing)).toThrow('an owner needs a UID');
  });
});

describe('finalizers', () => {
  test.each<[string, string[] | undefined, { add?: string[]; remove?: string[] }, unknown]>([
    ['the first', undefined, { add: ['f'] }, [{ test: null }, { add: ['f'] }]],
    ['one more', ['e'], { add: ['f'] }, [{ test: ['e'] }, { add: ['e', 'f'] }]],
    ['one that is there', ['e', 'f'], { add: ['f'] }, undefined],
    ['one less', ['e', 'f', 'g'], { remove: ['f'] }, [{ test: ['e', 'f', 'g'] }, { add: ['e', 'g'] }]],
    ['the last', ['f'], { remove: ['f'] }, [{ test: ['f'] }, { remove: undefined }]],
    ['one that is not there', ['e'], { remove: ['f'] }, undefined],
  ])('%s', (_, finalizers, change, want) => {
    const patch = finalizerPatch(object(finalizers && { finalizers }), change);
    expect(patch?.slice(0, 1)).toEqual(patch && [{ op: 'test', path: '/metadata/uid', value: 'u1' }]);
    const rest = patch?.slice(1).map((op) => ({ [op.op]: 'value' in op ? op.value : undefined }));
    expect(rest).toEqual(want);
  });

  test('a deleting object gets none', () => {
    expect(finalizerPatch(object({ deletionTimestamp: 't' }), { add: ['f'] })).toBeUndefined();
  });
});

describe('equality', () => {
  const json = fc.jsonValue({ maxDepth: 3 });

  test('law: what went through JSON is equal to what it was', () => {
    fc.assert(fc.property(json, (value) => expect(jsonEqual(value, JSON.parse(JSON.stringify(value)))).toBe(true)));
  });

  test('law: equal exactly when the sorted JSON is', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(sorted)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .toSorted(([a], [b]) => (a < b ? -1 : 1))
                .map(([k, v]) => [k, sorted(v)]),
            )
          : value;
    const text = (value: unknown): string => JSON.stringify(sorted(JSON.parse(JSON.stringify(value))));
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [left, right] = [JSON.parse(JSON.stringify(a)), JSON.parse(JSON.stringify(b))] as unknown[];
        expect(jsonEqual(left, right)).toBe(text(a) === text(b));
      }),
    );
  });

  test('law: everything covers itself, and equal implies covered', () => {
    fc.assert(fc.property(json, (value) => expect(isCovered(value, structuredClone(value))).toBe(true)));
  });

  test('covered may say more, never less or other', () => {
    const wanted = { a: 1, list: [{ name: 'x' }], gone: undefined };
    expect(isCovered(wanted, { a: 1, list: [{ name: 'x', defaulted: true }], b: 2 })).toBe(true);
    expect(isCovered(wanted, { a: 2, list: [{ name: 'x' }] })).toBe(false);
    expect(isCovered(wanted, { a: 1, list: [{ name: 'x' }, { name: 'y' }] })).toBe(false);
    expect(isCovered(wanted, { a: 1 })).toBe(false);
  });

  test('undefined is no key', () => {
    expect(jsonEqual({ a: undefined }, {})).toBe(true);
    expect(jsonEqual({ a: undefined, b: 1 }, { b: 1, c: undefined })).toBe(true);
    expect(jsonEqual({ a: null }, {})).toBe(false);
    expect(jsonEqual([], {})).toBe(false);
  });
});
