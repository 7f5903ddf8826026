import { describe, expect, jest, test } from '@jest/globals';
import { type App, validateWorkflow } from '@osmo/crds';
import { readRecipe, type RecipeRequest } from '@osmo/workflow-spec';
import { RecipeReaderBusy } from '@osmo/workflow-spec/reader';
import type { AdmissionRequest } from '../review/types.ts';
import type { FindRecipe } from './find-recipe.ts';
import { renderApp, type Rendering } from './render-app.ts';

const recipe = `workflow:
  name: greet-{{ who }}
  tasks:
  {% for round in range(times) %}
  - {name: "round-{{ round }}", image: busybox, command: [echo, "{{ who }}"]}
  {% endfor %}
default-values: {who: world, times: 1}
`;
const app: App = {
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'App',
  metadata: { name: 'greet', namespace: 'ns' },
  spec: { historyLimit: 100 },
};
const around = (change: Partial<Rendering> = {}, text = recipe): Rendering => ({
  findRecipe: () => Promise.resolve({ app, version: 2, recipe: text }),
  recipes: {
    check: (workflow) => Promise.resolve({ problems: validateWorkflow(workflow) }),
    read: (request: RecipeRequest) => Promise.resolve(readRecipe(request)),
  },
  ...change,
});
const ask = (spec: unknown, change: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  uid: 'u',
  kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Workflow' },
  operation: 'CREATE',
  namespace: 'ns',
  userInfo: { username: 'ann', groups: ['g'] },
  object: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w' }, spec } as never,
  ...change,
});
const greet = (more: object = {}, beside: object = {}) => ({
  pool: 'default',
  priority: 'Normal',
  app: { name: 'greet', ...more },
  ...beside,
});
const specOf = ({ patch = '' }: { patch?: string }): unknown =>
  (JSON.parse(Buffer.from(patch, 'base64').toString()) as { value: unknown }[])[0]?.value;

describe('a workflow of an app', () => {
  test('gets the tasks that the recipe has with its values', async () => {
    const values = [
      { name: 'times', value: '2', type: 'Auto' },
      { name: 'who', value: '007', type: 'Text' },
    ];
    const answer = await renderApp(ask(greet({ values })), around());
    expect(answer).toMatchObject({ uid: 'u', allowed: true, patchType: 'JSONPatch' });
    expect(specOf(answer)).toMatchObject({
      app: { name: 'greet', version: 2, values },
      tasks: [
        { name: 'round-0', command: ['echo', '007'] },
        { name: 'round-1', command: ['echo', '007'] },
      ],
      source: { template: recipe },
    });
  });
  test('is looked up in the name of whoever submits it', async () => {
    const findRecipe = jest.fn<FindRecipe>(around().findRecipe);
    await renderApp(ask(greet({ namespace: 'apps', version: 2 })), around({ findRecipe }));
    const reference = { name: 'greet', namespace: 'apps', version: 2 };
    expect(findRecipe).toHaveBeenCalledWith({ username: 'ann', groups: ['g'] }, reference, 'ns');
  });
  test('may get its name later', async () => {
    const object = { ...ask(greet()).object, metadata: { generateName: 'w-' } } as never;
    expect(await renderApp(ask(greet(), { object }), around())).toHaveProperty('patch');
  });
  test('passes on what the recipe is warned of', async () => {
    const text = recipe.replace('workflow:', 'workflow:\n  backend: old');
    expect(await renderApp(ask(greet()), around({}, text))).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining('workflow.backend is ignored')],
    });
  });
});

describe('what is refused, with every problem at its field', () => {
  const refusal = async (spec: object, rendering = around()) => {
    const { allowed, status } = await renderApp(ask(spec), rendering);
    expect(allowed).toBe(false);
    return status?.details?.causes?.map(({ field, message }) => `${field}: ${message}`) ?? [];
  };
  test('tasks beside an app, and values that can be none', async () => {
    const tasks = [{ name: 'a', image: 'i', command: ['c'] }];
    const values = [{ name: 'a-b', value: 'x' }, { name: 'ok' }];
    expect(await refusal(greet({ values, version: 0 }, { tasks, source: { template: 't' } }))).toEqual([
      expect.stringContaining('spec.tasks: Invalid value: is what spec.app fills in'),
      expect.stringContaining('spec.source: Invalid value: is what spec.app fills in'),
      expect.stringContaining('spec.app.version: Invalid value: 0: must be at least 1'),
      expect.stringContaining('spec.app.values[0].name: Invalid value: "a-b"'),
      expect.stringContaining('spec.app.values[1].value: '),
    ]);
  });
  test('what is wrong with the recipe, at its lines', async () => {
    const text = 'workflow:\n  name: w\n  tasks:\n  - {name: a, image: 7, comand: [x]}\n  - {name: b}\n';
    const lines = await refusal(greet(), around({}, text));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toMatch(/^spec\.app: Invalid value: recipe of greet\.2: \d+:\d+: workflow/);
  });
  test('an app that can not be had', async () => {
    const problem = { path: 'spec.app.name', value: 'greet', message: 'there is no such app' };
    const findRecipe = () => Promise.resolve(problem);
    expect(await refusal(greet(), around({ findRecipe }))).toEqual([
      'spec.app.name: Invalid value: "greet": there is no such app',
    ]);
  });
  test('too many at a time, to be tried again', async () => {
    const read = () => Promise.reject(new RecipeReaderBusy(64));
    const { status } = await renderApp(ask(greet()), around({ recipes: { ...around().recipes, read } }));
    expect(status).toMatchObject({ code: 429, reason: 'TooManyRequests', message: expect.stringContaining('64') });
  });
});

test.each<[string, AdmissionRequest]>([
  ['names no app', ask({ pool: 'default' })],
  ['has no spec', ask(undefined)],
  ['is no Workflow', ask(greet(), { kind: { group: 'argoproj.io', version: 'v1alpha1', kind: 'Workflow' } })],
  ['is there already', ask(greet(), { operation: 'UPDATE' })],
])('what %s is left as it is', async (_, request) =>
  expect(await renderApp(request, around())).toEqual({ uid: 'u', allowed: true }),
);
test('a fault of the reader is no refusal', () =>
  expect(
    renderApp(ask(greet()), around({ recipes: { ...around().recipes, read: () => Promise.reject(new Error('x')) } })),
  ).rejects.toThrow('x'));
