import { expect, test } from '@jest/globals';
import type { SubjectAccessReview } from '@osmo/kube';
import { FakeClock } from '@osmo/kube/testing';
import type { Identity } from '../identity/identity.ts';
import { accessReviews } from './access.ts';
import { readableNamespaces } from './namespaces.ts';

const ada: Identity = { user: 'ada', groups: ['lab'], method: 'token' };

function setUp(allows: (spec: SubjectAccessReview['spec']) => boolean) {
  const clock = new FakeClock();
  const asked: SubjectAccessReview['spec'][] = [];
  const client = {
    create: async (_: unknown, review: SubjectAccessReview) => {
      asked.push(review.spec);
      return { ...review, status: { allowed: allows(review.spec) } };
    },
  };
  return { clock, asked, access: accessReviews(client as never, clock) };
}

test('a question is asked in full, once for a while, and for each caller and deed anew', async () => {
  const { clock, asked, access } = setUp(({ user }) => user === 'ada');
  const deed = { verb: 'get', resource: 'workflows', subresource: 'log', namespace: 'n', name: 'w' } as const;
  expect(await access.may(ada, deed)).toBe(true);
  expect(await access.may({ ...ada }, { ...deed })).toBe(true);
  expect(asked).toEqual([
    { user: 'ada', groups: ['lab'], resourceAttributes: { group: 'osmo.dev', version: 'v1alpha1', ...deed } },
  ]);
  expect(await access.may({ ...ada, user: 'eve' }, deed)).toBe(false);
  await access.may({ ...ada, groups: [] }, deed);
  await access.may(ada, { ...deed, name: 'other' });
  await access.may(ada, { ...deed, verb: 'patch' });
  expect(asked).toHaveLength(5);
  clock.advance(5001);
  await access.may(ada, deed);
  expect(asked).toHaveLength(6);
});

test('a refusal names who, what and where', async () => {
  const { access } = setUp(() => false);
  const deed = { verb: 'get', resource: 'workflows', namespace: 'n', name: 'w' } as const;
  await expect(access.demand(ada, deed)).rejects.toMatchObject({
    status: 403,
    message: expect.stringContaining('user "ada" cannot get workflows.osmo.dev "w" in the namespace "n"'),
  });
});

test('namespaces are asked for one by one only where no answer covers all', async () => {
  const narrow = setUp(({ resourceAttributes }) => resourceAttributes?.namespace === 'b');
  const names = ['a', 'b', 'b', 'c'];
  expect(await readableNamespaces(narrow.access, ada, 'workflows', () => names)).toEqual(new Set(['b']));
  expect(narrow.asked).toHaveLength(4);
  const wide = setUp(() => true);
  expect(await readableNamespaces(wide.access, ada, 'workflows', () => names)).toBe('all');
  expect(wide.asked).toHaveLength(1);
});
