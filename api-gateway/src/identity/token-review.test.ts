import { expect, test } from '@jest/globals';
import { KubeError } from '@osmo/kube';
import { FakeClock } from '@osmo/kube/testing';
import type { TokenReview } from '../kinds.ts';
import { tokenReview } from './token-review.ts';

function setUp(answer: (token: string | undefined) => TokenReview['status'] | Error) {
  const clock = new FakeClock();
  const asked: (string | undefined)[] = [];
  const client = {
    create: async (_: unknown, review: TokenReview) => {
      asked.push(review.spec.token);
      const status = answer(review.spec.token);
      if (status instanceof Error) throw status;
      return { ...review, status };
    },
  };
  const signIn = tokenReview(client as never, clock);
  const bearer = (authorization: string | undefined) =>
    signIn({ headers: { authorization }, remoteAddress: '10.0.0.1' });
  return { clock, asked, bearer };
}
const ada = { authenticated: true, user: { username: 'ada', groups: ['lab'] } };

test('the apiserver says whose a token is, and is asked again after a while', async () => {
  const { clock, asked, bearer } = setUp(() => ada);
  const want = { user: 'ada', groups: ['lab'], method: 'token' };
  expect(await bearer('Bearer abc')).toEqual(want);
  expect(await bearer('bearer abc ')).toEqual(want);
  expect(asked).toEqual(['abc']);
  clock.advance(10_001);
  expect(await bearer('Bearer abc')).toEqual(want);
  expect(asked).toEqual(['abc', 'abc']);
});

test('requests at the same moment make one question', async () => {
  const { asked, bearer } = setUp(() => ada);
  await Promise.all(Array.from({ length: 20 }, () => bearer('Bearer abc')));
  expect(asked).toEqual(['abc']);
});

test('a token that nobody knows is refused, and so is a header that holds none', async () => {
  const { asked, bearer } = setUp(() => ({ authenticated: false }));
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 401 });
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 401 });
  expect(asked).toEqual(['abc']);
  for (const wrong of ['Basic YTpi', 'Bearer', 'Bearer a b', `Bearer ${'x'.repeat(20_000)}`, 'Bearer a"b']) {
    // oxlint-disable-next-line no-await-in-loop
    await expect(bearer(wrong)).rejects.toMatchObject({ status: 401 });
  }
  expect(asked).toEqual(['abc']);
  expect(await bearer(undefined)).toBeUndefined();
});

test('who is beyond RBAC is refused', async () => {
  const { bearer } = setUp(() => ({ authenticated: true, user: { username: 'root', groups: ['system:masters'] } }));
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 403 });
});

test('an answer without a name is none', async () => {
  const { bearer } = setUp(() => ({ authenticated: true, user: { groups: ['lab'] } }));
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 401 });
});

test('a failure is not remembered', async () => {
  let broken = true;
  const { bearer } = setUp(() => (broken ? new KubeError({ status: 500, reason: 'R', message: 'm' }) : ada));
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 500 });
  broken = false;
  expect(await bearer('Bearer abc')).toMatchObject({ user: 'ada' });
});
