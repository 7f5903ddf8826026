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
  const bearer = (authorization: string | undefined, remoteAddress = '10.0.0.1') =>
    signIn({ headers: { authorization }, remoteAddress });
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

test('an address that brings one made-up token after the other is held up, and nobody else', async () => {
  const { clock, asked, bearer } = setUp((token) => (token?.startsWith('good') ? ada : { authenticated: false }));
  await bearer('Bearer good');
  for (let count = 0; count < 99; count++) {
    // oxlint-disable-next-line no-await-in-loop
    await expect(bearer(`Bearer bad${count}`)).rejects.toMatchObject({ status: 401 });
  }
  expect(asked).toHaveLength(100);
  await expect(bearer('Bearer bad')).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
  expect(asked).toHaveLength(100);
  // Those who work behind the same proxy go on, and others too.
  clock.advance(10_001 - 1_000);
  await expect(bearer('Bearer fine', '10.0.0.2')).rejects.toMatchObject({ status: 401 });
  expect(await bearer('Bearer good-too', '10.0.0.2')).toMatchObject({ user: 'ada' });
  for (let count = 0; count < 90; count++) {
    // oxlint-disable-next-line no-await-in-loop
    await expect(bearer(`Bearer worse${count}`)).rejects.toMatchObject({ status: 401 });
  }
  await expect(bearer('Bearer worst')).rejects.toMatchObject({ status: 429 });
  clock.advance(1_000);
  for (let count = 0; count < 10; count++) {
    // oxlint-disable-next-line no-await-in-loop
    await expect(bearer(`Bearer last${count}`)).rejects.toMatchObject({ status: 401 });
  }
  const before = asked.length;
  expect(await bearer('Bearer good')).toMatchObject({ user: 'ada' });
  expect(asked).toHaveLength(before + 1);
  await expect(bearer('Bearer bad')).rejects.toMatchObject({ status: 429 });
  clock.advance(1_000);
  await expect(bearer('Bearer bad')).rejects.toMatchObject({ status: 401 });
});

test('a failure is not remembered', async () => {
  let broken = true;
  const { bearer } = setUp(() => (broken ? new KubeError({ status: 500, reason: 'R', message: 'm' }) : ada));
  await expect(bearer('Bearer abc')).rejects.toMatchObject({ status: 500 });
  broken = false;
  expect(await bearer('Bearer abc')).toMatchObject({ user: 'ada' });
});
