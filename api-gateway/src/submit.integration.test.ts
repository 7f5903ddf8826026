import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { Pools, Workflows } from './kinds.ts';
import { startGateway, type TestGateway } from './testing/gateway.ts';
import { grant } from './testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

interface Answer {
  status: number;
  body: {
    name: string;
    message: string;
    spec: string;
    logs: string;
    overview: string;
    error_code: string;
    tags: string[];
  };
}

async function post(path: string, as: string, body?: unknown): Promise<Answer> {
  const response = await gateway.send(path, {
    method: 'POST',
    as: user(as),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
const submit = (file: string, query = '', extra: object = {}, as = 'ada'): Promise<Answer> =>
  post(`/api/pool/${namespace}/workflow${query}`, as, { file, set_variables: [], set_string_variables: [], ...extra });
const stored = (name: string) => admin.get(Workflows, { name, namespace });

const hello = (name: string): string => `workflow:
  name: ${name}
  tasks:
  - name: greet
    image: busybox
    command: [echo]
    args: ["hello"]
`;
const templated = `workflow:
  name: many
  tasks:
  {% for i in range(count) %}
  - name: task-{{ i }}
    image: busybox
    command: [echo, "{{ word }}"]
  {% endfor %}
default-values:
  count: 2
  word: hi
`;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'submit');
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  const own = (resources: string[], verbs: string[]) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const subject = (name: string) => ({ kind: 'User', name: user(name) }) as const;
  const all = ['get', 'list', 'create', 'patch', 'update'];
  undo.push(await grant(admin, user('vera'), subject('vera'), [own(['workflows'], ['get', 'list'])], namespace));
  undo.push(await grant(admin, user('vera'), subject('vera'), [own(['pools'], ['list'])]));
  undo.push(await grant(admin, user('ada'), subject('ada'), [own(['workflows'], all)], namespace));
  undo.push(await grant(admin, user('ada'), subject('ada'), [own(['pools'], ['list'])]));
  const pool = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: namespace } };
  await admin.create(Pools, { ...pool, spec: { backend: namespace } } as never);
  undo.push(() => admin.delete(Pools, { name: namespace }));
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
  // Rights and caches get about.
  await until(
    () => submit(hello('probe'), '?validation_only=True'),
    ({ status }) => status === 200,
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

describe('a recipe', () => {
  test('can be asked for at once, before the gateway has heard of it from the cluster', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const { body } = await submit(hello('asked-at-once'));
      const response = await gateway.send(`/api/workflow/${body.name}`, { as: user('ada') });
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ name: body.name, groups: [expect.objectContaining({ name: 'greet-group' })] }),
      ]);
    }
  });

  test('that names a pool runs there where the pool of the request is only a default', async () => {
    const other = `${namespace}-own`;
    const pool = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: other } };
    await admin.create(Pools, { ...pool, spec: { backend: namespace } } as never);
    undo.push(() => admin.delete(Pools, { name: other }));
    const named = (name: string): string => hello('placed').replace('tasks:', `pool: ${name}\n  tasks:`);
    const placed = await until(
      () => submit(named(other), '?pool_is_default=true'),
      ({ status }) => status === 200,
    );
    expect((await stored(placed.body.name)).spec.pool).toBe(other);
    const { body: overruled } = await submit(named(other));
    expect((await stored(overruled.name)).spec.pool).toBe(namespace);
    const { body: fallback } = await submit(hello('placed'), '?pool_is_default=true');
    expect((await stored(fallback.name)).spec.pool).toBe(namespace);
    const unknown = await submit(named('nowhere'), '?pool_is_default=true');
    expect([unknown.status, unknown.body.message]).toEqual([400, expect.stringContaining('pool "nowhere"')]);
  });

  test('becomes a Workflow of whoever submits it, under the next number of its name', async () => {
    const first = await submit(hello('Hello_World'));
    expect([first.status, first.body.name]).toEqual([200, 'hello-world-1']);
    expect(first.body.overview).toBe(`${gateway.url}/workflows/hello-world-1`);
    const { spec, metadata } = await stored('hello-world-1');
    expect(spec).toMatchObject({ pool: namespace, tasks: [{ name: 'greet', image: 'busybox' }] });
    expect(metadata.annotations).toMatchObject({ 'osmo.dev/submitted-by': user('ada') });
    const more = await Promise.all(Array.from({ length: 5 }, () => submit(hello('Hello_World'))));
    const names = more.map(({ body }) => body.name);
    expect(new Set(names).size).toBe(5);
    expect(names.every((name) => /^hello-world-[2-9]$/.test(name))).toBe(true);
  });

  test('is rendered with values, and keeps its template', async () => {
    const { body } = await submit(templated, '', { set_variables: ['count=3'], set_string_variables: ['word=7'] });
    const { spec } = await stored(body.name);
    expect(spec.tasks?.map(({ name, command }) => [name, command.at(-1)])).toEqual([
      ['task-0', '7'],
      ['task-1', '7'],
      ['task-2', '7'],
    ]);
    const read = (path: string): Promise<string> =>
      gateway.send(`/api/workflow/${body.name}/${path}`, { as: user('vera') }).then((response) => response.text());
    expect(await read('spec?use_template=True')).toBe(templated);
    expect(await read('spec')).toContain('- name: task-2');
    // Submitted again, what is printed gets the next number of the name.
    expect(await read('spec')).toMatch(new RegExp(`^  name: ${body.name.replace(/-\d+$/, '')}$`, 'm'));
  });

  test('is found by its UUID too, wherever an id is taken', async () => {
    const { body } = await submit(hello('by-uuid'));
    const { metadata } = await stored(body.name);
    const uuid = metadata.uid ?? '';
    const ask = async (path: string, method = 'GET'): Promise<{ status: number; text: string }> => {
      const response = await gateway.send(`/api/workflow/${uuid}${path}`, { as: user('ada'), method });
      return { status: response.status, text: await response.text() };
    };
    await until(
      () => ask(''),
      ({ status }) => status === 200,
    );
    expect(JSON.parse((await ask('')).text)).toMatchObject({ name: body.name, uuid });
    expect((await ask('/spec')).text).toMatch(/^workflow:\n/);
    expect(JSON.parse((await ask('/tag?add=mine', 'POST')).text)).toEqual({ tags: ['mine'] });
    expect(JSON.parse((await ask('/cancel', 'POST')).text)).toEqual({ name: body.name });
  });

  test('that isn’t there is told by its id, and where to look', async () => {
    for (const id of ['nobody-1', '00000000-0000-4000-8000-000000000000']) {
      for (const [path, method] of [
        [`/api/workflow/${id}`, 'GET'],
        [`/api/workflow/${id}/spec`, 'GET'],
        [`/api/workflow/${id}/cancel`, 'POST'],
        [`/api/workflow/${id}/tag?add=a`, 'POST'],
        [`/api/pool/${namespace}/workflow/${id}/restart`, 'POST'],
        [`/api/pool/${namespace}/workflow?workflow_id=${id}`, 'POST'],
      ] as const) {
        // oxlint-disable-next-line no-await-in-loop
        const response = await gateway.send(path, { as: user('ada'), method });
        // oxlint-disable-next-line no-await-in-loop
        expect([path, response.status, await response.json()]).toEqual([
          path,
          404,
          {
            message: `there is no workflow "${id}"; "osmo workflow list" (GET /api/workflow) lists yours`,
            error_code: 'NOTFOUND',
            workflow_id: id,
          },
        ]);
      }
    }
  });

  test('is only rendered by a dry run, and only checked by a validation', async () => {
    const rendered = await submit(templated, '?dry_run=True&validation_only=True');
    expect(rendered.body.spec).toContain('name: task-1');
    expect(rendered.body.spec).not.toContain('default-values');
    const checked = await submit(templated, '?validation_only=True');
    expect(checked.body).toMatchObject({ logs: 'Workflow validation succeeded.', spec: null });
    const { items } = await admin.list(Workflows, { namespace });
    expect(items.filter(({ metadata }) => metadata.name.startsWith('probe'))).toEqual([]);
  });

  test('gives way to what the request says', async () => {
    const { body } = await submit(hello('said'), '?priority=LOW&label=team%3Darms&env_vars=A%3D1%3D2');
    const { spec } = await stored(body.name);
    expect(spec).toMatchObject({ priority: 'Low', labels: { team: 'arms' }, tasks: [{ env: [{ name: 'A' }] }] });
  });

  test.each([
    ['without an image', 'workflow: {name: x, tasks: [{name: a, command: [b]}]}', /image/],
    ['with a variable that nobody sets', 'workflow: {name: "{{ nothing }}", tasks: []}', /nothing/],
    ['that is no YAML', 'workflow: [', /./],
    ['that is empty', '', /./],
    ['of another shape', '[]', /./],
    [
      'that reaches for JavaScript',
      'workflow: {name: "{{ x.constructor.constructor(\'return 1\')() }}"}\ndefault-values: {x: a}',
      /./,
    ],
  ])('%s is refused with what is wrong', async (_, file, message) => {
    const { status, body } = await submit(file);
    expect([status, body.error_code]).toEqual([400, 'USAGE']);
    expect(body.message).toMatch(message);
  });

  test('without end is given up, and others are read meanwhile', async () => {
    const endless =
      'workflow: {name: "{% for a in range(99999999) %}{% for b in range(99999999) %}x{% endfor %}{% endfor %}"}';
    const [stuck, fine] = await Promise.all([submit(endless), submit(hello('meanwhile'), '?validation_only=True')]);
    expect([stuck.status, fine.status]).toEqual([400, 200]);
  });

  test('is refused where its submitter may not create, by the apiserver itself; and in a pool that isn’t there', async () => {
    expect((await submit(hello('not'), '', {}, 'vera')).status).toBe(403);
    expect((await submit(hello('not'), '', {}, 'mallory')).status).toBe(403);
    expect((await submit(hello('not'), '?namespace=kube-system')).status).toBe(403);
    const nowhere = await post('/api/pool/nowhere/workflow', 'ada', { file: hello('not') });
    expect([nowhere.status, nowhere.body.message]).toEqual([400, expect.stringContaining('there is no such pool')]);
    expect((await post(`/api/pool/${namespace}/workflow`, 'ada')).status).toBe(400);
    const { items } = await admin.list(Workflows, { namespace });
    expect(items.filter(({ metadata }) => metadata.name.startsWith('not'))).toEqual([]);
  });
});

describe('a workflow that is there', () => {
  test('is submitted once more by its id', async () => {
    const first = await submit(hello('again'));
    const second = await post(`/api/pool/${namespace}/workflow?workflow_id=${first.body.name}&priority=HIGH`, 'ada');
    expect([second.status, second.body.name]).toEqual([200, 'again-2']);
    const { spec } = await stored('again-2');
    expect(spec).toMatchObject({ priority: 'High', tasks: [{ name: 'greet' }] });
    expect((await post(`/api/pool/${namespace}/workflow?workflow_id=nowhere-1`, 'ada')).status).toBe(404);
  });

  test('is restarted once it has failed, by those who may change it', async () => {
    const { name } = (await submit(hello('fallible'))).body;
    const restart = (as: string) => post(`/api/pool/${namespace}/workflow/${name}/restart`, as);
    const early = await restart('ada');
    expect([early.status, early.body.message]).toEqual([400, expect.stringContaining('is PENDING')]);
    const failed = { phase: 'Failed', reason: 'Error', conditions: [] };
    const body = { status: failed };
    await admin.patch(Workflows, { name, namespace }, { kind: 'merge', body }, { subresource: 'status' });
    expect((await restart('vera')).status).toBe(403);
    expect(await restart('ada')).toMatchObject({ status: 200, body: { name } });
    expect((await stored(name)).spec.restart).toEqual({ id: expect.any(String), by: user('ada') });
    expect((await post(`/api/pool/other/workflow/${name}/restart`, 'ada')).status).toBe(400);
  });

  test('is tagged by those who may change it, also by several at once', async () => {
    const { name } = (await submit(hello('tagged'))).body;
    const tag = (query: string, as = 'ada') => post(`/api/workflow/${name}/tag?${query}`, as);
    expect((await tag('add=best&add=final')).body.tags).toEqual(['best', 'final']);
    expect((await tag('add=x', 'vera')).status).toBe(403);
    expect((await tag('add=a,b')).status).toBe(400);
    await Promise.all(['one', 'two', 'three'].map((each) => tag(`add=${each}&remove=best`)));
    const inUse = async () =>
      ((await (await gateway.send('/api/tag', { as: user('vera') })).json()) as { tags: string[] }).tags;
    const all = ['final', 'one', 'three', 'two'];
    await until(inUse, (tags) => all.every((each) => tags.includes(each)));
    const found = await gateway.send('/api/workflow?tags=two&all_users=True', { as: user('vera') });
    expect(await found.json()).toMatchObject({ workflows: [{ name }] });
    expect((await stored(name)).metadata.annotations?.['osmo.dev/tags']).toBe('final,one,three,two');
  });
});
