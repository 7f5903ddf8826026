import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Api, type App, type AppVersion, Labels, type Workflow } from '@osmo/crds';
import { controllerRef, KubeError } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Apps, AppVersions, Workflows } from '../kinds.ts';
import { type Lab, openLab } from '../testing/lab.ts';

const recipe = (image: string): string => `workflow:
  name: greet
  pool: gpu
  tasks:
  {% for round in range(times) %}
  - {name: "round-{{ round }}", image: ${image}, command: [echo, "{{ who }}"]}
  {% endfor %}
default-values: {who: world, times: 1}
`;
const endless = `workflow:
  name: w
  x: "{% set big = 'ab' * 1000000 %}{% for i in range(100000) %}{% if big.replace('a', 'b').replace('b', 'a') == 'c' %}{% endif %}{% endfor %}"
`;

let lab: Lab;
beforeAll(async () => {
  lab = await openLab('apps');
  await lab.start();
  // Until the apiserver asks the webhooks, and they know their apps.
  await addApp('greet', [recipe('one'), recipe('two')]);
  await until(
    () => outcome({ app: { name: 'nothing' } }),
    (text) => text.includes('there is no such app'),
  );
}, 120_000);
afterAll(async () => {
  if (lab === undefined) return;
  await lab.client.deleteCollection(Apps, { namespace: lab.namespace });
  await lab.client.deleteCollection(AppVersions, { namespace: lab.namespace });
  await lab.clear();
});

/** An app with versions, as the controllers make them. */
async function addApp(name: string, recipes: readonly string[]): Promise<App> {
  const { client, namespace } = lab;
  const head = { apiVersion: Api.apiVersion, kind: 'App', metadata: { name, namespace } };
  const app = await client.create(Apps, { ...head, spec: {} } as unknown as App);
  for (const [index, text] of recipes.entries()) {
    const version = {
      apiVersion: Api.apiVersion,
      kind: 'AppVersion',
      metadata: {
        ...{ name: `${name}.${index + 1}`, namespace, labels: { [Labels.app]: name } },
        ownerReferences: [controllerRef(app, Apps, false)],
      },
      spec: { app: name, version: index + 1, recipe: text },
    };
    // oxlint-disable-next-line no-await-in-loop
    await client.create(AppVersions, version as AppVersion);
  }
  return app;
}

const submit = (spec: object, dryRun = false, name = 'w'): Promise<Workflow> => lab.submit(name, spec, { dryRun });
const outcome = (spec: object): Promise<string> =>
  submit(spec, true).then(
    () => 'taken',
    (error: unknown) => (error instanceof KubeError ? error.message : String(error)),
  );

describe('a workflow that names an app', () => {
  test('is stored with the tasks of the newest version, its pool, its number and the labels', async () => {
    const values = [
      { name: 'times', value: '2' },
      { name: 'who', value: '007', type: 'Text' },
    ];
    const { spec, metadata } = await submit({ app: { name: 'greet', values } }, false, 'stored');
    expect(spec).toMatchObject({
      pool: 'gpu',
      app: { name: 'greet', version: 2 },
      source: { template: recipe('two') },
      tasks: [0, 1].map((round) => ({ name: `round-${round}`, image: 'two', command: ['echo', '007'] })),
    });
    // What a task gets that says nothing.
    expect(spec.tasks?.[0]).toHaveProperty('lead', false);
    expect(metadata.labels).toEqual({ [Labels.app]: 'greet', [Labels.appVersion]: '2' });
    expect((await lab.client.get(Workflows, { name: 'stored', namespace: lab.namespace })).spec).toEqual(spec);
  });
  test('is the same in a dry run, and of the version that it names', async () => {
    const { spec, metadata } = await submit({ pool: 'own', app: { name: 'greet', version: 1 } }, true, 'dry');
    expect(spec).toMatchObject({ pool: 'own', tasks: [{ image: 'one', command: ['echo', 'world'] }] });
    expect(metadata.labels).toHaveProperty([Labels.appVersion], '1');
  });
  test('can not be changed to another app', async () => {
    await submit({ app: { name: 'greet', version: 1 } }, false, 'applied');
    const manifest = (app: object): Workflow =>
      ({
        ...{ apiVersion: Api.apiVersion, kind: 'Workflow' },
        metadata: { name: 'applied', namespace: lab.namespace },
        spec: { app },
      }) as never;
    // Applied once more, as from Git, it stays as it is.
    const again = await lab.client.apply(Workflows, manifest({ name: 'greet', version: 1 }), { fieldManager: 'test' });
    expect(again.spec.tasks).toHaveLength(1);
  });
  test.each<[string, object, RegExp]>([
    ['no such version', { app: { name: 'greet', version: 9 } }, /spec\.app\.version: 9: app greet has no such version/],
    [
      'tasks beside it',
      { app: { name: 'greet' }, tasks: [{ name: 'a', image: 'b', command: ['c'] }] },
      /spec\.tasks: is what spec\.app fills in/,
    ],
    [
      'values that the recipe can not take',
      { app: { name: 'greet', values: [{ name: 'times', value: 'many' }] } },
      /spec\.app: recipe of greet\.2: 5:\d+: /,
    ],
  ])('is refused for %s', async (_, spec, message) => expect(await outcome(spec)).toMatch(message));
  test('is refused when its recipe takes too long, and the next one is read', async () => {
    await addApp('endless', [endless]);
    expect(await outcome({ app: { name: 'endless' } })).toContain('the recipe takes more than 5 s to read');
    expect(await outcome({ app: { name: 'greet' } })).toBe('taken');
  }, 120_000);
  test('is refused when its app has no version yet', async () => {
    await addApp('fresh', []);
    expect(await outcome({ app: { name: 'fresh' } })).toContain('the app has no version yet');
  });
});

describe('whoever may not read the app', () => {
  const root = '/apis/rbac.authorization.k8s.io/v1';
  test('is told neither what it says nor whether it exists, until they may', async () => {
    const { client, namespace } = lab;
    const user = `${namespace}-ada`;
    const path = `${root}/namespaces/${namespace}`;
    const grant = async (name: string, rule: object): Promise<void> => {
      const metadata = { name, namespace };
      const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
      const body = { ...head, kind: 'Role', rules: [{ apiGroups: [Api.group], ...rule }] };
      await client.request('POST', `${path}/roles`, { body });
      const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
      const subjects = [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }];
      await client.request('POST', `${path}/rolebindings`, {
        body: { ...head, kind: 'RoleBinding', roleRef, subjects },
      });
    };
    await grant('submit', { resources: ['workflows'], verbs: ['create'] });
    const body = (name: string): object => ({
      ...{ apiVersion: Api.apiVersion, kind: 'Workflow', metadata: { name: 'w', namespace } },
      spec: { app: { name } },
    });
    const headers = { 'impersonate-user': user, 'impersonate-group': 'system:authenticated' };
    const attempt = (name: string): Promise<string> =>
      client
        .request('POST', `/apis/osmo.dev/v1alpha1/namespaces/${namespace}/workflows`, {
          headers,
          query: { dryRun: 'All' },
          body: body(name),
        })
        .then(
          () => 'taken',
          (error: unknown) => (error instanceof KubeError ? error.message : String(error)),
        );
    const words = /spec\.app\.name: "[a-z]+": user "[^"]+" cannot get apps\.osmo\.dev of that name/;
    await until(
      () => attempt('greet'),
      (text) => words.test(text),
    );
    expect(await attempt('nothing')).toMatch(words);
    await grant('read', { resources: ['apps'], resourceNames: ['greet'], verbs: ['get'] });
    await until(
      () => attempt('greet'),
      (text) => text === 'taken',
    );
    expect(await attempt('nothing')).toMatch(words);
  }, 120_000);
});
