import { describe, expect, test } from '@jest/globals';
import { type FieldType, wrongFields } from './fields.ts';

describe('a field', () => {
  test.each<[FieldType, unknown, boolean]>([
    ['time', '2026-01-01T00:00:00', true],
    ['time', '2026-01-01 00:00:00.123456', true],
    ['time', '2026-01-01T00:00:00Z', false],
    ['time', '2026-01-01T00:00:00.1234567', false],
    ['time', null, false],
    ['time?', null, true],
    ['bytes', '62Gi', true],
    ['bytes', '1Pi', false],
    ['plainNumber', '3920m', false],
    ['plainNumber', '3.92', true],
    ['numberText', 4, false],
    ['texts', ['a', 1], false],
    ['object', [], false],
  ])('as %s may be %j: %j', (type, value, may) => {
    expect(wrongFields({ a: { b: value } }, { 'a.b': type })).toHaveLength(may ? 0 : 1);
  });

  test('that is missing, also in one entry of a list, is told by its path', () => {
    const answer = { items: [{ name: 'a', tasks: [{ id: 1 }] }, { tasks: [] }] };
    expect(wrongFields(answer, { 'items[].name': 'text', 'items[].tasks[].id': 'number', more: 'list' })).toEqual([
      'items[].name: undefined is no text',
      'more: undefined is no list',
    ]);
    expect(wrongFields({ items: [] }, { 'items[].name': 'text' })).toEqual(['items[].name: there is none to look at']);
    expect(wrongFields(null, { name: 'text' })).toEqual(['name: undefined is no text']);
    expect(wrongFields([{ a: 1 }], { '[].a': 'number' })).toEqual([]);
  });
});
