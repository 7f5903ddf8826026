import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, type Bucket, type Dataset, type DatasetVersion, type Task } from '@osmo/crds';
import { until } from '@osmo/kube/testing';
import { Buckets, Datasets, DatasetVersions, Tasks, Workflows } from '../kinds.ts';
import { leaving, manifestOf, version, wrote } from '../testing/data.ts';
import { openStage, type Stage } from '../testing/hub.ts';

const limit = 60_000;
let stage: Stage;
let namespace: string;

/** What a task reads, so that what it writes says so: `<task>/<run>`. */
const written = ({ spec }: Task): string => `${spec.workflow.name}/${spec.taskName}/${spec.run ?? 0}`;

beforeAll(async () => {
  stage = await openStage('datasets', (task) => ({
    data: { ...leaving(written(task)), ...wrote(written(task), { labels: { robot: 'spot' } }) },
    imageID: 'docker.io/library/busybox@sha256:0123',
  }));
  ({ namespace } = stage.lab);
  const bucket = {
    ...{ apiVersion: Api.apiVersion, kind: 'Bucket', metadata: { name: 'robots', namespace } },
    spec: { url: 's3://robots/datasets' },
  };
  await stage.client.create(Buckets, bucket as Bucket);
});

afterAll(() => stage.close());

const templateOf = (name: string, more: object): object => ({ name, image: 'busybox', command: ['true'], ...more });
const bucketNow = (): Promise<Bucket> => stage.client.get(Buckets, { name: 'robots', namespace });
const datasetNow = (name: string): Promise<Dataset> =>
  stage.client.get(Datasets, { name: `robots.${name}`, namespace });
const versionNow = (name: string): Promise<DatasetVersion> =>
  stage.client.get(DatasetVersions, { name: `robots.${name}`, namespace });
const inputsOf = async (task: string): Promise<(string | undefined)[]> =>
  ((await stage.client.get(Tasks, { name: task, namespace })).spec.data?.inputs ?? []).map(({ manifest }) => manifest);
const versionsOf = async (dataset: string): Promise<string[]> => {
  const { items } = await stage.client.list(DatasetVersions, {
    namespace,
    labelSelector: `osmo.dev/dataset=${dataset}`,
  });
  return items.map(({ metadata }) => metadata.name).toSorted();
};

test('a task makes a version, the next reads it as the latest and updates it, and all of it is on record', async () => {
  await stage.lab.submit('chain', {
    tasks: [
      templateOf('make', { outputs: [{ dataset: { name: 'robots/Scenes:golden' } }] }),
      templateOf('more', {
        inputs: [{ task: { name: 'make' } }, { dataset: { name: 'scenes' } }],
        outputs: [{ updateDataset: { name: 'scenes' } }],
      }),
    ],
  });
  expect((await stage.lab.ended('chain', limit)).status).toMatchObject({ phase: 'Completed' });
  const [first, second] = [manifestOf('chain/make/0'), manifestOf('chain/more/0')];
  expect(await inputsOf('chain.more')).toEqual([first, first]);
  expect(await versionsOf('scenes')).toEqual(['robots.scenes.1', 'robots.scenes.2']);
  expect((await versionNow('scenes.2')).spec).toMatchObject({
    manifest: second,
    provenance: {
      ...{ task: 'more', outcome: 'Completed', imageID: 'docker.io/library/busybox@sha256:0123' },
      inputs: [
        { dataset: 'robots.scenes', version: 1, manifest: first },
        { task: 'make', manifest: first },
        { dataset: 'robots.scenes', version: 1, manifest: first },
      ],
    },
  });
  const dataset = await until(
    () => datasetNow('scenes'),
    ({ spec, status }) => status?.settledVersion === 2 && spec.tags !== undefined,
    limit,
  );
  expect(dataset.spec).toEqual({
    ...{ bucket: 'robots', name: 'Scenes', type: 'Dataset' },
    ...{ tags: [{ name: 'golden', version: 1 }], labels: { robot: 'spot' } },
  });
  expect(dataset.status).toMatchObject({ latestVersion: 2, lastVersion: 2, versions: 2, logicalBytes: 40 });
  const bucket = await until(bucketNow, ({ status }) => (status?.versions ?? 0) >= 2, limit);
  expect(bucket.status?.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
});

test('a restart makes one more version of what runs again, and reads what the rest wrote', async () => {
  await stage.lab.submit('again', {
    tasks: [
      templateOf('a', { outputs: [{ dataset: { name: 'again' } }] }),
      templateOf('b', { inputs: [{ task: { name: 'a' } }] }),
    ],
  });
  await stage.lab.ended('again', limit);
  const restart = (id: string, tasks: string[]): Promise<unknown> =>
    stage.client.patch(
      Workflows,
      { name: 'again', namespace },
      { kind: 'merge', body: { spec: { restart: { id, tasks } } } },
      { fieldManager: 'test' },
    );
  const endedAgain = (run: number) =>
    until(
      () => stage.lab.get('again'),
      ({ status }) => status?.run === run && status.phase === 'Completed',
      limit,
    );
  await restart('1', ['b']);
  await endedAgain(1);
  expect(await inputsOf('again.b')).toEqual([manifestOf('again/a/0')]);
  expect(await versionsOf('again')).toEqual(['robots.again.1']);
  await restart('2', ['a']);
  await endedAgain(2);
  expect(await inputsOf('again.b')).toEqual([manifestOf('again/a/2')]);
  expect(await versionsOf('again')).toEqual(['robots.again.1', 'robots.again.2']);
});

test('what is missing is waited for: manifests may come in any order', async () => {
  await stage.lab.submit('early', { tasks: [templateOf('read', { inputs: [{ dataset: { name: 'late' } }] })] });
  const waiting = await until(
    () => stage.lab.get('early'),
    ({ status }) => status?.reason === 'DataNotFound',
    limit,
  );
  expect(waiting.status?.message).toBe('spec.tasks[0].inputs[0].dataset.name: there is no dataset "robots.late"');
  const metadata = { name: 'robots.late', namespace };
  await stage.client.create(Datasets, {
    ...{ apiVersion: Api.apiVersion, kind: 'Dataset', metadata },
    spec: { bucket: 'robots', name: 'late', type: 'Dataset' },
  });
  const { apiVersion, kind, spec } = version('late', 1);
  await stage.client.create(DatasetVersions, {
    apiVersion,
    kind,
    metadata: { name: 'robots.late.1', namespace },
    spec,
  });
  expect((await stage.lab.ended('early', limit)).status?.phase).toBe('Completed');
  expect(await inputsOf('early.read')).toEqual([manifestOf('robots.late.1')]);
});

test('a workflow that reads from another one, which is submitted later, runs when its task has ended', async () => {
  const inputs = [{ task: { name: 'a', workflow: 'later' } }];
  await stage.lab.submit('earlier', { tasks: [templateOf('b', { inputs })] });
  await until(
    () => stage.lab.get('earlier'),
    ({ status }) => status?.reason === 'DataNotFound',
    limit,
  );
  await stage.lab.submit('later', { tasks: [templateOf('a', {})] });
  expect((await stage.lab.ended('earlier', limit)).status?.phase).toBe('Completed');
  expect(await inputsOf('earlier.b')).toEqual([manifestOf('later/a/0')]);
});

test('many that write the same dataset at once have a number each', async () => {
  const names = Array.from({ length: 6 }, (_, index) => `many-${index}`);
  const tasks = [templateOf('a', { count: 3, outputs: [{ dataset: { name: 'many' } }] })];
  await Promise.all(names.map((name) => stage.lab.submit(name, { tasks })));
  const ended = await Promise.all(names.map((name) => stage.lab.ended(name, 3 * limit)));
  expect(ended.map(({ status }) => status?.phase)).toEqual(names.map(() => 'Completed'));
  const { items } = await stage.client.list(DatasetVersions, { namespace, labelSelector: 'osmo.dev/dataset=many' });
  expect(items.map(({ spec }) => spec.version).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 18 }, (_, index) => index + 1),
  );
  expect(new Set(items.map(({ metadata }) => metadata.labels?.['osmo.dev/origin'])).size).toBe(18);
  expect(stage.backend.errors).toEqual([]);
}, 240_000);
