import { expect, test } from '@jest/globals';
import { template, workflow } from '../testing/objects.ts';
import { Simulation } from '../testing/simulation.ts';

const start = '2026-01-01T12:00:00Z';
const two = (): Simulation => {
  const run = new Simulation(workflow({ tasks: [template('a'), template('b')] }));
  run.reconcile();
  return run;
};
const told = (run: Simulation): string[] => run.events.map(({ reason }) => reason);

test('a workflow of which no command ever ran was never started', () => {
  const run = two();
  for (const name of ['wf.a', 'wf.b']) run.setTask(name, { phase: 'Failed', reason: 'QueueTimeout' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Failed', completionTime: expect.any(String) });
  expect(run.workflow.status).not.toHaveProperty('startTime');
  expect(told(run)).not.toContain('Started');
});

test('a workflow starts with the first command that runs, once, whatever failed before', () => {
  const run = two();
  run.setTask('wf.a', { phase: 'Failed', reason: 'QueueTimeout' });
  run.settle();
  expect(run.workflow.status?.phase).toBe('Running');
  expect(run.workflow.status).not.toHaveProperty('startTime');
  run.advance(60_000);
  run.setTask('wf.b', { phase: 'Running', startTime: '2026-01-01T12:00:59Z' });
  run.settle();
  run.advance(60_000);
  run.setTask('wf.b', { phase: 'Failed', reason: 'Error', startTime: '2026-01-01T12:00:59Z' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Failed', startTime: '2026-01-01T12:00:59Z' });
  expect(told(run).filter((reason) => reason === 'Started')).toEqual(['Started']);
});

test('a start that was noted stays, also when no Task tells of it any more', () => {
  const run = two();
  run.setTask('wf.a', { phase: 'Running', startTime: start });
  run.settle();
  run.setTask('wf.a', { phase: 'Failed', reason: 'Evicted' });
  run.setTask('wf.b', { phase: 'Failed', reason: 'QueueTimeout' });
  run.settle();
  expect(run.workflow.status).toMatchObject({ phase: 'Failed', startTime: start });
});
