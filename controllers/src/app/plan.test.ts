import { describe, expect, test } from '@jest/globals';
import type { App, AppStatus, AppVersion } from '@osmo/crds';
import { digestOf, slimApp, slimAppVersion } from './digest.ts';
import { isUnrecorded, planApp } from './plan.ts';

const apiVersion = 'osmo.dev/v1alpha1';
const a = 'workflow: {name: a}';
const b = 'workflow: {name: b}';

const app = (spec: Partial<App['spec']> = {}, status?: Partial<AppStatus>): App =>
  slimApp({
    apiVersion,
    kind: 'App',
    metadata: { name: 'train', namespace: 'lab', uid: 'uid-1', generation: 4 },
    spec: { historyLimit: 100, ...spec },
    ...(status !== undefined && { status: { versions: 0, lastVersion: 0, ...status } }),
  });
const version = (number: number, recipe: string, { owner = 'uid-1', deleted = false } = {}): AppVersion =>
  slimAppVersion({
    apiVersion,
    kind: 'AppVersion',
    metadata: {
      name: `train.${number}`,
      namespace: 'lab',
      uid: `version-${number}`,
      ...(deleted && { deletionTimestamp: '2026-01-01T00:00:00Z' }),
      ownerReferences: [{ apiVersion, kind: 'App', name: 'train', uid: owner, controller: true }],
    },
    spec: { app: 'train', version: number, recipe },
  });
const created = (world: Parameters<typeof planApp>[0]): (string | undefined)[] =>
  (planApp(world).apply ?? []).map(({ object }) => object.metadata.name);

describe('a recipe of the app', () => {
  test('becomes its first version, which belongs to it', () => {
    const { apply, status } = planApp({ app: app({ recipe: a }), versions: [], recipe: a });
    expect(apply).toEqual([
      {
        mode: 'create',
        type: expect.objectContaining({ plural: 'appversions' }),
        object: {
          apiVersion,
          kind: 'AppVersion',
          metadata: {
            name: 'train.1',
            namespace: 'lab',
            labels: { 'osmo.dev/app': 'train' },
            ownerReferences: [
              { apiVersion, kind: 'App', name: 'train', uid: 'uid-1', controller: true, blockOwnerDeletion: false },
            ],
          },
          spec: { app: 'train', version: 1, recipe: a },
        },
      },
    ]);
    // Nothing is said to be recorded before the cache has it.
    expect(status).toEqual({ versions: 0, lastVersion: 0 });
  });

  test.each<[string, { app: App; versions: AppVersion[] }, boolean]>([
    ['that is declared nowhere', { app: app(), versions: [version(1, a)] }, false],
    ['that was recorded', { app: app({ recipe: a }, { recordedDigest: digestOf(a) }), versions: [] }, false],
    [
      'that was recorded, and its version deleted',
      { app: app({ recipe: b }, { recordedDigest: digestOf(b), lastVersion: 2 }), versions: [version(1, a)] },
      false,
    ],
    [
      'that has changed',
      { app: app({ recipe: b }, { recordedDigest: digestOf(a), lastVersion: 1 }), versions: [version(1, a)] },
      true,
    ],
    [
      'that was changed back',
      {
        app: app({ recipe: a }, { recordedDigest: digestOf(b), lastVersion: 2 }),
        versions: [version(1, a), version(2, b)],
      },
      true,
    ],
    [
      'that the newest version has',
      {
        app: app({ recipe: b }, { recordedDigest: digestOf(a), lastVersion: 2 }),
        versions: [version(1, a), version(2, b)],
      },
      false,
    ],
    [
      'whose version was made, and then somebody else made another',
      {
        app: app({ recipe: b }, { recordedDigest: digestOf(a), lastVersion: 1 }),
        versions: [version(1, a), version(2, b), version(3, 'c')],
      },
      false,
    ],
    [
      'whose number somebody else took',
      {
        app: app({ recipe: b }, { recordedDigest: digestOf(a), lastVersion: 1 }),
        versions: [version(1, a), version(2, 'c')],
      },
      true,
    ],
    [
      'that only a version of an earlier app has',
      { app: app({ recipe: a }), versions: [version(1, a, { owner: 'uid-0' })] },
      true,
    ],
    [
      'that only a version has which is going',
      { app: app({ recipe: a }), versions: [version(1, a, { deleted: true })] },
      true,
    ],
  ])('%s', (_, world, want) => {
    expect(isUnrecorded(world)).toBe(want);
    const recipe = want ? 'the text' : undefined;
    expect(created({ ...world, recipe })).toHaveLength(want ? 1 : 0);
  });

  test('gets a number that no version ever had', () => {
    const world = { app: app({ recipe: b }, { lastVersion: 7 }), versions: [version(3, a)], recipe: b };
    expect(created(world)).toEqual(['train.8']);
  });
  test('that has moved on waits for the cache to tell', () =>
    expect(created({ app: app({ recipe: b }), versions: [], recipe: undefined })).toEqual([]));
  test('of an app that is going is left', () => {
    const going = app({ recipe: a });
    going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    expect(planApp({ app: going, versions: [], recipe: a })).toEqual({});
  });
});

describe('the status', () => {
  test('says which versions there are, and what of the app they are of', () => {
    const world = { app: app({ recipe: b }, { lastVersion: 5 }), versions: [version(2, b), version(1, a)] };
    expect(planApp(world).status).toEqual({
      observedGeneration: 4,
      latestVersion: 2,
      versions: 2,
      lastVersion: 5,
      recordedDigest: digestOf(b),
    });
  });
  test('says that there is none', () =>
    expect(planApp({ app: app(), versions: [] }).status).toEqual({
      observedGeneration: 4,
      versions: 0,
      lastVersion: 0,
    }));
});

test('the oldest versions beyond the limit go, each in its own incarnation', () => {
  const versions = [3, 1, 4, 2].map((number) => version(number, `r${number}`));
  const { remove, status } = planApp({ app: app({ historyLimit: 2 }), versions });
  expect(remove).toMatchObject([
    { name: 'train.1', namespace: 'lab', uid: 'version-1' },
    { name: 'train.2', namespace: 'lab', uid: 'version-2' },
  ]);
  expect(status).toMatchObject({ versions: 2, latestVersion: 4, lastVersion: 4 });
});
