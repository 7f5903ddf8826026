import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Api, type App, type AppSpec, type AppVersion } from '@osmo/crds';
import type { KubeClient } from '@osmo/kube';
import { until } from '@osmo/kube/testing';
import { Apps, AppVersions } from '../kinds.ts';
import { Hub, type Lab, openLab } from '../testing/hub.ts';

let lab: Lab;
let hub: Hub;
let client: KubeClient;

beforeAll(async () => {
  lab = await openLab('apps');
  ({ client } = lab);
  hub = new Hub(client, lab.namespace);
  hub.start();
});

afterAll(async () => {
  await hub.stop();
  await lab.clear();
  await client.close();
});

/** As `kubectl apply` does. */
const apply = (name: string, spec: Partial<AppSpec>): Promise<App> =>
  client.apply(
    Apps,
    { apiVersion: Api.apiVersion, kind: 'App', metadata: { name, namespace: lab.namespace }, spec },
    { fieldManager: 'kubectl', force: true },
  );
const read = (name: string): Promise<App> => client.get(Apps, { name, namespace: lab.namespace });
const versionsOf = async (name: string): Promise<Record<string, string>> => {
  const { items } = await client.list(AppVersions, {
    namespace: lab.namespace,
    labelSelector: `osmo.dev/app=${name}`,
  });
  return Object.fromEntries(items.map(({ metadata, spec }) => [metadata.name, spec.recipe]));
};
const recorded = (name: string): Promise<App> =>
  until(
    () => read(name),
    ({ metadata, status }) => status?.observedGeneration === metadata.generation && status?.latestVersion !== undefined,
    60_000,
  );
const recipe = (word: string): string => `# ${word}\nworkflow:\n  name: "{{ name }}"\n`;

test('an applied App has a version of each recipe that it was given, and one more after it was changed back', async () => {
  await apply('train', { recipe: recipe('a') });
  expect((await recorded('train')).status).toMatchObject({ latestVersion: 1, versions: 1, lastVersion: 1 });
  await apply('train', { recipe: recipe('b') });
  await recorded('train');
  // The same once more, and something else about the app, is nothing new.
  await apply('train', { recipe: recipe('b'), description: 'Trains.' });
  await recorded('train');
  await apply('train', { recipe: recipe('a'), description: 'Trains.' });
  expect((await recorded('train')).status).toMatchObject({ latestVersion: 3, versions: 3 });
  expect(await versionsOf('train')).toEqual({
    'train.1': recipe('a'),
    'train.2': recipe('b'),
    'train.3': recipe('a'),
  });
});

test('a version that was deleted stays away, and its number is not given again', async () => {
  await apply('gone', { recipe: recipe('a') });
  await recorded('gone');
  await client.delete(AppVersions, { name: 'gone.1', namespace: lab.namespace });
  await until(
    () => read('gone'),
    ({ status }) => status?.versions === 0,
    60_000,
  );
  await apply('gone', { recipe: recipe('b') });
  await recorded('gone');
  expect(Object.keys(await versionsOf('gone'))).toEqual(['gone.2']);
});

test('a version that somebody adds beside the recipe is counted, and the recipe is left as it is', async () => {
  const { metadata } = await apply('shared', { recipe: recipe('a') });
  await recorded('shared');
  const owner = { apiVersion: Api.apiVersion, kind: 'App', name: 'shared', uid: metadata.uid ?? '', controller: true };
  const version: AppVersion = {
    apiVersion: Api.apiVersion,
    kind: 'AppVersion',
    metadata: {
      name: 'shared.2',
      namespace: lab.namespace,
      labels: { 'osmo.dev/app': 'shared' },
      ownerReferences: [owner],
    },
    spec: { app: 'shared', version: 2, recipe: recipe('c') },
  };
  await client.create(AppVersions, version);
  await until(
    () => read('shared'),
    ({ status }) => status?.latestVersion === 2,
    60_000,
  );
  await apply('shared', { recipe: recipe('d') });
  await recorded('shared');
  expect(await versionsOf('shared')).toEqual({
    'shared.1': recipe('a'),
    'shared.2': recipe('c'),
    'shared.3': recipe('d'),
  });
});

test('only as many versions stay as the App keeps', async () => {
  for (const word of ['a', 'b', 'c', 'd']) {
    // oxlint-disable-next-line no-await-in-loop
    await apply('short', { recipe: recipe(word), historyLimit: 2 });
    // oxlint-disable-next-line no-await-in-loop
    await recorded('short');
  }
  const kept = { 'short.3': recipe('c'), 'short.4': recipe('d') };
  expect(
    await until(
      () => versionsOf('short'),
      (versions) => Object.keys(versions).length === 2,
      60_000,
    ),
  ).toEqual(kept);
});

test('a recipe of nearly a mebibyte is taken', async () => {
  const large = recipe('x'.repeat(1_000_000));
  await apply('large', { recipe: large });
  await recorded('large');
  expect(await versionsOf('large')).toEqual({ 'large.1': large });
});
