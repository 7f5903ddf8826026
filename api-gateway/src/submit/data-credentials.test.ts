import { expect, test } from '@jest/globals';
import type { Bucket, WorkflowSpecInput } from '@osmo/crds';
import { KubeError } from '@osmo/kube';
import { credentialWarnings, type ProbeKeys } from './data-credentials.ts';

const refusal = (status: number): KubeError => new KubeError({ status, reason: 'x', message: 'x' });
const encoded = (fields: Record<string, string>) => ({
  data: Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
});
const secrets: Record<string, object> = {
  'data-s3-good': encoded({ access_key_id: 'i', access_key: 'k' }),
  'data-s3-half': encoded({ access_key_id: 'i' }),
  'data-s3-empty': encoded({}),
  'data-s3-stolen': encoded({ access_key_id: 'i', access_key: 'stolen' }),
};
const robots = { metadata: { name: 'robots' }, spec: { url: 's3://sets/all', default: true } } as Bucket;
const attic = { metadata: { name: 'attic' }, spec: { url: 's3://good', credential: 'lost', default: false } } as Bucket;

const tried: { url: string; key: string | undefined }[] = [];
/** Stores take every key but one. */
const probe: ProbeKeys = async ({ url: at, fields }) => {
  tried.push({ url: at, key: fields['access_key'] });
  return fields['access_key'] === 'stolen' ? 'refuses these keys' : undefined;
};

async function warnings(inputs: object[], more: object = {}, forbidden = false): Promise<string[]> {
  tried.length = 0;
  const asked: string[] = [];
  const client = {
    get: async (_: unknown, { name, namespace }: { name: string; namespace: string }) => {
      asked.push(name);
      expect(namespace).toBe('lab');
      if (forbidden) throw refusal(403);
      const found = secrets[name];
      if (found === undefined) throw refusal(404);
      return found;
    },
  };
  const spec = { tasks: [{ name: 'a', image: 'b', command: ['c'], inputs, ...more }] } as unknown as WorkflowSpecInput;
  const found = await credentialWarnings(
    client as never,
    'lab',
    { spec, buckets: [robots, attic] },
    probe,
    new AbortController().signal,
  );
  expect(new Set(asked).size).toBe(asked.length);
  return found;
}
const url = (text: string, more: object = {}) => ({ url: { url: text, ...more } });

test('a credential that is there and whole is nothing to talk of', async () => {
  expect(await warnings([url('s3://good/a'), url('s3://good/b'), { task: { name: 'x' } }])).toEqual([]);
});

test('keys that are whole are tried where they are for, each once, and what the store says is told', async () => {
  const found = await warnings([url('s3://stolen/a'), url('s3://good/b'), url('s3://good/c'), url('s3://half/d')]);
  expect(found).toContain('s3://stolen/a: the store refuses these keys (Secret data-s3-stolen)');
  expect(found.join()).not.toContain('s3://good');
  expect(tried.toSorted((a, b) => (a.url < b.url ? -1 : 1))).toEqual([
    { url: 's3://good/b', key: 'k' },
    { url: 's3://stolen/a', key: 'stolen' },
  ]);
  expect(await warnings([url('s3://stolen/a')], {}, true)).toEqual([]);
  expect(tried).toEqual([]);
});

test('what is missing is told once, with what becomes of it', async () => {
  expect(await warnings([url('s3://none/a'), url('s3://none/b')])).toEqual([
    's3://none/a: namespace lab has no data credential for it (Secret data-s3-none), so that it takes what pods are allowed by themselves',
  ]);
  expect(await warnings([url('s3://good/a', { credential: 'mine' })])).toEqual([
    's3://good/a: there is no Secret mine in namespace lab',
  ]);
});

test('what is not whole is told without its values', async () => {
  const found = await warnings([url('s3://half/a'), url('s3://empty/a')]);
  expect(found).toEqual([
    's3://empty/a: Secret data-s3-empty has no access_key',
    expect.stringContaining('s3://half/a: Secret data-s3-half: data credential: access_key is not set'),
  ]);
});

test('outputs, checkpoints and buckets have credentials too', async () => {
  const outputs = [url('s3://none/out'), { dataset: { name: 'new' } }, { updateDataset: { name: 'attic/old' } }];
  const checkpoints = [{ url: 's3://nowhere/c', path: '/c' }];
  expect((await warnings([], { outputs, checkpoints })).map((text) => text.split(':')[0])).toEqual([
    'bucket attic',
    'bucket robots',
    's3',
    's3',
  ]);
});

test('who may not get Secrets is told nothing, and tokens are nothing to ask about', async () => {
  expect(await warnings([url('s3://none/a')], {}, true)).toEqual([]);
  expect(await warnings([url('s3://{{bucket}}/a'), { dataset: { name: 'nowhere/x' } }])).toEqual([]);
});
