import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Tasks } from '../kinds.ts';
import type { FakeApiserver } from '@osmo/kube/testing';
import { startHub } from '../testing/fake-clusters.ts';
import { newTask } from '../testing/tasks.ts';
import { GoneTasks } from './gone-tasks.ts';

const ref = { namespace: 'team-a', name: 'hello.train', uid: 'the-uid' };

describe('GoneTasks', () => {
  let hub: FakeApiserver;
  let gone: GoneTasks;
  const ask = (...refs: (typeof ref)[]) => gone.ask(refs, new AbortController().signal);

  beforeEach(async () => {
    hub = await startHub();
    gone = new GoneTasks(hub.client());
  });
  afterEach(() => hub.close());

  test('a Task that is not there is gone', async () => {
    await ask(ref, { ...ref, name: 'hello.other', uid: 'other' });
    expect(gone.uids).toEqual(new Set(['the-uid', 'other']));
  });

  test('so is one whose name belongs to another by now', async () => {
    hub.seed(Tasks, newTask());
    await ask(ref);
    expect(gone.uids).toEqual(new Set(['the-uid']));
  });

  test('a Task that is there is not', async () => {
    const { metadata } = hub.seed(Tasks, newTask());
    await ask({ ...ref, uid: metadata.uid ?? '' });
    expect(gone.uids.size).toBe(0);
  });

  test('a hub that can not answer has not said so', async () => {
    hub.inject({ effect: { respond: { status: 403, message: 'no' } } });
    await expect(ask(ref)).rejects.toMatchObject({ status: 403 });
    expect(gone.uids.size).toBe(0);
  });

  test('what is of no use any more is forgotten', async () => {
    await ask(ref);
    gone.forget('the-uid');
    expect(gone.uids.size).toBe(0);
  });
});
