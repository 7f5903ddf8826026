import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mergeTemplates } from './pod-template.ts';

describe('merging pod templates', () => {
  test.each<[string, { base: unknown; over: unknown; want: unknown }]>([
    [
      'maps merge deeply, the later wins',
      { base: { a: { x: 1, y: 1 } }, over: { a: { y: 2, z: 2 } }, want: { a: { x: 1, y: 2, z: 2 } } },
    ],
    [
      'items of the same name merge, others come behind',
      {
        base: { containers: [{ name: 'u', env: [{ name: 'A', value: '1' }] }, { name: 'v' }] },
        over: { containers: [{ name: 'w' }, { name: 'u', env: [{ name: 'A', value: '2' }], tty: true }] },
        want: {
          containers: [{ name: 'u', env: [{ name: 'A', value: '2' }], tty: true }, { name: 'v' }, { name: 'w' }],
        },
      },
    ],
    [
      'items without a name are added',
      { base: { t: [{ key: 'a' }] }, over: { t: [{ key: 'a' }, 'x'] }, want: { t: [{ key: 'a' }, { key: 'a' }, 'x'] } },
    ],
    ['null removes a key', { base: { a: 1, b: 2 }, over: { a: null }, want: { b: 2 } }],
    ['anything else is replaced', { base: { a: [1] }, over: { a: { b: 1 } }, want: { a: { b: 1 } } }],
  ])('%s', (_, { base, over, want }) => expect(mergeTemplates(base, over)).toEqual(want));

  test('a key named __proto__ is a key like any other', () => {
    const over = JSON.parse('{"__proto__": {"polluted": true}}') as object;
    expect(Object.keys(mergeTemplates({ a: 1 }, over) as object)).toEqual(['a', '__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('an empty template changes nothing', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (template) => {
        expect(mergeTemplates(template, {})).toEqual(template);
      }),
    );
  });
});
