import fc from 'fast-check';
import type { JsonSchema } from '../../http/operation.ts';

/** Words that mean something to one of the parsers on the way, or to JavaScript. */
const words = [
  ...[
    '',
    ' ',
    '%',
    '%00',
    '%zz',
    '..',
    '../..',
    '/',
    '//',
    '\\',
    '\0',
    '\r\n',
    '\r\nx: y',
    '*',
    '?',
    '#',
    ';',
    '&',
    '=',
    '+',
  ],
  ...[
    '((',
    '))',
    '(a|b',
    '(((((((((((',
    '*'.repeat(300),
    '(a|b)'.repeat(40),
    'a.b.c',
    '.',
    '-',
    '💥',
    '\uD800',
    '\u202E',
    'ſ',
    'İ',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'],
  ...['-1', '-0', '1e9', '1e400', '0x10', '99999999999999999999', 'NaN', 'Infinity', 'True', 'null', 'undefined'],
  ...['[]', '{}', '"', "'", 'a=b', '=b', 'a=', 'A=B=C', '=', 'ASC', 'x'.repeat(3000), 'é'.repeat(1500)],
  ...['2026-01-01', '2026-13-45T99:99:99Z', '0000-00-00', '-271821-04-20', '9999-12-31T23:59:59.999999999Z'],
];
/** Beginnings and pieces of recipes that their reader has to refuse, or to take. */
const recipes = [
  ...[
    '{{',
    '{{ x',
    '{% for',
    '{% raw %}',
    '{# ',
    '- ',
    '? ',
    '&a *a',
    '!!python/object:x {}',
    '<<: *a',
    '%YAML 9',
    '\t',
    '\0',
  ],
  ...[
    'workflow: {}',
    'workflow: []',
    'workflow:\n  name: a\n  tasks: [1]',
    'workflow:\n  name: &a [*a]',
    'version: 3\nworkflow: {}',
  ],
  'workflow:\n  name: a\n  tasks:\n  - name: b\n    image: c\n    command: [d]\n',
  'workflow:\n  name: a\n  tasks:\n  - name: b\n    image: c\n    command: ["{{ (1).__class__.__mro__ }}"]\n',
  "workflow:\n  name: a\n  x: {{ ''.constructor.constructor('return process')().exit() }}\n",
  'workflow:\n  name: a\n  x: "{% for i in range(10000000) %}{% for j in range(10000000) %}{% endfor %}{% endfor %}"\n',
  `workflow:\n  name: a\n  x: ${'['.repeat(5000)}\n`,
  `workflow:\n  name: a\n  x: {{ ${'('.repeat(5000)} }}\n`,
];

/** Any text that somebody may send where one is expected. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom(...recipes),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);

/** Any JSON value that somebody may send where another one is expected. */
const hostileJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  hostileText,
  fc.constantFrom<unknown>(null, true, -1, 1e308, [], {}, [[]], [null], { length: -1 }, { valueOf: 1 }, { toJSON: 1 }),
  fc.constantFrom(20, 300).map((depth) => nested(depth)),
  fc.constantFrom<unknown>(
    ...['{"__proto__": {"x": 1}}', '{"constructor": {"prototype": {"x": 1}}}'].map((text) => JSON.parse(text)),
  ),
  fc.constantFrom(1000, 20_000).map((length) => Array.from({ length }, () => '')),
);

function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

/** Values of which many are what a schema asks for, and the others are anything. */
export function jsonFor(schema: JsonSchema, names: readonly string[]): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 1, arbitrary: hostileJson }, { weight: 4, arbitrary: fittingJson(schema, names) });
}

function fittingJson(schema: JsonSchema, names: readonly string[]): fc.Arbitrary<unknown> {
  const {
    type,
    enum: allowed,
    properties,
    items,
    required = [],
  } = schema as {
    type?: string | readonly string[];
    enum?: readonly unknown[];
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    required?: readonly string[];
  };
  if (allowed !== undefined) return fc.constantFrom(...allowed);
  const [kind = 'any'] = typeof type === 'object' ? type : [type];
  switch (kind) {
    case 'object': {
      const fields = Object.entries(properties ?? {}).map(([name, each]) => [name, jsonFor(each, names)] as const);
      // Now and then one that must be there is not.
      const model = fc.record(Object.fromEntries(fields), { requiredKeys: [...required] });
      return properties === undefined ? fc.dictionary(fc.string({ maxLength: 8 }), hostileJson, { maxKeys: 4 }) : model;
    }
    case 'array':
      return fc.array(jsonFor(items ?? {}, names), { maxLength: 4 });
    case 'string':
      return fc.oneof(hostileText, fc.constantFrom(...names));
    case 'integer':
    case 'number':
      return fc.oneof(fc.integer({ min: -2, max: 50 }), fc.maxSafeInteger(), fc.double());
    case 'boolean':
      return fc.boolean();
    default:
      return hostileJson;
  }
}

/** Texts for a parameter of the query or path, of which many are what its schema asks for. */
export function textsFor(schema: JsonSchema, names: readonly string[]): fc.Arbitrary<string> {
  const {
    type,
    items,
    enum: allowed,
    format,
  } = schema as { type?: string; items?: JsonSchema; enum?: readonly string[]; format?: string };
  if (type === 'array') return textsFor(items ?? {}, names);
  const fitting: fc.Arbitrary<string> =
    allowed !== undefined
      ? fc.constantFrom(...allowed)
      : type === 'integer'
        ? fc.integer({ min: -1, max: 2000 }).map(String)
        : type === 'boolean'
          ? fc.constantFrom('true', 'false', 'True', '0')
          : format === 'date-time'
            ? fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
            : fc.constantFrom(...names);
  return fc.oneof({ weight: 2, arbitrary: hostileText }, { weight: 3, arbitrary: fitting });
}
