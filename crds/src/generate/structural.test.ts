import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import * as fields from '../schema/fields.ts';
import { alsoChecked, exactlyOneOptional, withRules } from '../schema/rules.ts';
import { cpu } from '../schema/quantity.ts';
import { structuralSchema } from './structural.ts';

const word = (doc: string) => fields.text(doc, { max: 8 });
const spec = (shape: z.ZodRawShape) => fields.object('spec of a test.', shape);

describe('what a CRD can say is said', () => {
  const cases: [string, z.ZodType, object][] = [
    [
      'a bounded string',
      fields.text('a b.', { min: 1, max: 8, pattern: /^x\/$/ }),
      { type: 'string', minLength: 1, maxLength: 8, pattern: '^x\\/$' },
    ],
    ['a default', word('a b.').default('x'), { type: 'string', maxLength: 8, default: 'x' }],
    [
      'an integer of 32 bits',
      fields.integer('a b.', { min: 0, max: 9 }),
      { type: 'integer', format: 'int32', minimum: 0, maximum: 9 },
    ],
    [
      'an integer of 64 bits',
      fields.integer('a b.', { min: 0, max: 2 ** 40 }),
      { type: 'integer', format: 'int64', minimum: 0, maximum: 2 ** 40 },
    ],
    ['words', fields.oneOf('a b.', ['A', 'B']), { type: 'string', enum: ['A', 'B'] }],
    ['a time', fields.time('a b.'), { type: 'string', format: 'date-time' }],
    [
      'an atomic list',
      fields.list('a b.', word('Word.'), { max: 3 }),
      {
        type: 'array',
        maxItems: 3,
        'x-kubernetes-list-type': 'atomic',
        items: { type: 'string', maxLength: 8, description: 'Word.' },
      },
    ],
    [
      'a set',
      fields.set('a b.', word('Word.'), { max: 3 }),
      {
        type: 'array',
        maxItems: 3,
        'x-kubernetes-list-type': 'set',
        items: { type: 'string', maxLength: 8, description: 'Word.' },
      },
    ],
    [
      'a keyed list',
      fields.keyedList('a b.', 'k', fields.object('Item.', { k: word('k of it.') }), { max: 3 }),
      {
        ...{ type: 'array', maxItems: 3, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
        items: {
          type: 'object',
          description: 'Item.',
          required: ['k'],
          properties: { k: { type: 'string', description: 'k of it.', maxLength: 8 } },
        },
      },
    ],
    [
      'a map',
      fields.stringMap('a b.', word('Value.'), { max: 3 }),
      {
        type: 'object',
        maxProperties: 3,
        additionalProperties: { type: 'string', maxLength: 8, description: 'Value.' },
      },
    ],
    [
      'anything',
      fields.freeForm('a b.'),
      { type: 'object', maxProperties: 64, 'x-kubernetes-preserve-unknown-fields': true },
    ],
    [
      'a quantity',
      cpu('a b.'),
      {
        ...{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        ...{ minimum: 0, maximum: 99999, maxLength: 32, pattern: '^([0-9]{1,5}(\\.[0-9]{1,3})?|[0-9]{1,8}m)$' },
      },
    ],
    [
      'one of several fields',
      exactlyOneOptional(fields.object('a b.', { x: word('x of it.').optional(), y: word('y of it.').optional() })),
      {
        ...{ type: 'object', minProperties: 1, maxProperties: 1 },
        properties: {
          x: { type: 'string', maxLength: 8, description: 'x of it.' },
          y: { type: 'string', maxLength: 8, description: 'y of it.' },
        },
      },
    ],
    [
      'a rule',
      withRules(word('a b.'), [{ rule: "self != 'x'", message: 'must not be x', holds: (value) => value !== 'x' }]),
      { type: 'string', maxLength: 8, 'x-kubernetes-validations': [{ rule: "self != 'x'", message: 'must not be x' }] },
    ],
  ];
  test.each(cases)('%s', (_, schema, want) => {
    expect(structuralSchema(spec({ a: schema }), 'spec').properties?.['a']).toEqual({ description: 'a b.', ...want });
  });

  test('what must be given is required, what has a default or is optional is not', () => {
    const schema = spec({ a: word('a b.'), b: word('b c.').default('x'), c: word('c d.').optional() });
    expect(structuralSchema(schema, 'spec').required).toEqual(['a']);
  });
});

describe('what a CRD can not say is refused with its path', () => {
  const doc = { description: 'a b.' };
  const cases: [string, z.ZodType, RegExp][] = [
    ['a string without a bound', z.string().meta(doc), /^spec\.a: has no maxLength$/],
    ['a number that may be a fraction', z.number().min(0).max(1).meta(doc), /^spec\.a: type 'number'/],
    [
      'a list without a bound',
      z.array(word('Word.')).meta({ ...doc, 'x-kubernetes-list-type': 'atomic' }),
      /^spec\.a: has no maxItems$/,
    ],
    [
      'a list that says not how it is merged',
      z.array(word('Word.')).max(3).meta(doc),
      /^spec\.a: has no x-kubernetes-list-type$/,
    ],
    [
      'an item without a bound',
      fields.list('a b.', z.string().meta({ description: 'Word.' }), { max: 3 }),
      /^spec\.a\[\]: has no maxLength$/,
    ],
    ['a map without a bound', z.record(z.string(), word('Value.')).meta(doc), /^spec\.a: has no maxProperties$/],
    [
      'a map with limits on its keys',
      z.record(z.string().max(3), word('Value.')).meta({ ...doc, maxProperties: 3 }),
      /^spec\.a: limits on the keys/,
    ],
    ['a union of types', z.union([word('a b.'), fields.flag('a b.')]).meta(doc), /^spec\.a: a union/],
    [
      'a union as int-or-string that is none',
      z.union([word('a b.'), fields.flag('a b.')]).meta({ ...doc, 'x-kubernetes-int-or-string': true }),
      /^spec\.a: int-or-string must be/,
    ],
    [
      'a description in a branch of int-or-string',
      z
        .union([fields.integer('a b.', { min: 0, max: 1 }), word('a b.')])
        .meta({ ...doc, 'x-kubernetes-int-or-string': true }),
      /^spec\.a: 'description, format, description'|^spec\.a: 'description'/,
    ],
    [
      'a discriminated union',
      z
        .discriminatedUnion('t', [z.strictObject({ t: z.literal('x') }), z.strictObject({ t: z.literal('y') })])
        .meta(doc),
      /^spec\.a/,
    ],
    [
      'an intersection',
      z.intersection(spec({ x: word('x of it.') }), spec({ y: word('y of it.') })).meta(doc),
      /^spec\.a: zod type 'intersection'/,
    ],
    ['a literal', z.literal('x').meta(doc), /^spec\.a: zod type 'literal'/],
    ['null', word('a b.').nullable(), /^spec\.a: zod type 'nullable'/],
    ['a date', z.date().meta(doc), /^spec\.a: zod type 'date'/],
    ['a big integer', z.bigint().meta(doc), /^spec\.a: zod type 'bigint'/],
    ['a transformation', word('a b.').transform(Number), /^spec\.a/],
    ['coercion', z.coerce.string().max(3).meta(doc), /^spec\.a: coercion/],
    ['a change of the value', z.string().trim().max(3).meta(doc), /^spec\.a: zod check 'overwrite'/],
    ['a refinement', word('a b.').refine((value) => value !== 'x'), /^spec\.a: a check of one's own/],
    [
      'a check whose keyword got lost',
      alsoChecked(word('a b.'), ['pattern', undefined], () => {}),
      /^spec\.a: a check that stands for pattern/,
    ],
    ['a multiple', z.int().min(0).max(10).multipleOf(2).meta(doc), /^spec\.a: zod check 'multiple_of'/],
    ['flags of a pattern', fields.text('a b.', { max: 3, pattern: /x/i }), /^spec\.a: flags 'i'/],
    ['look-ahead', fields.text('a b.', { max: 3, pattern: /^(?!x)/ }), /^spec\.a: look-around/],
    ['look-behind', fields.text('a b.', { max: 3, pattern: /(?<!x)y/ }), /^spec\.a: look-around/],
    [
      'a back-reference',
      fields.text('a b.', { max: 3, pattern: /^(x)\1$/ }),
      /^spec\.a: look-around or back-reference/,
    ],
    ['two patterns', fields.text('a b.', { max: 3, pattern: /x/ }).regex(/y/), /^spec\.a: keyword 'allOf'/],
    ['an open object', z.object({ x: word('x of it.') }).meta(doc), /^spec\.a: an open object/],
    ['an object without fields', z.strictObject({}).meta(doc), /^spec\.a/],
    ['anything at all', z.unknown().meta(doc), /^spec\.a: type 'any'/],
    ['a tuple', z.tuple([word('x')]).meta(doc), /^spec\.a: zod type 'tuple'/],
    ['a field without a doc', z.string().max(3), /^spec\.a: has no description$/],
    ['a doc that starts with another word', word('The field a.'), /^spec\.a: its description must start with 'a '/],
    ['an item without a doc', fields.list('a b.', z.string().max(3), { max: 3 }), /^spec\.a\[\]: has no description$/],
    ['an unknown keyword', word('a b.').meta({ ...doc, example: 'x' }), /^spec\.a: keyword 'example'/],
    [
      'a rule about the former value',
      withRules(word('a b.'), [{ rule: 'self == oldSelf', message: 'no', holds: () => true }]),
      /^spec\.a: the transition rule/,
    ],
    [
      'a message of two lines',
      withRules(word('a b.'), [{ rule: 'true', message: 'a\nb', holds: () => true }]),
      /^spec\.a: message of the rule true/,
    ],
  ];
  test.each(cases)('%s', (_, schema, want) => {
    expect(() => structuralSchema(spec({ a: schema }), 'spec')).toThrow(want);
  });

  test('a schema that contains itself', () => {
    const tree: z.ZodType = z.strictObject({
      get child() {
        return tree.optional();
      },
    });
    expect(() => structuralSchema(tree, 'spec')).toThrow(/[Cc]ycle/);
  });
});
