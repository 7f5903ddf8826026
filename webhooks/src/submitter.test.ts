import { describe, expect, test } from '@jest/globals';
import type { AdmissionRequest } from './review/types.ts';
import { submitterOf } from './submitter.ts';

const by = 'osmo.dev/submitted-by';
const ask = (change: Partial<AdmissionRequest> = {}, metadata: object = {}): AdmissionRequest => ({
  uid: 'u',
  kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Workflow' },
  operation: 'CREATE',
  namespace: 'ns',
  userInfo: { username: 'ann@lab.example' },
  object: { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w', ...metadata } },
  ...change,
});
const patchOf = (request: AdmissionRequest): unknown => {
  const { patch } = submitterOf(request);
  return patch === undefined ? undefined : JSON.parse(Buffer.from(patch, 'base64').toString());
};

describe('who submits is written on a workflow', () => {
  test('that has no annotations', () => {
    expect(patchOf(ask())).toEqual([{ op: 'add', path: '/metadata/annotations', value: { [by]: 'ann@lab.example' } }]);
  });
  test.each([{ other: 'x' }, {}, { [by]: '' }])('that has %j', (annotations) => {
    const path = '/metadata/annotations/osmo.dev~1submitted-by';
    expect(patchOf(ask({}, { annotations }))).toEqual([{ op: 'add', path, value: 'ann@lab.example' }]);
  });
});

test.each<[string, AdmissionRequest]>([
  ['a name that is there, which a policy judges', ask({}, { annotations: { [by]: 'bob' } })],
  ['an update', ask({ operation: 'UPDATE' })],
  ['a deletion', ask({ operation: 'DELETE', object: null })],
  ['another kind', ask({ kind: { group: 'osmo.dev', version: 'v1alpha1', kind: 'Task' } })],
  ['a subresource', ask({ subResource: 'status' })],
  ['nobody', ask({ userInfo: {} })],
])('nothing is written for %s', (_, request) => {
  expect(submitterOf(request)).toEqual({ uid: 'u', allowed: true });
});
