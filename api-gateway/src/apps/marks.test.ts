import { describe, expect, test } from '@jest/globals';
import type { App, Workflow } from '@osmo/crds';
import { appMarks, appOriginOf, appSubmitters, type Marks, originTest, repeatedMarks } from './marks.ts';

const app = {
  metadata: { name: 'train', namespace: 'shared', annotations: { 'osmo.dev/app-owner': 'ada' } },
} as unknown as App;
const workflow = (marks: Marks, namespace = 'lab'): Workflow =>
  ({ metadata: { name: 'w', namespace, ...marks } }) as never;

describe('a workflow of an app', () => {
  const elsewhere = workflow(appMarks(app, 3, 'lab'));
  const beside = workflow(appMarks(app, 3, 'shared'), 'shared');

  test('bears its name, version and owner, and its namespace only where it is another one', () => {
    expect(elsewhere.metadata).toMatchObject({
      labels: { 'osmo.dev/app': 'train', 'osmo.dev/app-version': '3', 'osmo.dev/app-namespace': 'shared' },
      annotations: { 'osmo.dev/app-owner': 'ada' },
    });
    expect(beside.metadata.labels).toEqual({ 'osmo.dev/app': 'train', 'osmo.dev/app-version': '3' });
  });

  test('shows it in upstream’s fields', () => {
    expect(appOriginOf(elsewhere, 'lab')).toEqual({ app_owner: 'ada', app_name: 'shared.train', app_version: 3 });
    expect(appOriginOf(beside, 'shared')).toEqual({ app_owner: 'ada', app_name: 'train', app_version: 3 });
    expect(appOriginOf(workflow({}), 'lab')).toEqual({ app_owner: null, app_name: null, app_version: null });
    const odd = workflow({ labels: { 'osmo.dev/app': 'x', 'osmo.dev/app-version': 'new' } });
    expect(appOriginOf(odd, 'lab')).toMatchObject({ app_name: 'x', app_version: null });
  });

  test('hands it on to one that repeats it, wherever that is', () => {
    expect(repeatedMarks(elsewhere, 'shared')).toEqual(appMarks(app, 3, 'shared'));
    expect(repeatedMarks(beside, 'lab')).toEqual(appMarks(app, 3, 'lab'));
    expect(repeatedMarks(workflow({ labels: { team: 'a' } }), 'lab')).toEqual({});
  });

  test.each([
    ['train', true],
    ['Train', true],
    ['train:3', true],
    ['train:4', false],
    ['shared.train:3', true],
    ['lab.train', false],
    ['trai', false],
    ['', false],
  ])('is found by %j: %s', (filter, want) => {
    expect(originTest(filter)(elsewhere)).toBe(want);
    expect(originTest(filter)(workflow({}))).toBe(false);
  });

  test('is found by who submitted it', () => {
    const annotations = { 'osmo.dev/submitted-by': 'bob' };
    expect(appSubmitters(workflow({ ...appMarks(app, 1, 'lab'), annotations }))).toEqual(['bob']);
    expect(appSubmitters(workflow({ annotations }))).toEqual([]);
  });
});
