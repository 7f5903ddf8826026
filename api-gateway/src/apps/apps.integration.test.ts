import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { Apps, AppVersions, Pools, Workflows } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let namespace: string;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${namespace}`;

interface Version {
  version: number;
  created_by: string;
  created_date: string;
  status: string;
}
interface Body {
  uuid: string;
  name: string;
  owner: string;
  description: string;
  created_date: string;
  latest_version: number;
  version: number;
  status: string;
  versions: Version[];
  apps: Body[];
  workflows: { name: string }[];
  more_entries: boolean;
  message: string;
  error_code: string;
}

/** As upstream's client asks: always with a content type, a bare JSON string as body or none at all. */
async function send(
  method: string,
  path: string,
  as: string,
  body?: string,
): Promise<{ status: number; body: Body; text: string }> {
  const response = await gateway.send(path, {
    method,
    as: user(as),
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: (isJson ? JSON.parse(text) : {}) as Body, text };
}
const create = async (name: string, text = recipe(name), as = 'ada') =>
  shown(name, await send('POST', `/api/app/user/${name}?description=Trains%20it`, as, text));
const update = async (name: string, text: string, as = 'ada') =>
  shown(name, await send('PATCH', `/api/app/user/${name}`, as, text));
/** The answer, once the version that it tells of is in the cache that others are answered from. */
async function shown(name: string, answer: Awaited<ReturnType<typeof send>>): Promise<typeof answer> {
  const has = ({ body }: { body: Body }): boolean =>
    body.versions?.some(({ version }) => version === answer.body.version) ?? false;
  if (answer.status === 200) await until(() => info(name, '?limit=1000'), has, 60_000);
  return answer;
}
const info = (name: string, query = '', as = 'ada') => send('GET', `/api/app/user/${name}${query}`, as);
const spec = (name: string, query = '', as = 'ada') => send('GET', `/api/app/user/${name}/spec${query}`, as);
const list = (query = '', as = 'ada') => send('GET', `/api/app?order=ASC&limit=20&offset=0${query}`, as);
const names = ({ body }: { body: Body }): string[] => body.apps.map(({ name }) => name);
const recipe = (word: string): string =>
  `# ${word}\nworkflow:\n  name: "{{ name }}"\n  tasks:\n  - name: a\n    image: busybox\n    command: [echo]\ndefault-values:\n  # What it is called.\n  name: made\n`;
const plainTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?$/;

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'apps');
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  const rule = (resources: string[], verbs: string[]) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const subject = (name: string) => ({ kind: 'User', name: user(name) }) as const;
  const all = ['get', 'list', 'create', 'patch', 'delete'];
  const kinds = ['apps', 'appversions', 'workflows'];
  for (const name of ['ada', 'bob']) {
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, user(name), subject(name), [rule(kinds, all)], namespace));
  }
  const reader = [rule(kinds, ['get', 'list'])];
  undo.push(await grant(admin, user('vera'), subject('vera'), reader, namespace));
  // May look at apps, and not at what is in them.
  undo.push(await grant(admin, user('peek'), subject('peek'), [rule(['apps'], ['get', 'list'])], namespace));
  for (const name of ['ada', 'bob', 'vera']) {
    // oxlint-disable-next-line no-await-in-loop
    undo.push(await grant(admin, `pools-${user(name)}`, subject(name), [rule(['pools'], ['list'])]));
  }
  const pool = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: namespace } };
  await admin.create(Pools, { ...pool, spec: { backend: namespace } } as never);
  undo.push(() => admin.delete(Pools, { name: namespace }));
  gateway = await startGateway([`--default-namespace=${namespace}`, '--requests-per-second=1000']);
  // Rights get about, and the pool into the cache.
  await until(
    () => create('probe'),
    ({ status }) => status === 200,
    60_000,
  );
  for (const name of ['bob', 'vera', 'peek']) {
    // oxlint-disable-next-line no-await-in-loop
    await until(
      () => info('probe', '', name),
      ({ status }) => status === 200,
      60_000,
    );
  }
  for (const name of ['ada', 'bob', 'vera']) {
    const pools = () => gateway.send('/api/pool', { as: user(name) }).then((response) => response.text());
    // oxlint-disable-next-line no-await-in-loop
    await until(pools, (text) => text.includes(namespace), 60_000);
  }
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

describe('an app', () => {
  test('is created from a bare JSON string, and read back as it was written', async () => {
    const created = await create('train');
    expect(created).toMatchObject({ status: 200, body: { name: 'train', version: 1, status: 'READY' } });
    const { body } = await info('train', '?order=ASC&limit=20');
    expect(body).toMatchObject({ name: 'train', owner: user('ada'), description: 'Trains it', more_entries: false });
    expect(body.uuid).toBe(created.body.uuid);
    expect(body.created_date).toMatch(plainTime);
    expect(body.versions).toEqual([
      { version: 1, created_by: user('ada'), created_date: expect.stringMatching(plainTime), status: 'READY' },
    ]);
    expect((await spec('train')).text).toBe(recipe('train'));
    const { items } = await admin.list(AppVersions, { namespace, labelSelector: 'osmo.dev/app=train' });
    expect(items.map(({ metadata }) => [metadata.name, metadata.ownerReferences?.[0]?.uid])).toEqual([
      ['train.1', body.uuid],
    ]);
  });

  test('is found by upstream’s spelling of its name', async () => {
    expect((await create('Pick_And_Place')).body.name).toBe('pick-and-place');
    expect((await info('Pick_And_Place')).body.name).toBe('pick-and-place');
    expect((await info(`${namespace}.pick-and-place`)).status).toBe(200);
  });

  test('gets a version with each update, by anybody who may, also by several at once; the same text makes none', async () => {
    await create('steps');
    expect((await update('steps', recipe('two'), 'bob')).body).toMatchObject({ name: 'steps', version: 2 });
    expect((await update('steps', recipe('two'))).body.version).toBe(2);
    const more = await Promise.all(['a', 'b', 'c', 'd'].map((word) => update('steps', recipe(word))));
    expect(more.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(new Set(more.map(({ body }) => body.version))).toEqual(new Set([3, 4, 5, 6]));
    const { body } = await info('steps', '?order=ASC&limit=3');
    expect(body.versions.map(({ version, created_by: by }) => [version, by])).toEqual([
      [1, user('ada')],
      [2, user('bob')],
      [3, user('ada')],
    ]);
    expect(body.more_entries).toBe(true);
    // What `app submit` reads: the newest first.
    expect((await info('steps', '?limit=1')).body.versions.map(({ version }) => version)).toEqual([6]);
    expect((await info('steps', '?version=2&limit=1')).body.versions.map(({ version }) => version)).toEqual([2]);
    expect((await spec('steps', '?version=2')).text).toBe(recipe('two'));
    expect((await spec('steps', '?version=9')).status).toBe(404);
  });

  test('is listed to those who touched it, by owner, by name, in pages', async () => {
    await create('list-one');
    await create('list-two', recipe('x'), 'bob');
    await create('list-three', recipe('x'), 'bob');
    await update('list-three', recipe('y'));
    const all = ['list-one', 'list-three', 'list-two'];
    const sorted = async (query: string, as?: string) => names(await list(`${query}&name=list-`, as)).toSorted();
    expect(await sorted('&all_users=True')).toEqual(all);
    expect(await sorted('')).toEqual(['list-one', 'list-three']);
    expect(await sorted('', 'vera')).toEqual([]);
    expect(await sorted(`&users=${user('bob')}`, 'vera')).toEqual(['list-three', 'list-two']);
    expect(await sorted('&all_users=True', 'eve')).toEqual([]);
    const page = (offset: number) =>
      send('GET', `/api/app?order=DESC&limit=2&offset=${offset}&all_users=True&name=LIST_`, 'ada');
    const pages = [await page(0), await page(2)];
    expect(pages.map(({ body }) => body.more_entries)).toEqual([true, false]);
    expect(pages.flatMap(names).toSorted()).toEqual(all);
    const { body } = await list('&all_users=True&name=list-three');
    expect(body.apps).toMatchObject([
      {
        owner: user('bob'),
        description: 'Trains it',
        latest_version: 2,
        created_date: expect.stringMatching(plainTime),
      },
    ]);
    expect((await list(`&namespace=${namespace}`, 'eve')).status).toBe(403);
  });

  test('loses a version, and then all of them', async () => {
    await create('short');
    await update('short', recipe('two'));
    const remove = (query: string, as = 'ada') => send('DELETE', `/api/app/user/short${query}`, as);
    expect((await remove('')).status).toBe(400);
    expect((await remove('?version=1&all_versions=True')).status).toBe(400);
    expect(await remove('?version=2')).toMatchObject({ status: 200, body: { versions: [2] } });
    expect((await remove('?version=2')).status).toBe(404);
    await until(
      () => spec('short'),
      ({ text }) => text === recipe('short'),
      60_000,
    );
    expect(await remove('?all_versions=True')).toMatchObject({ status: 200, body: { versions: [1] } });
    await until(
      () => info('short'),
      ({ status }) => status === 404,
      60_000,
    );
    await until(
      () => list('&all_users=True'),
      (answer) => !names(answer).includes('short'),
      60_000,
    );
    expect((await update('short', recipe('three'))).status).toBe(404);
    expect((await create('short', recipe('again'))).status).toBe(200);
    expect((await spec('short')).text).toBe(recipe('again'));
  });

  test('without a version is 404, so that upstream’s client makes a new one', async () => {
    await create('bare');
    await send('DELETE', '/api/app/user/bare?version=1', 'ada');
    await until(
      () => spec('bare'),
      ({ status }) => status === 404,
      60_000,
    );
    expect((await info('bare', '?limit=1')).body.message).toContain('has no version');
    expect(names(await list('&all_users=True'))).not.toContain('bare');
    expect((await update('bare', recipe('new'))).status).toBe(200);
    expect((await spec('bare')).text).toBe(recipe('new'));
  });

  test('is renamed with its versions and their numbers, and not over another', async () => {
    await create('old-name');
    await update('old-name', recipe('two'), 'bob');
    await update('old-name', recipe('three'));
    await send('DELETE', '/api/app/user/old-name?version=1', 'ada');
    await until(
      () => info('old-name', '?order=ASC'),
      ({ body }) => body.versions[0]?.version === 2,
      60_000,
    );
    const rename = (to: string, as = 'ada') => send('POST', '/api/app/user/old-name/rename', as, to);
    expect((await rename('train')).status).toBe(409);
    expect((await rename('old-name')).status).toBe(400);
    expect((await rename('new-name', 'vera')).status).toBe(403);
    const renamed = await rename('New_Name');
    expect([renamed.status, JSON.parse(renamed.text)]).toEqual([200, 'new-name']);
    const { body } = await until(
      () => info('new-name', '?order=ASC'),
      (answer) => answer.body.versions?.length === 2,
      60_000,
    );
    expect(body).toMatchObject({ owner: user('ada'), description: 'Trains it' });
    expect(body.versions.map(({ version, created_by: by }) => [version, by])).toEqual([
      [2, user('bob')],
      [3, user('ada')],
    ]);
    expect((await spec('new-name', '?version=2')).text).toBe(recipe('two'));
    await until(
      () => info('old-name'),
      ({ status }) => status === 404,
      60_000,
    );
  });
});

describe('it is refused', () => {
  test.each([
    ['a recipe without a workflow', 'default-values:\n  a: 1\n', /workflow: must be set/],
    ['a key that is no section', 'workflow:\n  name: a\ntasks:\n', /3:1: tasks: is no known top-level key/],
    ['an empty text', '', /fewer than 1 characters/],
    ['more characters than a recipe has', `workflow:\n${'x'.repeat(1_048_576)}`, /more than 1048576 characters/],
    [
      'more bytes than an object holds',
      `workflow:\n${'\n'.repeat(1_000_000)}`,
      /2000013 bytes as JSON; an app holds at most/,
    ],
  ])('to keep %s', async (_, text, message) => {
    const { status, body } = await create('wrong', text);
    expect([status, body.message]).toEqual([400, expect.stringMatching(message)]);
    expect((await info('wrong')).status).toBe(404);
  });

  test('to take a name that no resource can bear, or that is taken', async () => {
    expect((await create('-x-')).body.message).toContain('must be NAME');
    expect((await create('x'.repeat(64))).status).toBe(400);
    expect((await create('probe')).body).toMatchObject({
      message: expect.stringContaining('exists already'),
      error_code: 'USER',
    });
  });

  test('a body that is no text', async () => {
    const response = await gateway.send('/api/app/user/object', {
      method: 'POST',
      as: user('ada'),
      headers: { 'content-type': 'application/json' },
      body: '{"recipe": "workflow:"}',
    });
    expect(response.status).toBe(400);
  });

  test('to those who may not, by the apiserver itself', async () => {
    expect((await create('theirs', recipe('x'), 'vera')).status).toBe(403);
    expect((await update('probe', recipe('x'), 'vera')).status).toBe(403);
    expect((await send('DELETE', '/api/app/user/probe?version=1', 'vera')).status).toBe(403);
    expect((await send('DELETE', '/api/app/user/probe?all_versions=True', 'vera')).status).toBe(403);
    for (const ask of [info, spec]) {
      // oxlint-disable-next-line no-await-in-loop
      expect((await ask('probe', '', 'eve')).status).toBe(403);
      // oxlint-disable-next-line no-await-in-loop
      expect((await ask('nowhere', '', 'eve')).status).toBe(403);
    }
    expect([(await info('probe', '', 'peek')).status, (await spec('probe', '', 'peek')).status]).toEqual([200, 403]);
    expect((await create('kube-system.x')).status).toBe(403);
    expect((await info('probe')).body.versions).toHaveLength(1);
    await expect(admin.get(Apps, { name: 'theirs', namespace })).rejects.toMatchObject({ status: 404 });
  });
});

describe('a workflow of an app', () => {
  const submit = (query: string, as = 'bob') =>
    gateway
      .send(`/api/pool/${namespace}/workflow?${query}`, {
        method: 'POST',
        as: user(as),
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ file: recipe('x'), set_variables: [], set_string_variables: [] }),
      })
      .then(async (response) => ({ status: response.status, body: (await response.json()) as Body }));

  test('says so, is found by it, is repeated with it, and outlives it', async () => {
    await create('source');
    await update('source', recipe('two'));
    const { body: app } = await info('source', '?limit=1');
    const origin = `app_uuid=${app.uuid}&app_version=1`;
    // Upstream's client submits a template twice, with the app on both passes.
    expect((await submit(`${origin}&dry_run=True`)).status).toBe(200);
    const made = await submit(`${origin}&dry_run=False`);
    expect([made.status, made.body.name]).toEqual([200, 'made-1']);
    expect((await admin.get(Workflows, { name: 'made-1', namespace })).metadata.labels).toEqual({
      'osmo.dev/app': 'source',
      'osmo.dev/app-version': '1',
    });
    const newest = await submit(`app_uuid=${app.uuid}`);
    const again = await gateway.send(`/api/pool/${namespace}/workflow?workflow_id=made-1`, {
      method: 'POST',
      as: user('bob'),
    });
    expect(again.status).toBe(200);
    const inView = { app_owner: user('ada'), app_name: 'source' };
    const read = async (name: string) => (await send('GET', `/api/workflow/${name}`, 'bob')).body;
    await until(
      () => read('made-3'),
      ({ name }) => name === 'made-3',
      60_000,
    );
    expect(await read('made-1')).toMatchObject({ ...inView, app_version: 1 });
    expect(await read(newest.body.name)).toMatchObject({ ...inView, app_version: 2 });
    expect(await read('made-3')).toMatchObject({ ...inView, app_version: 1 });
    const found = async (filter: string) =>
      (await send('GET', `/api/workflow?app=${filter}`, 'bob')).body.workflows.map(({ name }) => name).toSorted();
    expect(await found('source')).toEqual(['made-1', 'made-2', 'made-3']);
    expect(await found('source:1')).toEqual(['made-1', 'made-3']);
    expect(await found(`${namespace}.Source:2`)).toEqual(['made-2']);
    expect(await found('other')).toEqual([]);
    // Whoever submitted from an app finds it among theirs.
    expect(names(await list('&name=source', 'bob'))).toEqual(['source']);
    await send('DELETE', '/api/app/user/source?all_versions=True', 'ada');
    await until(
      () => info('source'),
      ({ status }) => status === 404,
      60_000,
    );
    expect(await read('made-1')).toMatchObject({ ...inView, app_version: 1 });
    const text = await (await gateway.send('/api/workflow/made-1/spec', { as: user('bob') })).text();
    expect(text).toContain('image: busybox');
  });

  test.each([
    ['of an app that isn’t there', 'app_uuid=nowhere', 400],
    ['of a version without an app', 'app_version=1', 400],
    ['of a version that is no number', 'app_uuid=x&app_version=latest', 400],
  ])('%s is refused', async (_, query, status) => expect((await submit(query)).status).toBe(status));

  test('of a version that isn’t there is refused, and of an app that its submitter may not see', async () => {
    const { body } = await info('probe');
    expect((await submit(`app_uuid=${body.uuid}&app_version=7`)).status).toBe(404);
    expect((await submit(`app_uuid=${body.uuid}`, 'vera')).status).toBe(403);
  });
});
