import { describe, expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { KubeError, type RefusedWrite } from '@osmo/kube';
import { Tasks, Workflows } from '../kinds.ts';
import { template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';
import { takeRefusal } from './refusals.ts';

const refusal = (status: number, message = 'no'): KubeError => new KubeError({ status, reason: 'Refused', message });

function setUp() {
  const run = new Simulation(workflow({ tasks: [template('a')] }));
  const task = run.plan().apply?.[0]?.object as Task;
  const creation: RefusedWrite = { kind: 'apply', desired: { mode: 'create', type: Tasks, object: task } };
  const status: RefusedWrite = { kind: 'status', write: { type: Workflows, object: run.workflow, status: {} } };
  const take = (write: RefusedWrite, error: Error): boolean => takeRefusal(write, error, run.records, run.now);
  return { run, creation, status, take };
}

describe('a Task that is refused', () => {
  test.each<[string, KubeError]>([
    ['as invalid', refusal(422, 'spec.exitActions: Too many')],
    ['as malformed', refusal(400, 'bad')],
    ['as too large to send', refusal(413, 'Request entity too large')],
    ['as too large to store', refusal(500, 'etcdserver: request is too large')],
  ])('%s fails the workflow with what the API said', (_, error) => {
    const { run, creation, take } = setUp();
    expect(take(creation, error)).toBe(true);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Refused' });
    expect(run.workflow.status?.message).toContain(error.message);
  });

  test('by a quota or a missing right is tried again, and the status says what keeps it back until it works', () => {
    const { run, creation, take } = setUp();
    expect(take(creation, refusal(403, 'exceeded quota: tasks'))).toBe(false);
    expect(run.plan().status).toMatchObject({
      phase: 'Pending',
      message: "Tasks can't be created now: exceeded quota: tasks",
    });
    run.settle();
    run.advance(5000);
    run.settle();
    expect(run.workflow.status?.message).toBeUndefined();
  });
});

describe('a status that is refused', () => {
  test('as too large is cut, then left alone for ten minutes, then tried again', () => {
    const { run, status, take } = setUp();
    run.reconcile();
    run.setTask('wf.a', { phase: 'Running' });
    const tooLarge = refusal(500, 'etcdserver: request is too large');
    expect(take(status, tooLarge)).toBe(true);
    expect(run.plan().status).not.toHaveProperty('recentTasks');
    expect(take(status, tooLarge)).toBe(true);
    expect(run.plan()).toMatchObject({
      events: [{ reason: 'StatusNotStored' }],
      wakeAt: new Date('2026-01-01T12:10:00Z'),
    });
    expect(run.plan().status).toBeUndefined();
    run.advance(10 * 60_000);
    expect(run.plan().status).toMatchObject({ phase: 'Running' });
  });

  test('for another reason is an error like any other', () => {
    const { status, take } = setUp();
    expect(take(status, refusal(403))).toBe(false);
  });
});

test('what is not about a workflow under way is not taken', () => {
  const { run, creation, take } = setUp();
  run.records.forget(run.workflow.metadata.uid);
  expect(take(creation, refusal(422))).toBe(false);
});
