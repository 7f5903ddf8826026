import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { Backends, Platforms, Pools } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
/** Names of this run begin with it. */
let run: string;
const undo: (() => Promise<unknown>)[] = [];

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function ask(method: string, path: string, body?: unknown, as = 'root'): Promise<Answer> {
  const response = await gateway.send(`/api/configs/${path}`, {
    method,
    as: `${as}@${run}`,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** What the cache comes to know. */
const comes = (path: string, holds: (body: Record<string, unknown>) => boolean) =>
  until(
    () => ask('GET', path),
    ({ status, body }) => status === 200 && holds(body),
  );

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  run = await newNamespace(admin, 'config');
  undo.push(() => admin.delete(Namespace, { name: run }));
  const resources = ['pools', 'platforms', 'backends'];
  const rights = (verbs: string[]) => [{ apiGroups: ['osmo.dev'], resources, verbs }];
  const subject = (name: string) => ({ kind: 'User', name: `${name}@${run}` }) as const;
  const all = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  undo.push(await grant(admin, `${run}-root`, subject('root'), rights(all)));
  undo.push(await grant(admin, `${run}-vera`, subject('vera'), rights(['get', 'list'])));
  gateway = await startGateway([`--default-namespace=${run}`, '--requests-per-second=1000', '--client-latest=6.4.0']);
  await until(
    () => Promise.all([ask('GET', 'pool'), ask('GET', 'pool', undefined, 'vera'), ask('GET', 'backend')]),
    (all_) => all_.every(({ status }) => status === 200),
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  const own = ({ metadata }: { metadata: { name: string } }): boolean => metadata.name.startsWith(run);
  for (const type of [Pools, Platforms, Backends] as readonly (typeof Pools)[]) {
    // oxlint-disable-next-line no-await-in-loop
    const { items } = await admin.list(type);
    // oxlint-disable-next-line no-await-in-loop
    await Promise.all(items.filter(own).map(({ metadata }) => admin.delete(type, { name: metadata.name })));
  }
  await admin.close();
});

describe('a pool', () => {
  test('is made with its platforms, changed, and deleted, as its resources', async () => {
    const [name, platform] = [`${run}-lab`, `${run}-l40`];
    const config = {
      backend: run,
      description: 'of a test',
      default_platform: platform,
      max_exec_timeout: '7d',
      default_exit_actions: { RESCHEDULE: '137', COMPLETE: '0,3-5' },
      resources: { gpu: { guarantee: 4, maximum: 8, weight: 2 } },
      platforms: { [platform]: { labels: { gpu: 'l40' }, default_variables: { CACHE: 5 }, privileged_allowed: true } },
    };
    const made = await ask('PUT', `pool/${name}`, { configs: config, description: 'for the history', tags: ['a'] });
    expect(made).toEqual({ status: 200, body: null });
    expect((await admin.get(Pools, { name })).spec).toMatchObject({
      backend: run,
      platforms: [platform],
      defaultPlatform: platform,
      timeouts: { maxExecSeconds: 604_800 },
      defaultExitActions: [
        { action: 'Reschedule', exitCodes: '137' },
        { action: 'Complete', exitCodes: '0,3-5' },
      ],
      gpuQuota: { guarantee: 4, maximum: 8, weight: 2 },
    });
    expect((await admin.get(Platforms, { name: platform })).spec).toMatchObject({
      nodeSelector: { gpu: 'l40' },
      variables: [{ name: 'CACHE', value: '5' }],
      privilegedAllowed: true,
    });

    // What only the resource has words for outlives a change.
    const more = { spec: { retryPolicy: { maxRetries: 7 }, scheduler: { type: 'KAI' } } };
    await admin.patch(Pools, { name }, { kind: 'merge', body: more });
    const read = await comes(
      `pool/${name}`,
      (body) => body['description'] === 'of a test' && JSON.stringify(body['platforms']) !== '{}',
    );
    expect(read.body).toMatchObject({
      ...config,
      max_exec_timeout: '7d',
      platforms: { [platform]: { default_variables: { CACHE: '5' } } },
    });
    const before = await admin.get(Pools, { name });
    expect((await ask('PUT', `pool/${name}`, read.body)).status).toBe(200);
    expect((await admin.get(Pools, { name })).metadata.resourceVersion).toBe(before.metadata.resourceVersion);

    const patch = {
      description: 'patched',
      resources: { gpu: { maximum: 16 } },
      default_exit_actions: { RESCHEDULE: { $action: 'delete' } },
    };
    expect((await ask('PATCH', `pool/${name}`, patch)).status).toBe(200);
    expect((await admin.get(Pools, { name })).spec).toMatchObject({
      description: 'patched',
      gpuQuota: { guarantee: 4, maximum: 16 },
      defaultExitActions: [{ action: 'Complete', exitCodes: '0,3-5' }],
      retryPolicy: { maxRetries: 7 },
      scheduler: { type: 'KAI' },
    });
    const put = await ask('PUT', `pool/${name}/platform/${platform}`, {
      description: 'only this',
      labels: { gpu: 'l40s' },
    });
    expect(put.status).toBe(200);
    const { spec } = await admin.get(Platforms, { name: platform });
    expect(spec).toMatchObject({ description: 'only this', nodeSelector: { gpu: 'l40s' }, privilegedAllowed: false });
    expect((await admin.get(Pools, { name })).spec).toMatchObject({ description: 'patched', platforms: [platform] });
    await comes(`pool/${name}/platform/${platform}`, (body) => body['description'] === 'only this');
    expect((await ask('GET', `pool/${name}/platform`)).body).toMatchObject({
      platforms: { [platform]: { labels: { gpu: 'l40s' } } },
    });

    expect((await ask('DELETE', `pool/${name}`)).status).toBe(200);
    expect((await ask('DELETE', `pool/${name}`)).status).toBe(404);
    expect((await admin.get(Platforms, { name: platform })).metadata.name).toBe(platform);
  });

  test('is changed only by those who may, and then wholly or not at all', async () => {
    const [name, platform] = [`${run}-guarded`, `${run}-guarded`];
    expect((await ask('PUT', `pool/${name}`, { backend: run, platforms: { [platform]: {} } })).status).toBe(200);
    const config = { backend: run, platforms: { [platform]: { description: 'changed' } } };
    expect((await ask('PUT', `pool/${name}`, config, 'vera')).status).toBe(403);
    expect((await ask('DELETE', `pool/${name}`, undefined, 'vera')).status).toBe(403);
    expect((await ask('GET', `pool/${name}`, undefined, 'mallory')).status).toBe(403);
    expect((await ask('PUT', `pool/${name}`, config, 'mallory')).status).toBe(403);
    // The apiserver refuses the pool, so that the platform before it is not written either.
    const wrong = await ask('PUT', `pool/${name}`, { ...config, resources: { gpu: { guarantee: 9, maximum: 1 } } });
    expect(wrong).toMatchObject({
      status: 400,
      body: { error_code: 'SUBMISSION', message: expect.stringContaining('guarantee') },
    });
    expect((await admin.get(Platforms, { name: platform })).spec.description).toBeUndefined();
    const words = await ask('PUT', `pool/${name}`, { ...config, backend: 7, colour: 1 });
    expect(words).toMatchObject({
      status: 400,
      body: { error_code: 'USAGE', message: expect.stringMatching(/colour[^]*\n[^]*backend/) },
    });
    expect((await ask('PUT', 'pool/Upper_Case', config)).body['message']).toContain('must be lower-case letters');
    expect((await ask('PATCH', `pool/${run}-nowhere`, {})).status).toBe(404);
  });

  test('shares platforms with others, which are not changed for one of them', async () => {
    const platform = `${run}-shared`;
    const [one, two] = [`${run}-one`, `${run}-two`];
    expect(
      (await ask('PUT', `pool/${one}`, { backend: run, platforms: { [platform]: { description: 'd' } } })).status,
    ).toBe(200);
    expect(
      (await ask('PUT', `pool/${two}`, { backend: run, platforms: { [platform]: { description: 'd' } } })).status,
    ).toBe(200);
    await comes('pool', ({ pools }) => JSON.stringify(pools).includes(one) && JSON.stringify(pools).includes(two));
    const refused = await ask('PUT', `pool/${one}/platform/${platform}`, { description: 'mine' });
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining(`is of ${two} too`) } });
    const left = await ask('PATCH', `pool/${one}`, { platforms: { [platform]: { $action: 'delete' } } });
    expect(left.status).toBe(200);
    expect((await admin.get(Pools, { name: one })).spec.platforms).toEqual([]);
  });

  test('holds its pod template and rules, under its own name', async () => {
    const name = `${run}-held`;
    expect((await ask('PUT', `pool/${name}`, { backend: run })).status).toBe(200);
    const template = { spec: { containers: [{ name: '{{USER_CONTAINER_NAME}}', env: [{ name: 'A', value: 'b' }] }] } };
    const rules = [
      { operator: 'LE', left_operand: '{{USER_CPU}}', right_operand: '{{K8_CPU}}', assert_message: 'too many' },
    ];
    expect((await ask('PUT', `pod_template/pool.${name}`, template)).status).toBe(200);
    expect((await ask('PUT', `resource_validation/pool.${name}`, { configs: rules, description: 'd' })).status).toBe(
      200,
    );
    expect((await admin.get(Pools, { name })).spec).toMatchObject({
      podTemplate: template,
      resourceRules: [{ operator: 'LE', left: '{{USER_CPU}}', right: '{{K8_CPU}}', message: 'too many' }],
    });
    await comes(
      `pool/${name}?verbose=True`,
      (body) => JSON.stringify(body['parsed_resource_validations']) === JSON.stringify(rules),
    );
    expect((await ask('GET', `pod_template/pool.${name}`)).body).toEqual(template);
    expect((await ask('GET', 'pod_template')).body).toMatchObject({ [`pool.${name}`]: template });
    expect((await ask('GET', `resource_validation/pool.${name}`)).body).toEqual(rules);
    expect((await ask('GET', `pool/${name}`)).body).toMatchObject({
      common_pod_template: [`pool.${name}`],
      common_resource_validations: [`pool.${name}`],
    });
    expect((await ask('PUT', `pod_template/pool.${name}`, {}, 'vera')).status).toBe(403);
    expect((await ask('PUT', 'pod_template/default_user', template)).status).toBe(404);
    expect((await ask('PUT', `resource_validation/platform.${name}`, rules)).status).toBe(404);
    expect((await ask('DELETE', `pod_template/pool.${name}`)).status).toBe(200);
    expect((await ask('DELETE', `pod_template/pool.${name}`)).status).toBe(404);
    expect((await admin.get(Pools, { name })).spec.podTemplate).toBeUndefined();
  });
});

describe('a backend', () => {
  test('is made, changed and, once no pool uses it, deleted', async () => {
    const name = `${run}-cluster`;
    const config = {
      description: 'd',
      dashboard_url: 'https://example.com/d',
      node_conditions: { rules: { Ready: 'True', 'Gpu.*': 'False' } },
    };
    expect(await ask('POST', `backend/${name}`, config)).toEqual({ status: 200, body: null });
    expect((await admin.get(Backends, { name })).spec).toMatchObject({
      description: 'd',
      dashboardURL: 'https://example.com/d',
      nodeConditions: { rules: [{ type: 'Gpu.*', status: 'False' }] },
    });
    const read = await comes(`backend/${name}`, () => true);
    expect(read.body).toMatchObject({ ...config, name, online: false, version: null });
    expect(read.body['created_date']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect((await ask('POST', `backend/${name}`, read.body)).status).toBe(200);
    expect((await ask('GET', 'backend')).body['backends']).toEqual(
      expect.arrayContaining([expect.objectContaining({ name })]),
    );
    expect((await ask('PUT', `pool/${name}`, { backend: name })).status).toBe(200);
    await comes(`pool/${name}`, () => true);
    const refused = await ask('DELETE', `backend/${name}`, {});
    expect(refused).toMatchObject({ status: 400, body: { message: expect.stringContaining(`such as ${name}`) } });
    expect((await ask('DELETE', `backend/${name}`, { force: true }, 'vera')).status).toBe(403);
    expect((await ask('DELETE', `backend/${name}`, { force: true })).status).toBe(200);
    expect((await ask('POST', `backend/${name}`, config, 'vera')).status).toBe(403);
  });
});

describe('what is configured elsewhere', () => {
  test('is read', async () => {
    const service = await ask('GET', 'service');
    expect(service).toMatchObject({
      status: 200,
      body: { service_base_url: '', cli_config: { latest_version: '6.4.0' } },
    });
    expect((await ask('GET', 'workflow')).status).toBe(200);
  });

  test.each([
    ['PATCH', 'service', 'values of the Helm chart'],
    ['PUT', 'workflow', 'values of the Helm chart'],
    ['GET', 'history', 'in Git'],
    ['POST', 'history/rollback', 'in Git'],
    ['DELETE', 'history/POOL/revision/3', 'in Git'],
    ['GET', 'diff', 'in Git'],
    ['PUT', 'pool', 'one by one'],
    ['PUT', 'pool/default/rename', 'keep their names'],
    ['GET', 'role', 'osmo-pool-admin'],
    ['PUT', 'group_template/x', 'no group templates'],
    ['GET', 'backend_test', 'no tests of backends'],
  ])('%s %s says where', async (method, path, words) => {
    const { status, body } = await ask(method, path, method === 'GET' ? undefined : {});
    expect([status, body['error_code'], body['workflow_id']]).toEqual([409, 'USER', null]);
    expect(body['message']).toContain(words);
  });
});
