import { describe, expect, jest, test } from '@jest/globals';
import type { Pool } from '@osmo/crds';
import { judge, type Surroundings } from './judge.ts';
import type { AdmissionRequest } from './types.ts';

const spec = (extra: object = {}, taskExtra: object = {}) => ({
  pool: 'default',
  tasks: [{ name: 'a', image: 'i', command: ['c'], ...taskExtra }],
  ...extra,
});
const ask = (change: Partial<AdmissionRequest> & { spec?: object } = {}): AdmissionRequest => {
  const { spec: given = spec(), ...rest } = change;
  return {
    uid: 'u',
    kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Workflow' },
    operation: 'CREATE',
    namespace: 'ns',
    userInfo: { username: 'ann', groups: ['g'] },
    object: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w' }, spec: given } as never,
    ...rest,
  };
};
const broken = spec({}, { inputs: [{ task: { name: 'ghost' } }] });
const around = (change: Partial<Surroundings> = {}): Surroundings => ({
  pools: new Map<string, Pool>(),
  platforms: new Map(),
  backends: new Map(),
  defaultPool: () => Promise.resolve(undefined),
  credentials: () => Promise.resolve(undefined),
  data: () => Promise.resolve(undefined),
  ...change,
});

describe('whether it may be stored', () => {
  test('what is right may, what is wrong may not', async () => {
    expect(await judge('validate', ask(), around())).toMatchObject({ uid: 'u', allowed: true });
    const { allowed, status } = await judge('validate', ask({ spec: broken }), around());
    expect(allowed).toBe(false);
    expect(status?.message).toContain('spec.tasks[0].inputs[0].task.name: "ghost"');
  });
  test.each<[string, Partial<AdmissionRequest>]>([
    ['another kind', { kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Task' } }],
    ['a kind of somebody else', { kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Workflow' } }],
    ['a subresource', { subResource: 'status' }],
    ['a deletion', { operation: 'DELETE', object: null }],
  ])('%s is none of ours and may', async (_, change) => {
    expect(await judge('validate', ask({ spec: broken, ...change }), around())).toEqual({ uid: 'u', allowed: true });
  });
  test('what cannot be changed any more is not judged again', async () => {
    const oldObject = ask({ spec: broken }).object ?? null;
    const answer = await judge('validate', ask({ spec: broken, operation: 'UPDATE', oldObject }), around());
    expect(answer.allowed).toBe(true);
  });
  test('credentials are looked up only for a workflow that names some', async () => {
    const credentials = jest.fn((_: string) => Promise.resolve(new Map([['hub', 'generic']])));
    await judge('validate', ask(), around({ credentials }));
    expect(credentials).not.toHaveBeenCalled();
    const named = spec({}, { credentials: [{ name: 'hug', env: [{ name: 'A', key: 'b' }] }] });
    const { status } = await judge('validate', ask({ spec: named }), around({ credentials }));
    expect(credentials).toHaveBeenCalledWith('ns');
    expect(status?.message).toContain('credentials[0].name');
  });
});

describe('what it lacks', () => {
  const defaultPool = () => Promise.resolve('gpu');
  test('is the pool of its namespace', async () => {
    const { patch = '', ...rest } = await judge('mutate', ask(), around({ defaultPool }));
    expect(rest).toEqual({ uid: 'u', allowed: true, patchType: 'JSONPatch' });
    expect(JSON.parse(Buffer.from(patch, 'base64').toString())).toEqual([
      { op: 'replace', path: '/spec/pool', value: 'gpu' },
    ]);
  });
  test('is nothing when it names one, or the namespace none', async () => {
    expect(await judge('mutate', ask({ spec: spec({ pool: 'x' }) }), around({ defaultPool }))).toEqual({
      uid: 'u',
      allowed: true,
    });
    expect(await judge('mutate', ask(), around())).toEqual({ uid: 'u', allowed: true });
  });
  test('is asked of a name that is still to be made, too', async () => {
    const request = ask();
    const object = { ...request.object, metadata: { generateName: 'w-' } } as never;
    expect(await judge('mutate', { ...request, object }, around({ defaultPool }))).toHaveProperty('patch');
  });
  test.each([[{ pool: 7 }], [{ pool: null }], [[]], ['x'], [null], [7]])(
    'is left to the schema to refuse: %j',
    async (wrong) =>
      expect(await judge('mutate', ask({ spec: wrong as never }), around({ defaultPool }))).toEqual({
        uid: 'u',
        allowed: true,
      }),
  );
});
