import { describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { Task, Workflow, WorkflowSpec } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { fanOut } from '../testing/graphs.ts';
import { template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';
import { batchLimit } from './batch.ts';
import { refuseTask } from './progress.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));
const names = (simulation: Simulation): string[] => [...simulation.tasks.keys()].toSorted();
const admitted = ({ workflow: { status } }: Simulation) => findCondition(status?.conditions, ConditionTypes.admitted);

describe('the life of a workflow of one task', () => {
  test('takes one Task and two status writes when it starts at once', () => {
    const run = simulate({ tasks: [template('hello')] });
    run.reconcile();
    expect(names(run)).toEqual(['wf.hello']);
    run.advance(600);
    run.setTask('wf.hello', { phase: 'Running' });
    run.settle();
    run.advance(5000);
    run.setTask('wf.hello', { phase: 'Completed', exitCode: 0 });
    run.settle();
    expect(run.statuses.map(({ phase }) => phase)).toEqual(['Running', 'Completed']);
    expect(run.workflow.status).toMatchObject({
      startTime: '2026-01-01T12:00:00Z',
      completionTime: '2026-01-01T12:00:05Z',
      taskCounts: { total: 1, waiting: 0, active: 0, completed: 1, failed: 0, upstream: 0 },
      recentTasks: [{ name: 'hello', group: 'hello-group', phase: 'Completed', exitCode: 0 }],
    });
    expect(run.events.map(({ type, reason, note }) => [type, reason, note])).toEqual([
      ['Normal', 'Started', 'Started its task'],
      ['Normal', 'Completed', 'Completed 1 of 1 tasks'],
    ]);
  });

  test('says that it is admitted and queued when no node is found for a while', () => {
    const run = simulate({ tasks: [template('hello')] });
    const { wakeAt } = run.reconcile();
    expect(run.statuses).toEqual([]);
    expect(wakeAt).toEqual(new Date('2026-01-01T12:00:03Z'));
    run.now = wakeAt ?? run.now;
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Pending', taskCounts: { active: 1 } });
    expect(admitted(run)).toMatchObject({ status: 'True' });
    run.advance(60_000);
    run.setTask('wf.hello', { phase: 'Scheduling' });
    run.settle();
    run.setTask('wf.hello', { phase: 'Running' });
    run.settle();
    run.setTask('wf.hello', { phase: 'Failed', reason: 'Error', exitCode: 3, message: 'no such file' });
    run.settle();
    expect(run.statuses.map(({ phase, reason }) => [phase, reason])).toEqual([
      ['Pending', undefined],
      ['Pending', 'Queued'],
      ['Running', undefined],
      ['Failed', 'Error'],
    ]);
    expect(run.workflow.status).toMatchObject({
      reason: 'Error',
      message: '1 of 1 groups failed; task "hello": Error (exit code 3): no such file',
    });
    expect(run.events).toMatchObject([
      { reason: 'Admitted' },
      { reason: 'Queued', note: 'Waiting for pool default: 1 CPU asked, 4 free in all; no node given yet' },
      { reason: 'Started' },
      { type: 'Warning', reason: 'Failed' },
    ]);
  });
});

test.each([
  ['ran', { startTime: '2026-01-01T12:00:00Z' }, ['Started', 'Failed']],
  ['never ran', {}, ['Failed']],
])('a workflow of which only the failure was seen says that it was started if it %s', (_, ran, told) => {
  const run = simulate({ tasks: [template('hello')] });
  run.reconcile();
  run.setTask('wf.hello', { phase: 'Failed', reason: 'Error', ...ran });
  run.settle();
  expect(run.events.map(({ reason }) => reason)).toEqual(told);
});

describe('a Task that has the name already', () => {
  const strange = (owner?: Partial<Workflow['metadata']>): Task => {
    const other = simulate({ tasks: [template('a')] });
    other.workflow = { ...other.workflow, metadata: { ...other.workflow.metadata, ...owner } };
    other.reconcile();
    const task = other.tasks.get('wf.a');
    if (task === undefined) throw new Error('no task');
    const ownerReferences = owner === undefined ? [] : (task.metadata.ownerReferences ?? []);
    return { ...task, metadata: { ...task.metadata, uid: 'old', ownerReferences } };
  };

  test('and belongs to an earlier workflow of the same name is deleted by its UID and never adopted', () => {
    const run = simulate({ tasks: [template('a')] });
    run.tasks.set('wf.a', strange({ uid: 'uid-of-earlier' }));
    const plan = run.plan();
    expect(plan.apply).toEqual([]);
    expect(plan.remove).toMatchObject([{ name: 'wf.a', namespace: 'lab', uid: 'old' }]);
    expect(plan.status?.message).toBe('waits until Task "wf.a" of an earlier workflow (UID uid-of-earlier) is deleted');
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.ownerReferences?.[0]?.uid).toBe('uid-of-wf');
  });

  test('and belongs to nobody is left alone, and the workflow says so', () => {
    const run = simulate({ tasks: [template('a')] });
    run.tasks.set('wf.a', strange());
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.uid).toBe('old');
    expect(run.workflow.status?.message).toBe(
      'a Task named "wf.a" exists that belongs to no Workflow; delete it, or give this workflow another name',
    );
    run.putTask('wf.a', undefined);
    run.settle();
    expect(run.tasks.get('wf.a')?.metadata.uid).not.toBe('old');
  });
});

describe('a Task that the API refuses', () => {
  test('fails its group, frees what the group has, and lets the rest run', () => {
    const run = simulate({
      groups: [
        { name: 'g', barrier: true, ignoreNonleadStatus: true, tasks: [template('a', { lead: true }), template('b')] },
        { name: 'h', barrier: true, ignoreNonleadStatus: true, tasks: [template('c')] },
      ],
    });
    run.reconcile();
    run.putTask('wf.b', undefined);
    const { compiled } = run.records.recordOf(run.workflow);
    if ('problems' in compiled) throw new Error('unexpected');
    const [, b] = compiled.graph.tasks;
    if (b === undefined) throw new Error('no b');
    refuseTask(compiled.progress, b, 'Refused', 'the object is too large', run.now.getTime());
    run.settle();
    expect(names(run)).toEqual(['wf.c']);
    run.setTask('wf.c', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Failed',
      reason: 'Refused',
      groupCounts: { completed: 1, failed: 1 },
    });
    expect(run.workflow.status?.message).toBe('1 of 2 groups failed; task "b": Refused: the object is too large');
  });
});

describe('a status that cannot be stored', () => {
  test('is cut first, then told by one Event and tried again later', () => {
    const run = simulate({ tasks: [template('a')] });
    run.reconcile();
    run.setTask('wf.a', { phase: 'Running' });
    const record = run.records.recordOf(run.workflow);
    record.status = { room: 'compact' };
    expect(run.plan().status).toMatchObject({ phase: 'Running' });
    expect(run.plan().status).not.toHaveProperty('recentTasks');
    const retryAt = new Date('2026-01-01T12:10:00Z');
    record.status = { room: 'none', retryAt };
    const plan = run.plan();
    expect(plan.status).toBeUndefined();
    expect(plan).toMatchObject({ wakeAt: retryAt, events: [{ type: 'Warning', reason: 'StatusNotStored' }] });
    record.status = { room: 'none', retryAt, told: true };
    expect(run.plan().events).toBeUndefined();
  });
});

test('a wide workflow is created in batches, each followed by the next at once', () => {
  const run = simulate(fanOut(250));
  run.settle();
  run.setTask('wf.first', { phase: 'Completed' });
  const sizes: number[] = [];
  for (let plan = run.reconcile(); (plan.apply ?? []).length > 0; plan = run.reconcile()) {
    sizes.push((plan.apply ?? []).length);
    if (sizes.at(-1) === batchLimit) expect(plan.wakeAt).toEqual(run.now);
  }
  expect(sizes).toEqual([100, 100, 50]);
});

test('while only numbers move the status is written once a second, whatever the number of tasks', () => {
  const run = simulate(fanOut(200));
  run.settle();
  run.setTask('wf.first', { phase: 'Completed' });
  run.settle();
  const before = run.statuses.length;
  for (let index = 0; index < 200; index++) {
    run.advance(50);
    run.setTask(`wf.mid-${index}`, { phase: 'Completed' });
    run.reconcile();
  }
  expect(run.statuses.length - before).toBeLessThanOrEqual(11);
});
