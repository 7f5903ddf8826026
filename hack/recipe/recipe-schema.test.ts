import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { readRecipe, renderRecipe } from '../../workflow-spec/src/index.ts';
import type { ValueType } from '../../workflow-spec/src/recipe/keys/key.ts';
import { recipeSections } from '../../workflow-spec/src/recipe/keys/sections.ts';
import { wholeRecipe } from '../../workflow-spec/src/testing/recipes.ts';
import { recipeReference } from './reference.ts';
import { recipeSchema } from './schema.ts';
import { changed, flat, grouped, type Json, places, task } from './testing/whole-recipes.ts';

const root = join(import.meta.dirname, '../..');
const validate = new Ajv2020({ strictTypes: false }).compile(recipeSchema(recipeSections));

/** Whether the JSON Schema takes a document. */
const schemaTakes = (document: Json): boolean => validate(document);

/** Whether the reader takes it: JSON is YAML, with each section at the start of a line. */
function readerTakes(document: Json): boolean {
  const sections = Object.entries(document as Record<string, Json>);
  const text = sections.map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`).join('');
  return !('problems' in readRecipe({ text, localFiles: { 'a.txt': 'a' } }));
}

const sections = Object.entries(recipeSections);
const everyKey = sections.flatMap(([name, section]) =>
  Object.entries(section.keys).map(([key, about]) => ({ name, key, about, oneOf: section.oneOf ?? [] })),
);

describe('the table of keys, the reader and the schema agree', () => {
  test('on recipes with every key', () => {
    for (const recipe of [flat, grouped]) {
      expect(schemaTakes(recipe)).toBe(true);
      expect(readerTakes(recipe)).toBe(true);
    }
    expect(Object.keys(places)).toEqual(Object.keys(recipeSections));
  });

  test.each(sections.map(([name]) => name))('on a key that %s does not have', (name) => {
    const recipe = changed(name, (section) => {
      section['noSuchKey'] = 'x';
    });
    expect([schemaTakes(recipe), readerTakes(recipe)]).toEqual([false, false]);
  });

  test.each(everyKey)('on $name without $key', ({ name, key, about, oneOf }) => {
    const recipe = changed(name, (section) => {
      delete section[key];
    });
    const takes = readerTakes(recipe);
    expect(schemaTakes(recipe)).toBe(takes);
    if (!oneOf.includes(key)) expect(takes).toBe(about.required !== true);
  });

  test.each(everyKey)('on $name with $key that has no value', ({ name, key, about, oneOf }) => {
    const recipe = changed(name, (section) => {
      section[key] = null;
    });
    const takes = readerTakes(recipe);
    expect(schemaTakes(recipe)).toBe(takes);
    if (!oneOf.includes(key)) expect(takes).toBe(about.nullable === true);
  });

  test.each(everyKey.filter(({ about }) => about.type !== 'anything'))(
    'on $name with a list of lists as $key',
    ({ name, key }) => {
      const recipe = changed(name, (section) => {
        section[key] = [[['x']]];
      });
      expect([schemaTakes(recipe), readerTakes(recipe)]).toEqual([false, false]);
    },
  );
});

const values: readonly [section: string, key: string, taken: readonly Json[], refused: readonly Json[]][] = [
  ['recipe', 'version', [2, '2'], [1, true]],
  ['workflow', 'name', ['A_b-1'], ['1a', 'a-', 'a b', 'x'.repeat(65), 7]],
  ['workflow', 'labels', [{}, { a: '1' }], [{ a: 1 }, 'x']],
  ['workflow', 'resources', [{ default: null }], [{ default: 7 }, []]],
  ['workflow', 'tasks', [[task()]], [[], 'x', {}, [null]]],
  ['workflow', 'pool', ['p', '', 7], [true, ['p']]],
  ['timeout', 'exec_timeout', ['30m', '1d', 'PT1H30M', 'P2D', 90, 0.5, '90'], ['10h5m', 'x', '', -1, 0, true]],
  ['resource', 'cpu', [0, 8, 8.0, '8'], [0.5, -1, '0.5', 'x', true]],
  ['resource', 'memory', ['8G', '8Gi', '8GiB', '8B', '1.5Gi', 1024, '1024'], ['100m', '8 Gi', '', -1, true]],
  ['resource', 'nodesExcluded', [[]], [['a', true], 'a']],
  ['topology', 'requirementType', ['required'], ['Required', 'x', '']],
  ['group', 'barrier', [true, 'yes', 'OFF', 1, 0, 'n'], ['maybe', 2, '']],
  ['group', 'tasks', [[task()]], [[], null]],
  ['task', 'command', [['a', 1, 1.5]], [[], 'sh', [true], [null]]],
  ['task', 'environment', [{}, { A: 1, B: 'x', C: false }], [{ A: null }, { A: [] }, { A: {} }, []]],
  ['task', 'credentials', [{ c: '/d' }, { c: { A: 'k' } }], [{ c: {} }, { c: null }, { c: { A: true } }, ['c']]],
  ['task', 'volumeMounts', [['/a'], ['/a:/b'], []], [['/a:/b:/c'], ['/a:'], [true], '/a']],
  ['task', 'exitActions', [{ Fail: 1, reSchedule: '2-4' }, {}], [{ RESTART: 1 }, { FAIL: true }, ['FAIL']]],
  ['task', 'downloadType', ['download'], ['mount', 'Download', '']],
  ['task', 'cacheSize', ['10Gi', '90%', '100%', 1024], ['101%', 'x', '', true]],
  [
    'task',
    'inputs',
    [[], [{ url: 's3://bucket/c' }]],
    [[{}], [{ task: 'b', url: 's3://b' }], [{ regex: 'x' }], [null]],
  ],
  ['task', 'outputs', [[], [{ url: 's3://bucket/c' }]], [[{}], [{ task: 'b' }], 'x']],
  [
    'task',
    'files',
    [[{ path: '/a', contents: 1 }]],
    [[{ path: '/a' }], [{ path: '/a', contents: 'a', localpath: 'a.txt' }]],
  ],
  ['checkpoint', 'frequency', ['10m', 30], ['x', true]],
];

describe.each(values)('%s.%s', (name, key, taken, refused) => {
  const withValue = (value: Json): Json =>
    changed(name, (section) => {
      section[key] = value;
    });
  test.each(taken.map((value) => ({ value })))('takes $value', ({ value }) => {
    expect([schemaTakes(withValue(value)), readerTakes(withValue(value))]).toEqual([true, true]);
  });
  test.each(refused.map((value) => ({ value })))('refuses $value', ({ value }) => {
    expect([schemaTakes(withValue(value)), readerTakes(withValue(value))]).toEqual([false, false]);
  });
});

test('a template that uses every key is valid once it is rendered', () => {
  const rendered = renderRecipe({ text: wholeRecipe });
  if ('problems' in rendered) throw new Error(JSON.stringify(rendered.problems));
  const valid = validate(parse(rendered.document, { version: '1.1' }));
  expect([valid, validate.errors]).toEqual([true, null]);
});

describe('the examples', () => {
  const folder = join(root, 'examples/recipes');
  const files = readdirSync(folder).filter((file) => file.endsWith('.yaml'));
  test.each(files)('%s is valid once it is rendered, and not with one more key', (file) => {
    const rendered = renderRecipe({ text: readFileSync(join(folder, file), 'utf8') });
    if ('problems' in rendered) throw new Error(JSON.stringify(rendered.problems));
    const document = parse(rendered.document, { version: '1.1' }) as { workflow: Record<string, Json> };
    expect([validate(document), validate.errors]).toEqual([true, null]);
    expect(schemaTakes({ workflow: { ...document.workflow, noSuchKey: 1 } })).toBe(false);
  });
});

describe('the table of keys', () => {
  test('names only sections that there are, and each of them somewhere', () => {
    const named = new Set(['recipe', ...everyKey.flatMap(({ about }) => sectionsOf(about.type))]);
    expect([...named].toSorted()).toEqual(Object.keys(recipeSections).toSorted());
  });

  type Schema = { properties?: Record<string, Schema>; items?: Schema; default?: string | boolean };
  const workflow = JSON.parse(readFileSync(join(root, 'crds/schemas/workflow.json'), 'utf8')) as Schema;
  const schemaAt = (field: string): Schema | undefined =>
    field.split('.').reduce<Schema | undefined>((at, step) => {
      const found = at?.properties?.[step.replace('[]', '')];
      return step.endsWith('[]') ? found?.items : found;
    }, workflow);
  const fields = everyKey.flatMap(({ name, key, about }) =>
    about.field?.startsWith('spec') ? [{ name, key, about, field: about.field }] : [],
  );

  test.each(fields)('says of $key of $name which field it becomes, and its default', ({ about, field }) => {
    const schema = schemaAt(field);
    expect(schema).toBeDefined();
    const initial = schema?.default === undefined ? undefined : `${schema.default}`.toLowerCase();
    expect(about.default === 'of the pool' ? undefined : about.default).toBe(initial);
  });

  test('is linked within the reference', () => {
    const reference = recipeReference(recipeSections);
    const anchors = reference
      .split('\n')
      .filter((line) => line.startsWith('## '))
      .map((line) =>
        line
          .slice(3)
          .toLowerCase()
          .replaceAll(/[^\w -]/g, '')
          .replaceAll(' ', '-'),
      );
    const links = [...reference.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => !anchors.includes(anchor ?? ''))).toEqual([]);
    expect(new Set(anchors).size).toBe(anchors.length);
  });
});

function sectionsOf(type: ValueType): string[] {
  if (typeof type === 'string') return [];
  if ('section' in type) return [type.section];
  if ('list' in type) return sectionsOf(type.list);
  return 'map' in type ? sectionsOf(type.map) : type.oneOf.flatMap(sectionsOf);
}
