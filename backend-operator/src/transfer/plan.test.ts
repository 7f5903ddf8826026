import { describe, expect, test } from '@jest/globals';
import type { TaskSpec } from '@osmo/crds';
import { decodePlan } from '@osmo/task-runtime/plan';
import type { Secret } from '@osmo/kube';
import { storedSecret } from '../group/files.ts';
import { podFor } from '../group/pod.ts';
import { newTask, workflowUid } from '../testing/tasks.ts';
import { type DataSettings, transfersFor } from './plan.ts';
import { planSecretFor } from './secret.ts';

const store: DataSettings = {
  url: 's3://osmo/data?endpoint=http%3A%2F%2Fs3%3A9000',
  environment: { AWS_ACCESS_KEY_ID: 'own', AWS_SECRET_ACCESS_KEY: 'very-secret' },
  uploadSeconds: 3600,
};
const digest = `blake3:${'0a'.repeat(32)}`;
const task = (spec: Partial<TaskSpec>) => newTask({ spec });
const plan = (spec: Partial<TaskSpec>, settings: DataSettings | undefined = store) =>
  transfersFor(task(spec), settings);

describe('transfersFor', () => {
  test.each<[string, Partial<TaskSpec>]>([
    ['a task without data', {}],
    ['a task that comes after another whose output is empty', { inputs: [{ task: { name: 'prepare' } }] }],
    ['a task whose output nobody wants', { data: { keep: false } }],
  ])('nothing for %s', (_, spec) => expect(plan(spec)).toBeUndefined());

  test('nothing is kept where there is no store', () =>
    expect(transfersFor(task({ data: { keep: true } }), undefined)).toBeUndefined());

  test('the output folder goes to the repository of the workflow', () =>
    expect(plan({ data: { keep: true } })).toEqual({
      credentials: [],
      plan: {
        version: 1,
        store: { url: store.url, environment: store.environment },
        inputs: [],
        keep: `s3://osmo/data/outputs/team-a/${workflowUid}?endpoint=http%3A%2F%2Fs3%3A9000`,
        outputs: [],
        checkpoints: [],
      },
    }));

  test('of which only what the task names is kept, where it says so', () =>
    expect(plan({ data: { keep: true, keepPaths: ['kpi.json'] } })?.plan).toMatchObject({
      keep: expect.stringContaining(workflowUid),
      keepPaths: ['kpi.json'],
    }));

  test('the rate at which the store may be used goes with it', () => {
    const rateLimit = { bytesPerSecond: 1000 };
    expect(plan({ data: { keep: true } }, { ...store, rateLimit })?.plan.store).toEqual({
      url: store.url,
      environment: store.environment,
      rateLimit,
    });
  });

  test('inputs come in the order of the recipe, whatever their kind', () => {
    const { plan: made, credentials } =
      plan({
        inputs: [{ url: { url: 's3://robots/a' } }, { task: { name: 'prepare' } }, { dataset: { name: 'lidar' } }],
        data: {
          keep: false,
          inputs: [
            { index: 1, manifest: digest, task: 'prepare', regex: '.*json' },
            {
              index: 2,
              manifest: digest,
              url: 's3://sets/repo',
              credential: 'sets-key',
              folder: 'lidar',
              dataset: { bucket: 'sets', name: 'lidar', version: 3 },
            },
          ],
        },
      }) ?? {};
    expect(made?.inputs).toEqual([
      { kind: 'url', index: 0, url: 's3://robots/a', credential: expect.any(String) },
      {
        kind: 'version',
        index: 1,
        name: 'task prepare',
        manifest: digest,
        regex: '.*json',
        intermediate: true,
        url: `s3://osmo/data/outputs/team-a/${workflowUid}?endpoint=http%3A%2F%2Fs3%3A9000`,
      },
      {
        kind: 'version',
        index: 2,
        name: 'lidar:3',
        manifest: digest,
        folder: 'lidar',
        url: 's3://sets/repo',
        credential: expect.any(String),
      },
    ]);
    expect(made?.inputs.map(({ credential }) => credentials?.[Number(credential)])).toEqual([
      'data-s3-robots',
      undefined,
      'sets-key',
    ]);
  });

  test('a credential is mounted once, however often it is used', () => {
    const url = (path: string) => ({ url: { url: `s3://robots/${path}` } });
    expect(plan({ inputs: [url('a'), url('b')], outputs: [url('c')] })?.credentials).toEqual(['data-s3-robots']);
  });

  test('the credentials of intermediate storage go to nobody who does not use it', () =>
    expect(JSON.stringify(plan({ outputs: [{ url: { url: 's3://robots/c' } }] }))).not.toContain('very-secret'));

  test('the paths of a dataset, and of one that is updated', () => {
    const dataset = { bucket: 'sets', name: 'lidar' };
    const made = plan({
      outputs: [
        { dataset: { name: 'lidar', path: 'out/a', regex: 'x', metadata: ['m.yaml'] } },
        { updateDataset: { name: 'lidar', paths: ['b', 'c'], labels: ['l.yaml'] } },
      ],
      data: {
        keep: false,
        outputs: [
          { index: 0, url: 's3://sets/repo', dataset },
          { index: 1, url: 's3://sets/repo', dataset, base: digest },
        ],
      },
    });
    expect(made?.plan.outputs).toMatchObject([
      { index: 0, paths: ['out/a'], regex: 'x', metadata: ['m.yaml'], labels: [], name: 'lidar' },
      { index: 1, paths: ['b', 'c'], base: digest, metadata: [], labels: ['l.yaml'] },
    ]);
  });

  test.each<[string, Partial<TaskSpec>, string]>([
    [
      'a URL that is none',
      { inputs: [{ url: { url: 's3://a b' } }] },
      'spec.inputs[0].url: store URL "s3://a b": bucket',
    ],
  ])('refuses %s', (_, spec, message) => expect(() => plan(spec)).toThrow(message));

  test('refuses an input from a store that the backend does not have', () =>
    expect(() =>
      transfersFor(task({ data: { keep: false, inputs: [{ index: 4, manifest: digest }] } }), undefined),
    ).toThrow('spec.inputs[4]: backend east has no storage for outputs of tasks; its operator needs --data-url'));
});

describe('planSecretFor', () => {
  const spec: Partial<TaskSpec> = { data: { keep: true }, files: [{ path: '/a', contents: 'a', base64: false }] };
  const pod = podFor(task(spec), {
    namespace: 'team-a',
    attempt: 0,
    nodeLostSeconds: 300,
    runtime: { image: 'runtime:1', store },
  });
  pod.metadata.uid = 'pod-uid';
  const secret = planSecretFor(task(spec), pod, store) as Secret;

  test('holds the plan, and belongs to the pod', () => {
    expect(secret.metadata).toMatchObject({
      name: `${pod.metadata.name}-data`,
      ownerReferences: [{ kind: 'Pod', name: pod.metadata.name, uid: 'pod-uid' }],
    });
    const bytes = Buffer.from(secret.data?.['plan.json.gz'] ?? '', 'base64');
    expect(decodePlan(bytes)).toEqual(transfersFor(task(spec), store)?.plan);
  });

  test('is the same every time', () => expect(planSecretFor(task(spec), pod, store)).toEqual(secret));

  test('is another in the ledger than that of the files', () =>
    expect(storedSecret(secret)).toBe(`pod-uid/${pod.metadata.name}-data`));

  test('is none where nothing is moved', () => expect(planSecretFor(task({}), pod, store)).toBeUndefined());
});
