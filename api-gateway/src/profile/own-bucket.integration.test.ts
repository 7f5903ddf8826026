import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import { Pools, Workflows } from '../kinds.ts';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { grant } from '../testing/rights.ts';

let admin: KubeClient;
let gateway: TestGateway;
let home: string;
let other: string;
const undo: (() => Promise<unknown>)[] = [];
const user = (name: string): string => `${name}-${home}`;

// Whatever an answer holds: each step looks at what it is about.
// oxlint-disable-next-line typescript/no-explicit-any
type Body = any;

async function send(
  path: string,
  as: string,
  body?: unknown,
  method = body === undefined ? 'GET' : 'POST',
): Promise<{ status: number; body: Body }> {
  const response = await gateway.send(path, {
    as: user(as),
    method,
    ...(body !== undefined && {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  });
  return { status: response.status, body: await response.json() };
}
const settings = '/api/profile/settings';
const isOk = ({ status }: { status: number }): boolean => status === 200;

/** Sets the bucket, and waits until the gateway has heard of it from the cluster. */
async function set(bucket: string | null, as = 'ada'): Promise<void> {
  const { status, body } = await send(settings, as, { bucket });
  expect([status, body.profile?.bucket]).toEqual([200, bucket]);
  await until(
    () => send(settings, as),
    (answer) => answer.body.profile?.bucket === bucket,
    60_000,
  );
}
const preferred = async (as: string, query = ''): Promise<string | null> =>
  (await send(`/api/bucket?default_only=True${query}`, as)).body.default;

const recipe = `workflow:
  name: moves
  tasks:
  - name: make
    image: busybox
    command: ["true"]
    outputs:
    - dataset: {name: lidar}
    - update_dataset: {name: sets/radar}
`;
/** The names of the datasets that a recipe was submitted with. */
async function submitted(as: string): Promise<(string | undefined)[]> {
  const { status, body } = await send(`/api/pool/${home}/workflow`, as, { file: recipe });
  expect([status, body.message]).toEqual([200, undefined]);
  const { spec } = await admin.get(Workflows, { name: body.name, namespace: home });
  const { outputs = [] } = spec.tasks?.[0] ?? {};
  return outputs.map(({ dataset, updateDataset }) => (dataset ?? updateDataset)?.name);
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  home = await newNamespace(admin, 'own-bucket');
  other = await newNamespace(admin, 'own-bucket-other');
  const all = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
  const own = (resources: string[], verbs = all) => ({ apiGroups: ['osmo.dev'], resources, verbs });
  const data = own(['buckets', 'datasets', 'datasetversions']);
  for (const name of ['ada', 'ben']) {
    const subject = { kind: 'User', name: user(name) } as const;
    undo.push(
      await grant(admin, user(name), subject, [own(['workflows']), data], home),
      await grant(admin, user(name), subject, [data], other),
      await grant(admin, user(name), subject, [own(['pools'], ['list']), own(['users'], ['get', 'patch'])]),
    );
  }
  const pool = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Pool', metadata: { name: home } };
  await admin.create(Pools, { ...pool, spec: { backend: home } } as never);
  undo.push(() => admin.delete(Pools, { name: home }));
  gateway = await startGateway([`--default-namespace=${home}`, '--requests-per-second=1000']);
  const make = async (id: string, more: object = {}): Promise<void> => {
    await until(
      () => send(`/api/bucket/${id}`, 'ada', { url: `s3://lab/${id}`, ...more }),
      (answer) => [200, 409].includes(answer.status),
    );
    for (const name of ['ada', 'ben']) await until(() => send(`/api/bucket/${id}`, name), isOk);
  };
  await make('sets', { default: true });
  await make('maps');
  await make(`${other}.far`);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
});

test('names of datasets without a bucket mean that of the profile, for whoever has set it', async () => {
  expect((await send(settings, 'ada')).body.profile.bucket).toBeNull();
  expect([await preferred('ada'), await submitted('ada')]).toEqual(['sets', ['lidar', 'sets/radar']]);
  await set('maps');
  expect([await preferred('ada'), await submitted('ada')]).toEqual(['maps', ['maps/lidar', 'sets/radar']]);
  expect([await preferred('ben'), await submitted('ben')]).toEqual(['sets', ['lidar', 'sets/radar']]);
  // One of another namespace is for what is there.
  await set(`${other}.far`);
  expect(await preferred('ada')).toBe(`${other}.far`);
  expect(await preferred('ada', `&namespace=${other}`)).toBe(`${other}.far`);
  expect([await preferred('ada', `&namespace=${home}`), await submitted('ada')]).toEqual([
    'sets',
    ['lidar', 'sets/radar'],
  ]);
  await set(null);
  expect(await preferred('ada')).toBe('sets');
});

test.each([
  ['none-such', 404, 'there is no bucket "none-such"'],
  ['a/b', 400, 'bucket "a/b": must be NAME, or NAMESPACE.NAME'],
  ['elsewhere.maps', 403, 'buckets'],
])('%s is refused', async (bucket, status, message) => {
  expect(await send(settings, 'ada', { bucket })).toMatchObject({
    status,
    body: { message: expect.stringContaining(message) },
  });
});

test('what is submitted once more stays where it is', async () => {
  const first = await send(`/api/pool/${home}/workflow`, 'ben', { file: recipe });
  await set('maps', 'ben');
  const again = await until(
    () => send(`/api/pool/${home}/workflow?workflow_id=${first.body.name}`, 'ben', undefined, 'POST'),
    isOk,
  );
  const { spec } = await admin.get(Workflows, { name: again.body.name, namespace: home });
  expect(spec.tasks?.[0]?.outputs?.map(({ dataset }) => dataset?.name)).toEqual(['lidar', undefined]);
});
