import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { kinds } from '../kinds.ts';
import { rightManifests } from '../testing/right-manifests.ts';
import { wrongManifests } from '../testing/wrong-manifests.ts';
import { crdOf } from './crd.ts';
import { drift, generatedFiles, generatedFolders } from './outputs.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const read = (path: string) => readFileSync(join(repository, path), 'utf8');
const files = generatedFiles(kinds, read('crds/src/constants.ts'));

describe('generated files', () => {
  test('in the repository are what the schemas say', () => {
    const paths = [
      ...generatedFolders.flatMap((folder) => readdirSync(join(repository, folder)).map((name) => `${folder}/${name}`)),
      'docs/reference/constants.md',
    ];
    expect(drift(files, new Map(paths.map((path) => [path, read(path)])))).toEqual([]);
  });

  test('are the same every time', () => {
    expect([...generatedFiles(kinds, read('crds/src/constants.ts'))]).toEqual([...files]);
  });

  test.each(kinds.map((kind) => [kind.type.plural, kind] as const))(
    '%s: the YAML is the definition',
    (plural, kind) => {
      expect(parse(files.get(`crds/yaml/${plural}.yaml`)!)).toEqual(crdOf(kind));
    },
  );

  test('the reference has every field of a task', () => {
    const page = files.get('docs/reference/api/workflow.md')!;
    for (const field of ['image', 'exitActions', 'checkpoints', 'kpis', 'ignoreNonleadStatus', 'recentTasks']) {
      expect(page).toContain(`| \`${field}\` |`);
    }
    expect(page).toContain("`spec` can't be changed after creation but for `pool`");
  });

  test('links within a reference page lead to a heading', () => {
    for (const [path, text] of files) {
      if (!path.endsWith('.md')) continue;
      const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
        heading!
          .toLowerCase()
          .replaceAll(/[^a-z0-9 _-]/g, '')
          .replaceAll(' ', '-'),
      );
      for (const [, anchor] of text.matchAll(/\]\(#([^)]*)\)/g)) expect([path, ...anchors]).toContain(anchor);
    }
  });
});

describe('drift', () => {
  test('names what differs, what is missing and what has no source', () => {
    const wanted = new Map([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
    const found = new Map([
      ['a', '1'],
      ['b', 'x'],
      ['d', '4'],
    ]);
    expect(drift(wanted, found)).toEqual(['b: differs from its source', 'c: is missing', 'd: has no source']);
  });
});

describe('the JSON Schemas', () => {
  const ajv = formats.default(new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }));
  ajv.addFormat('int32', true);
  ajv.addFormat('int64', true);
  const validators = new Map(
    kinds.map(({ type }) => [
      type.kind,
      ajv.compile(JSON.parse(files.get(`crds/schemas/${type.kind.toLowerCase()}.json`)!) as object),
    ]),
  );

  test.each(rightManifests.map((right) => [right.title, right] as const))('take what is right: %s', (_, { object }) => {
    const validate = validators.get(object.kind)!;
    // As on the wire: entries that are undefined don't exist.
    validate(JSON.parse(JSON.stringify(object)));
    expect(validate.errors).toBeNull();
  });

  // Uniqueness by a key, and rules over several fields, are beyond JSON Schema.
  const structural = wrongManifests.filter(
    ({ allowed }) => !/Duplicate|must|keys|exactly|platforms|not be|latest' is|no other/.test(allowed.source),
  );
  test.each(structural.map((wrong) => [wrong.title, wrong] as const))(
    'refuse what is wrong: %s',
    (_, { object, field }) => {
      const validate = validators.get(object.kind)!;
      expect(validate(JSON.parse(JSON.stringify(object)))).toBe(false);
      const paths = (validate.errors ?? []).map(({ instancePath, params }) =>
        [instancePath, (params as { missingProperty?: string }).missingProperty]
          .filter((part) => part !== undefined)
          .join('/'),
      );
      expect(paths).toContain(`/${field.replaceAll(/\[(\d+)\]/g, '/$1').replaceAll('.', '/')}`);
    },
  );
});
