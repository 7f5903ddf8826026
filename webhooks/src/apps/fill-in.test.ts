import { describe, expect, test } from '@jest/globals';
import type { App, Workflow, WorkflowSpecInput } from '@osmo/crds';
import { filledIn } from './fill-in.ts';

const app = (change: Partial<App['metadata']> = {}): App => ({
  apiVersion: 'osmo.dev/v1alpha1',
  kind: 'App',
  metadata: { name: 'greet', namespace: 'ns', ...change },
  spec: { historyLimit: 100 },
});
const tasks = [{ name: 'a', image: 'i', command: ['c'] }];
const written = (spec: object = {}, metadata: object = {}): Workflow =>
  ({
    metadata: { name: 'w', namespace: 'ns', ...metadata },
    spec: { pool: 'default', priority: 'Normal', app: { name: 'greet' }, ...spec },
  }) as never;
const specOf = (workflow: Workflow, rendered: WorkflowSpecInput = { tasks }): unknown =>
  filledIn(workflow, { app: app(), version: 3 }, rendered)[0]?.value;
const marksOf = (workflow: Workflow, of = app()): unknown =>
  filledIn(workflow, { app: of, version: 3 }, { tasks }).slice(1);

describe('the spec', () => {
  test('is what the app says, with the number of its version', () =>
    expect(specOf(written(), { tasks, source: { template: 't' } })).toEqual({
      ...{ pool: 'default', priority: 'Normal', app: { name: 'greet', version: 3 } },
      ...{ tasks, source: { template: 't' } },
    }));
  test('is in the pool of the recipe where its author names none', () => {
    expect(specOf(written(), { tasks, pool: 'gpu' })).toMatchObject({ pool: 'gpu' });
    expect(specOf(written({ pool: 'mine' }), { tasks, pool: 'gpu' })).toMatchObject({ pool: 'mine' });
  });
  test('has what its author wrote over what the recipe says', () => {
    const rendered: WorkflowSpecInput = {
      tasks,
      labels: { team: 'a', kind: 'x' },
      timeouts: { execSeconds: 1, queueSeconds: 2 },
      resources: [
        { name: 'default', cpu: '1' },
        { name: 'big', cpu: '8' },
      ],
    };
    const own = {
      labels: { team: 'b' },
      timeouts: { execSeconds: 9 },
      resources: [{ name: 'default', cpu: '2' }],
      priority: 'High',
      maxParallel: 4,
    };
    expect(specOf(written(own), rendered)).toMatchObject({
      labels: { team: 'b', kind: 'x' },
      timeouts: { execSeconds: 9, queueSeconds: 2 },
      resources: [
        { name: 'big', cpu: '8' },
        { name: 'default', cpu: '2' },
      ],
      priority: 'High',
      maxParallel: 4,
    });
    expect(specOf(written(), rendered)).toMatchObject(rendered);
  });
});

describe('the labels and annotations', () => {
  test('name the app and its version', () =>
    expect(marksOf(written())).toEqual([
      { op: 'add', path: '/metadata/labels', value: { 'osmo.dev/app': 'greet', 'osmo.dev/app-version': '3' } },
    ]));
  test('are put beside those that are there, and name the namespace and the owner of an app of others', () =>
    expect(
      marksOf(
        written({}, { labels: { team: 'b', 'osmo.dev/app': 'other' }, annotations: {} }),
        app({ namespace: 'apps', annotations: { 'osmo.dev/app-owner': 'ada' } }),
      ),
    ).toEqual([
      { op: 'add', path: '/metadata/labels/osmo.dev~1app', value: 'greet' },
      { op: 'add', path: '/metadata/labels/osmo.dev~1app-version', value: '3' },
      { op: 'add', path: '/metadata/labels/osmo.dev~1app-namespace', value: 'apps' },
      { op: 'add', path: '/metadata/annotations/osmo.dev~1app-owner', value: 'ada' },
    ]));
  test('do not claim an app of another namespace', () =>
    expect(marksOf(written({}, { labels: { 'osmo.dev/app-namespace': 'other' } }))).toContainEqual({
      op: 'add',
      path: '/metadata/labels/osmo.dev~1app-namespace',
      value: 'ns',
    }));
});
