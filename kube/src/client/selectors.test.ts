import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  formatSelector,
  labelsSelector,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  type Requirement,
  requirementsOf,
  SelectorError,
} from './selectors.ts';

const labels = { app: 'web', tier: 'front', 'x.io/n': '5', empty: '' };

describe('label selectors', () => {
  test.each<[string, boolean]>([
    ['', true],
    ['app=web', true],
    ['app==web', true],
    [' app = web , tier=front ', true],
    ['app=db', false],
    ['app!=db', true],
    ['app!=web', false],
    ['missing!=x', true],
    ['app in (web,db)', true],
    ['app in (db)', false],
    ['app notin (db, cache)', true],
    ['missing notin (a)', true],
    ['app', true],
    ['!app', false],
    ['!missing', true],
    ['empty=', true],
    ['empty', true],
    ['missing=', false],
    ['x.io/n>4', true],
    ['x.io/n<5', false],
    ['app>1', false],
    ['app in (web),tier notin (back),x.io/n', true],
    ['toString', false],
  ])('%j matches: %s', (text, want) => {
    expect(matchesLabels(parseLabelSelector(text), labels)).toBe(want);
  });

  test('an object without labels', () => {
    expect(matchesLabels(parseLabelSelector('!a'), undefined)).toBe(true);
    expect(matchesLabels(parseLabelSelector('a'), undefined)).toBe(false);
  });

  test.each([',', 'a,', 'a b', 'a in b', 'a in (b', 'a>b', '=b', 'a=b=c'])('%j is refused', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(SelectorError);
  });

  test('a metav1.LabelSelector', () => {
    const requirements = requirementsOf({
      matchLabels: { app: 'web' },
      matchExpressions: [
        { key: 'tier', operator: 'In', values: ['front', 'back'] },
        { key: 'gone', operator: 'DoesNotExist' },
      ],
    });
    expect(formatSelector(requirements)).toBe('app=web,tier in (front,back),!gone');
    expect(matchesLabels(requirements, labels)).toBe(true);
  });

  test('labels as a selector', () => expect(labelsSelector({ a: 'b', c: 'd' })).toBe('a=b,c=d'));

  test('law: what is formatted parses back', () => {
    const name = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?$/);
    const requirement = fc.oneof(
      fc.record({ key: name, operator: fc.constantFrom('=' as const, '!=' as const), values: fc.tuple(name) }),
      fc.record({
        key: name,
        operator: fc.constantFrom('in' as const, 'notin' as const),
        values: fc.array(name, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        key: name,
        operator: fc.constantFrom('exists' as const, '!' as const),
        values: fc.constant([] as string[]),
      }),
    );
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), (requirements: Requirement[]) => {
        expect(parseLabelSelector(formatSelector(requirements))).toEqual(requirements);
      }),
    );
  });
});

describe('field selectors', () => {
  const pod = { metadata: { name: 'a' }, spec: { nodeName: 'n1', unschedulable: false } };
  test.each<[string, boolean]>([
    ['', true],
    ['metadata.name=a', true],
    ['metadata.name==a,spec.nodeName!=n2', true],
    ['spec.nodeName=', false],
    ['spec.schedulerName=', true],
    ['spec.unschedulable=false', true],
  ])('%j matches: %s', (text, want) => {
    expect(matchesFields(parseFieldSelector(text), pod)).toBe(want);
  });
  test('anything but equality is refused', () => expect(() => parseFieldSelector('a in (b)')).toThrow(SelectorError));
});
