import { expect, test } from '@jest/globals';
import { backend, template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';

const resources = [{ name: 'default', gpu: 8 }];
const ahead = (run: Simulation, name: string) => {
  const other = new Simulation(workflow({ tasks: [template('a')], resources, priority: 'High' }, name));
  other.settle();
  const [task] = other.tasks.values();
  if (task === undefined) throw new Error('no task');
  run.queues.taskChanged({ new: task });
  return () => run.queues.taskChanged({ old: task });
};
const messages = (run: Simulation): (string | undefined)[] => run.statuses.map(({ message }) => message);

test('a workflow that waits for nodes says for what and who is ahead, seldom and only when that has changed', () => {
  const run = new Simulation(workflow({ tasks: [template('a')], resources }));
  run.backends.set('local', backend());
  const leave = [ahead(run, 'x'), ahead(run, 'y')];
  run.settle();
  run.advance(3000);
  run.settle();
  run.setTask('wf.a', { phase: 'Scheduling' });
  run.advance(7000);
  run.settle();
  expect(messages(run)).toEqual([undefined]);
  // Ten seconds after it was admitted.
  run.advance(3000);
  run.settle();
  expect(run.workflow.status).toMatchObject({
    phase: 'Pending',
    reason: 'Queued',
    message: 'waiting for pool default: 8 GPUs asked, 0 free; 2 workflows ahead',
  });
  leave[0]?.();
  run.advance(5000);
  run.settle();
  expect(run.statuses).toHaveLength(2);
  run.advance(5000);
  run.settle();
  expect(messages(run).at(-1)).toBe('waiting for pool default: 8 GPUs asked, 0 free; 1 workflow ahead');
  for (let look = 0; look < 10; look++) {
    run.advance(10_000);
    expect(run.reconcile().wakeAt).toEqual(new Date(run.now.getTime() + 10_000));
  }
  expect(run.statuses).toHaveLength(3);
  run.setTask('wf.a', { phase: 'Running' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Running' });
  expect(run.workflow.status).not.toHaveProperty('message');
});

test('a workflow that is run again has not waited since it was made', () => {
  const run = new Simulation(workflow({ tasks: [template('a')], resources }));
  run.settle();
  run.setTask('wf.a', { phase: 'Failed', reason: 'Error' });
  run.settle();
  run.advance(60_000);
  run.edit({ restart: { id: '1' } });
  run.settle();
  run.setTask('wf.a', { phase: 'Pending', run: 1, attempt: 1 });
  run.settle();
  run.advance(9000);
  run.settle();
  expect(run.workflow.status).not.toHaveProperty('reason');
  run.advance(1000);
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Pending', reason: 'Queued' });
});

test('a workflow that is served at once says nothing of a wait', () => {
  const run = new Simulation(workflow({ tasks: [template('a')], resources }));
  run.settle();
  run.advance(3000);
  run.settle();
  run.setTask('wf.a', { phase: 'Running' });
  run.advance(60_000);
  run.settle();
  expect(run.statuses.map(({ reason }) => reason)).toEqual([undefined, undefined]);
});

const refusal = { phase: 'Scheduling', reason: 'PodNotAccepted' } as const;

test('a workflow of which nothing goes on since the cluster takes no pods of it says so, in its words', () => {
  const run = new Simulation(workflow({ tasks: [template('a'), template('b')] }));
  run.settle();
  run.setTask('wf.b', { ...refusal, message: 'exceeded quota' });
  run.settle();
  // Its other task may have a pod in a moment.
  expect(run.workflow.status?.reason).toBeUndefined();
  run.setTask('wf.a', { ...refusal, message: 'exceeded quota: pods' });
  run.settle();
  expect(run.workflow.status).toMatchObject({
    phase: 'Pending',
    reason: 'PodNotAccepted',
    message: 'task "a" waits: exceeded quota: pods',
  });
  expect(run.events.map(({ type, reason, note }) => [type, reason, note]).at(-1)).toEqual([
    'Warning',
    'Delayed',
    'PodNotAccepted: task "a" waits: exceeded quota: pods',
  ]);
  const written = run.statuses.length;
  run.setTask('wf.a', { phase: 'Running' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Running' });
  expect(run.workflow.status).not.toHaveProperty('reason');
  // What it waits for is told again only if nothing goes on again.
  run.setTask('wf.a', { phase: 'Completed' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ reason: 'PodNotAccepted', message: 'task "b" waits: exceeded quota' });
  expect(run.statuses.length).toBeLessThanOrEqual(written + 3);
});

test('another sentence of the same kind is told after ten seconds at the earliest', () => {
  const run = new Simulation(workflow({ tasks: [template('a')] }));
  run.settle();
  run.setTask('wf.a', { ...refusal, message: 'used: 1' });
  run.settle();
  run.advance(2000);
  run.setTask('wf.a', { ...refusal, message: 'used: 2' });
  run.settle();
  expect(run.workflow.status?.message).toBe('task "a" waits: used: 1');
  run.advance(8000);
  run.settle();
  expect(run.workflow.status?.message).toBe('task "a" waits: used: 2');
});
