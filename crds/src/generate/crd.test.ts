import { describe, expect, test } from '@jest/globals';
import { kinds } from '../kinds.ts';
import { crdOf } from './crd.ts';
import { immutabilityPolicy } from './policy.ts';
import type { StructuralSchema } from './structural.ts';

/** Names of Kubernetes' own resources and of what is often installed beside us. */
const taken = [
  'po',
  'svc',
  'deploy',
  'rs',
  'sts',
  'ds',
  'no',
  'ns',
  'pv',
  'pvc',
  'cm',
  'ep',
  'ev',
  'sa',
  'ing',
  'netpol',
  'pc',
  'pdb',
  'hpa',
  'cj',
  'cs',
  'csr',
  'crd',
  'crds',
  'sc',
  'quota',
  'limits',
  'rc',
  'np',
];

describe.each(kinds.map((kind) => [kind.type.kind, crdOf(kind)] as const))('the definition of %s', (_, crd) => {
  test('is the one that was agreed on', () => {
    expect(crd).toMatchSnapshot();
  });
  test('takes no short name of others', () => {
    for (const name of crd.spec.names.shortNames ?? []) expect(taken).not.toContain(name);
  });
  test('has columns that lead somewhere', () => {
    const [version] = crd.spec.versions;
    for (const { jsonPath } of version!.additionalPrinterColumns) {
      if (jsonPath.startsWith('.metadata.')) continue;
      const names = jsonPath
        .replaceAll(/\[[^\]]*\]/g, '')
        .split('.')
        .slice(1);
      const found = names.reduce<StructuralSchema | undefined>(
        (at, name) => (at?.items ?? at)?.properties?.[name],
        version!.schema.openAPIV3Schema,
      );
      expect([jsonPath, found]).toEqual([jsonPath, expect.anything()]);
    }
  });
});

test('short names differ from each other', () => {
  const all = kinds.flatMap(({ shortNames }) => shortNames);
  expect(new Set(all).size).toBe(all.length);
});

test('the policy of fixed specs is the one that was agreed on', () => {
  expect(immutabilityPolicy(kinds)).toMatchSnapshot();
});
