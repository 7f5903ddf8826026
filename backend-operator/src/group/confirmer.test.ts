import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TaskType } from '@osmo/crds';
import { silentLogger } from '@osmo/kube';
import type { FakeApiserver } from '@osmo/kube/testing';
import { FakeClock } from '@osmo/kube/testing';
import { startHub } from '../testing/fake-clusters.ts';
import { newTask } from '../testing/tasks.ts';
import { until } from '../testing/until.ts';
import { TaskConfirmer } from './confirmer.ts';

const ref = { namespace: 'team-a', name: 'hello.train', uid: 'the-uid' };

describe('TaskConfirmer', () => {
  let hub: FakeApiserver;
  let clock: FakeClock;
  let confirmer: TaskConfirmer;
  let answers: number;
  const answered = () => {
    answers += 1;
  };
  const asked = () => hub.requests.filter(({ verb }) => verb === 'get').length;

  beforeEach(async () => {
    hub = await startHub();
    clock = new FakeClock();
    confirmer = new TaskConfirmer(hub.client(), clock, silentLogger);
    answers = 0;
  });
  afterEach(() => hub.close());

  test('a Task that is not there is gone', async () => {
    confirmer.ask(ref, answered);
    confirmer.ask(ref, answered);
    await until(
      () => answers,
      (n) => n === 1,
    );
    expect(confirmer.gone).toEqual(new Set(['the-uid']));
    confirmer.ask(ref, answered);
    expect(asked()).toBe(1);
  });

  test('a Task of the same name that is another one means that ours is gone', async () => {
    hub.seed(TaskType, newTask());
    confirmer.ask(ref, answered);
    await until(
      () => confirmer.gone,
      (gone) => gone.has('the-uid'),
    );
  });

  test('a Task that is there is not gone, and is asked for again only after a while', async () => {
    const { metadata } = hub.seed(TaskType, newTask());
    const there = { ...ref, uid: metadata.uid ?? '' };
    confirmer.ask(there, answered);
    await until(
      () => clock.pending,
      (n) => n === 1,
    );
    confirmer.ask(there, answered);
    expect([asked(), answers, confirmer.gone.size]).toEqual([1, 0, 0]);
    clock.advance(30_000);
    expect(answers).toBe(1);
    hub.remove(TaskType, ref);
    confirmer.ask(there, answered);
    await until(
      () => confirmer.gone.size,
      (n) => n === 1,
    );
  });

  test('a hub that can not answer has not said that the Task is gone', async () => {
    hub.inject({ times: 100, effect: { respond: { status: 403, message: 'no' } } });
    confirmer.ask(ref, answered);
    await until(
      () => clock.pending,
      (n) => n === 1,
    );
    expect(confirmer.gone.size).toBe(0);
    confirmer.stop();
    expect(clock.pending).toBe(0);
  });

  test('what is of no use any more is forgotten', async () => {
    confirmer.ask(ref, answered);
    await until(
      () => answers,
      (n) => n === 1,
    );
    confirmer.forget('the-uid');
    expect(confirmer.gone.size).toBe(0);
  });
});
