import { describe, expect, test } from '@jest/globals';
import { ConditionTypes } from '@osmo/crds';
import type { WorkflowSpec, WorkflowStatus } from '@osmo/crds';
import { findCondition } from '../conditions.ts';
import { fanOut } from '../testing/graphs.ts';
import { after, pool, template, workflow } from '../testing/objects.ts';
import { isEmpty, Simulation } from '../testing/simulation.ts';
import { batchLimit } from './batch.ts';

const simulate = (spec: Partial<WorkflowSpec>): Simulation => new Simulation(workflow(spec));
const names = (run: Simulation): string[] => [...run.tasks.keys()].toSorted();
const condition = ({ workflow: { status } }: Simulation, type: 'admitted' | 'succeeded') =>
  findCondition(status?.conditions, ConditionTypes[type]);
const reasons = (run: Simulation): string[] => run.events.map(({ reason }) => reason);
const told = (run: Simulation, name: string) => {
  const { run: number, hold, cancel, pinnedImage } = run.tasks.get(name)?.spec ?? {};
  return {
    ...(number && { run: number }),
    ...(hold && { hold }),
    ...(cancel && { cancel }),
    ...(pinnedImage && { pinnedImage }),
  };
};
/** Numbers alone are written once a second. */
const later = (run: Simulation): void => {
  run.advance(1000);
  run.settle();
};
const failed = { phase: 'Failed', reason: 'Error', exitCode: 1 } as const;
const canceled = { phase: 'Failed', reason: 'Canceled' } as const;

describe('cancel', () => {
  test('tells what runs to end, keeps the rest from starting, and ends when nothing runs', () => {
    const run = simulate({ tasks: [template('a'), template('b'), after('c', 'a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Running' });
    run.settle();
    run.edit({ cancel: { by: 'ann', reason: 'wrong data' } });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({ cancel: { by: 'ann', reason: 'wrong data' } });
    expect(run.workflow.status).toMatchObject({
      phase: 'Running',
      reason: 'Canceled',
      message: 'canceled by ann: wrong data',
      taskCounts: { active: 2, failed: 1, waiting: 0 },
    });
    expect(condition(run, 'admitted')).toMatchObject({ status: 'False', reason: 'Canceled' });
    run.setTask('wf.a', canceled);
    run.settle();
    expect(run.workflow.status?.phase).toBe('Running');
    run.setTask('wf.b', canceled);
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Failed',
      reason: 'Canceled',
      message: 'canceled by ann: wrong data',
      taskCounts: { total: 3, failed: 3, upstream: 0 },
    });
    expect(names(run)).toEqual(['wf.a', 'wf.b']);
    expect(reasons(run)).toEqual(['Started', 'Canceled', 'Failed']);
    expect(run.events[1]?.note).toBe('Canceled by ann: wrong data');
  });

  test('before anything started needs no Task, and says no more than that', () => {
    const run = simulate({ tasks: [template('a')], cancel: {} });
    run.settle();
    expect(names(run)).toEqual([]);
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled', message: 'canceled' });
  });

  test('of a workflow that waits for its pool ends it', () => {
    const run = simulate({ tasks: [template('a')], pool: 'nowhere' });
    run.settle();
    expect(run.workflow.status?.reason).toBe('PoolNotFound');
    run.edit({ cancel: {} });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled' });
  });

  test('while Tasks are being created stops that, also in the middle of a group', () => {
    const tasks = [template('lead', { lead: true }), template('peer')];
    const run = simulate({ groups: [{ name: 'g', barrier: true, ignoreNonleadStatus: true, tasks }] });
    run.crash(1);
    expect(names(run)).toEqual(['wf.lead']);
    run.edit({ cancel: {} });
    run.settle();
    expect(names(run)).toEqual(['wf.lead']);
    run.setTask('wf.lead', canceled);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled', taskCounts: { failed: 2 } });
  });

  test('with force is told again to those that were asked to end in order, and never the other way round', () => {
    const run = simulate({ tasks: [template('a')] });
    run.settle();
    run.edit({ cancel: { by: 'ann' } });
    run.settle();
    run.edit({ cancel: { by: 'bob', force: true } });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({ cancel: { by: 'bob', force: true } });
    run.edit({ cancel: { by: 'ann' } });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({ cancel: { by: 'bob', force: true } });
  });

  test('cannot be taken back while the workflow is being ended', () => {
    const run = simulate({ tasks: [template('a'), after('b', 'a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Running' });
    run.edit({ cancel: { by: 'ann' } });
    run.settle();
    run.edit({ cancel: undefined });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled', message: 'canceled by ann' });
    expect(names(run)).toEqual(['wf.a']);
  });

  test('that comes when all has completed changes nothing, before and after the end is written', () => {
    const run = simulate({ tasks: [template('a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed' });
    run.edit({ cancel: {} });
    run.settle();
    expect(run.workflow.status?.phase).toBe('Completed');
    const before = run.workflow.status;
    run.edit({ cancel: { force: true } });
    run.settle();
    expect(run.workflow.status).toEqual(seen(run, before));
  });

  test('leaves the failures of before as they were', () => {
    const run = simulate({ tasks: [template('a'), template('b'), after('c', 'a')] });
    run.settle();
    run.setTask('wf.a', failed);
    run.edit({ cancel: {} });
    run.settle();
    run.setTask('wf.b', canceled);
    run.settle();
    expect(run.workflow.status).toMatchObject({ reason: 'Canceled', taskCounts: { failed: 2, upstream: 1 } });
  });

  test('tells many in batches, each followed by the next at once', () => {
    const run = simulate(fanOut(250));
    run.settle();
    run.setTask('wf.first', { phase: 'Completed' });
    run.settle();
    run.edit({ cancel: {} });
    const sizes: number[] = [];
    for (let plan = run.reconcile(); (plan.apply ?? []).length > 0; plan = run.reconcile()) {
      sizes.push((plan.apply ?? []).length);
      if (sizes.at(-1) === batchLimit) expect(plan.wakeAt).toEqual(run.now);
    }
    expect(sizes).toEqual([100, 100, 50]);
  });
});

describe('suspend', () => {
  test('holds what has not started, lets go on what runs, creates nothing, and is undone by taking it back', () => {
    const run = simulate({ tasks: [template('a'), template('b'), after('c', 'a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Running' });
    run.setTask('wf.b', { phase: 'Scheduling' });
    run.settle();
    run.edit({ suspend: true });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b')]).toEqual([{}, { hold: true }]);
    run.setTask('wf.b', { phase: 'Pending', reason: 'Held' });
    run.setTask('wf.a', { phase: 'Completed' });
    later(run);
    expect(names(run)).toEqual(['wf.a', 'wf.b']);
    expect(run.workflow.status).toMatchObject({
      phase: 'Running',
      reason: 'Suspended',
      taskCounts: { completed: 1, waiting: 2, active: 0 },
    });
    expect(condition(run, 'admitted')).toMatchObject({ status: 'False', reason: 'Suspended' });
    run.edit({ suspend: undefined });
    run.settle();
    expect(names(run)).toEqual(['wf.a', 'wf.b', 'wf.c']);
    expect(told(run, 'wf.b')).toEqual({});
    expect(run.workflow.status?.reason).toBeUndefined();
    expect(condition(run, 'admitted')).toMatchObject({ status: 'True' });
    expect(reasons(run)).toEqual(['Started', 'Suspended', 'Resumed']);
  });

  test('from the start creates nothing', () => {
    const run = simulate({ tasks: [template('a')], suspend: true });
    run.settle();
    expect(names(run)).toEqual([]);
    expect(run.workflow.status).toMatchObject({ phase: 'Pending', reason: 'Suspended' });
  });

  test('takes the hold off what started before it knew', () => {
    const run = simulate({ tasks: [template('a')] });
    run.settle();
    run.edit({ suspend: true });
    run.settle();
    run.setTask('wf.a', { phase: 'Running' });
    run.edit({ suspend: false });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({});
  });

  test('of a workflow with maxParallel lets no more go than that when it is taken back', () => {
    const run = simulate({ tasks: [template('a'), template('b')] });
    run.settle();
    run.edit({ suspend: true });
    run.settle();
    run.edit({ suspend: false, maxParallel: 1 });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b')]).toEqual([{}, { hold: true }]);
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    expect(told(run, 'wf.b')).toEqual({});
  });

  test('does not keep a canceled workflow from ending', () => {
    const run = simulate({ tasks: [template('a')] });
    run.settle();
    run.edit({ suspend: true });
    run.settle();
    run.edit({ cancel: {} });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({ hold: true, cancel: {} });
    run.setTask('wf.a', canceled);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled' });
  });
});

describe('restart', () => {
  const ended = (): Simulation => {
    const run = simulate({ tasks: [template('a'), after('b', 'a'), after('c', 'b'), template('z')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', imageID: 'docker.io/library/busybox@sha256:aa' });
    run.setTask('wf.z', { phase: 'Completed' });
    run.settle();
    run.setTask('wf.b', { ...failed, imageID: 'docker.io/library/busybox@sha256:bb' });
    run.settle();
    expect(run.workflow.status?.phase).toBe('Failed');
    return run;
  };

  test('runs again what failed and what depends on it, and nothing else', () => {
    const run = ended();
    run.edit({ restart: { id: '1', by: 'ann' } });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b'), told(run, 'wf.z')]).toEqual([{}, { run: 1 }, {}]);
    expect(run.workflow.status).toMatchObject({ phase: 'Running', run: 1, restartID: '1' });
    expect(run.workflow.status).not.toHaveProperty('completionTime');
    expect(condition(run, 'succeeded')).toMatchObject({ status: 'Unknown' });
    expect(run.events.at(-1)).toMatchObject({ reason: 'Restarted', note: 'Restarted 2 tasks by ann, as run 1' });
    run.setTask('wf.b', { phase: 'Completed' });
    run.settle();
    expect(told(run, 'wf.c')).toEqual({});
    run.setTask('wf.c', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Completed', taskCounts: { total: 4, completed: 4 } });
  });

  test('takes place once for each id', () => {
    const run = ended();
    run.edit({ restart: { id: '1' } });
    run.settle();
    run.setTask('wf.b', failed);
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', run: 1 });
    run.restart();
    expect(run.plan()).toEqual({});
    run.edit({ restart: { id: '2' } });
    run.settle();
    expect(told(run, 'wf.b')).toEqual({ run: 2 });
    expect(run.workflow.status).toMatchObject({ run: 2, restartID: '2' });
  });

  test('of chosen tasks holds what depends on them until its needs have completed in this run', () => {
    const run = ended();
    run.edit({ restart: { id: '1', tasks: ['a'] } });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b'), told(run, 'wf.z')]).toEqual([{ run: 1 }, { run: 1, hold: true }, {}]);
    later(run);
    expect(run.workflow.status?.taskCounts).toMatchObject({ active: 1, waiting: 2, completed: 1 });
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    expect(told(run, 'wf.b')).toEqual({ run: 1 });
    run.setTask('wf.b', failed);
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Failed',
      taskCounts: { failed: 1, upstream: 1, completed: 2 },
    });
  });

  test('whose first task fails again leaves what was held for it as it is', () => {
    const run = ended();
    run.edit({ restart: { id: '1', tasks: ['a'] } });
    run.settle();
    run.setTask('wf.a', failed);
    run.settle();
    expect(run.workflow.status).toMatchObject({
      phase: 'Failed',
      taskCounts: { failed: 1, upstream: 2, completed: 1 },
    });
    run.edit({ restart: { id: '2' } });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b')]).toEqual([{ run: 2 }, { run: 2, hold: true }]);
  });

  test('happens while others run, and leaves those alone', () => {
    const run = simulate({ tasks: [template('a'), template('b')] });
    run.settle();
    run.setTask('wf.a', failed);
    run.setTask('wf.b', { phase: 'Running' });
    run.settle();
    run.edit({ restart: { id: '1' } });
    run.settle();
    expect([told(run, 'wf.a'), told(run, 'wf.b')]).toEqual([{ run: 1 }, {}]);
    run.setTask('wf.a', { phase: 'Completed' });
    run.setTask('wf.b', { phase: 'Completed' });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Completed', run: 1 });
  });

  test('pinned runs the images that ran, and a later one without it those of the spec', () => {
    const run = ended();
    run.edit({ restart: { id: '1', tasks: ['a'], pinned: true } });
    run.settle();
    expect(told(run, 'wf.b')).toMatchObject({ pinnedImage: 'docker.io/library/busybox@sha256:bb' });
    run.edit({ restart: { id: '2', tasks: ['a'] } });
    run.settle();
    expect(told(run, 'wf.b')).toEqual({ run: 2, hold: true });
  });

  test('pinned is refused where the node knew no digest of what ran, before anything is told', () => {
    const run = simulate({ tasks: [template('a'), after('b', 'a'), after('c', 'b')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed', imageID: 'docker.io/library/busybox@sha256:aa' });
    run.settle();
    run.setTask('wf.b', { phase: 'Failed', reason: 'Error', imageID: 'sha256:0123' });
    run.settle();
    const before = run.workflow.status;
    run.edit({ restart: { id: '1', tasks: ['a'], pinned: true } });
    run.settle();
    expect(run.workflow.status).toEqual({ ...seen(run, before), restartID: '1' });
    expect([told(run, 'wf.a'), told(run, 'wf.b')]).toEqual([{}, {}]);
    expect(run.events.at(-1)).toMatchObject({
      reason: 'RestartRefused',
      note: expect.stringContaining('the node of b reported no digest'),
    });
  });

  test('of a canceled workflow waits until the cancellation is taken away, and takes it off the Tasks', () => {
    const run = simulate({ tasks: [template('a'), after('b', 'a')] });
    run.settle();
    run.edit({ cancel: {} });
    run.settle();
    run.setTask('wf.a', canceled);
    run.settle();
    run.edit({ restart: { id: '1' } });
    run.settle();
    expect(told(run, 'wf.a')).not.toHaveProperty('run');
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'Canceled' });
    expect(run.workflow.status).not.toHaveProperty('restartID');
    run.edit({ cancel: undefined });
    run.settle();
    later(run);
    expect(told(run, 'wf.a')).toEqual({ run: 1 });
    expect(run.workflow.status).toMatchObject({ phase: 'Pending', run: 1, taskCounts: { active: 1, waiting: 1 } });
    expect(condition(run, 'admitted')).toMatchObject({ status: 'True' });
  });

  test('of a workflow that was canceled before it started starts it', () => {
    const run = simulate({ tasks: [template('a')], cancel: {} });
    run.settle();
    run.edit({ cancel: undefined, restart: { id: '1' } });
    run.settle();
    expect(names(run)).toEqual(['wf.a']);
  });

  test('of a workflow that the pool refused asks the pool again', () => {
    const run = simulate({ tasks: [template('a', { privileged: true })] });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'NotAllowed' });
    run.edit({ restart: { id: '1' } });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'NotAllowed', restartID: '1' });
  });

  test.each([
    ['of a completed one does nothing but note it', { id: '1' }, []],
    [
      'of a task that does not exist is refused with the names that do',
      { id: '1', tasks: ['nope'] },
      ['RestartRefused'],
    ],
  ])('%s', (_, restart, want) => {
    const run = simulate({ tasks: [template('a')] });
    run.settle();
    run.setTask('wf.a', { phase: 'Completed' });
    run.settle();
    const before = run.workflow.status;
    const events = run.events.length;
    run.edit({ restart });
    run.settle();
    expect(run.workflow.status).toEqual({ ...seen(run, before), restartID: '1' });
    expect(reasons(run).slice(events)).toEqual(want);
    expect(run.plan()).toEqual({});
  });

  test('that is in the spec from the start is only noted', () => {
    const run = simulate({ tasks: [template('a')], restart: { id: '1' } });
    run.settle();
    run.setTask('wf.a', { phase: 'Running' });
    run.settle();
    expect(told(run, 'wf.a')).toEqual({});
    expect(run.workflow.status?.restartID).toBe('1');
    expect(run.workflow.status).not.toHaveProperty('run');
  });

  test('of a spec that can never run is refused', () => {
    const run = simulate({ tasks: [after('a', 'nope')] });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', reason: 'InvalidSpec' });
    run.edit({ restart: { id: '1' } });
    run.settle();
    expect(run.workflow.status).toMatchObject({ phase: 'Failed', restartID: '1' });
    expect(reasons(run).at(-1)).toBe('RestartRefused');
  });

  test('brings a Task that was deleted back in the run of its group', () => {
    const tasks = [template('lead', { lead: true }), template('peer')];
    const run = simulate({ groups: [{ name: 'g', barrier: true, ignoreNonleadStatus: true, tasks }] });
    run.settle();
    run.setTask('wf.lead', failed);
    run.setTask('wf.peer', failed);
    run.settle();
    run.edit({ restart: { id: '1' } });
    run.settle();
    run.putTask('wf.peer', undefined);
    run.settle();
    expect([told(run, 'wf.lead'), told(run, 'wf.peer')]).toEqual([{ run: 1 }, { run: 1 }]);
  });
});

test('a restart that is being told leaves the end of the last run to the generation that it was of', () => {
  const wide = Array.from({ length: 120 }, (_, index) => template(`t${index}`));
  const run = simulate({ tasks: wide });
  run.settle();
  for (const { name } of wide) run.setTask(`wf.${name}`, failed);
  run.settle();
  const of = run.workflow.metadata.generation;
  run.edit({ restart: { id: '1' } });
  let steps = 0;
  for (; run.workflow.status?.restartID !== '1'; steps++) {
    expect(run.workflow.status?.conditions.map(({ observedGeneration }) => observedGeneration)).toEqual([of, of]);
    run.reconcile();
  }
  expect(steps).toBeGreaterThan(1);
  expect(condition(run, 'succeeded')).toMatchObject({ status: 'Unknown', observedGeneration: (of ?? 0) + 1 });
});

test('a workflow that has ended is written to for no reason but a restart and the generation that it is of', () => {
  const run = simulate({ tasks: [template('a')] });
  run.settle();
  run.setTask('wf.a', failed);
  run.settle();
  const before = run.workflow.status;
  run.pools.set('default', pool({ maintenance: true }));
  run.edit({ suspend: true, maxParallel: 3, cancel: { force: true }, ttlSecondsAfterFinished: 1 });
  run.setTask('wf.a', { phase: 'Completed' });
  run.restart();
  run.reconcile();
  expect(run.workflow.status).toEqual(seen(run, before));
  expect(isEmpty(run.plan())).toBe(true);
  run.restart();
  expect(isEmpty(run.plan())).toBe(true);
});

/** That status, said of the spec as it is now. */
function seen(run: Simulation, status: WorkflowStatus | undefined): WorkflowStatus {
  const observedGeneration = run.workflow.metadata.generation!;
  const conditions = status!.conditions.map((each) => ({ ...each, observedGeneration }));
  return { ...status!, observedGeneration, conditions };
}
