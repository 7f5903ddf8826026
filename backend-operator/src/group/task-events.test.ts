import { describe, expect, test } from '@jest/globals';
import { newTask } from '../testing/tasks.ts';
import type { TaskStatus } from './task.ts';
import { taskEvents } from './task-events.ts';

const status = (more: Partial<TaskStatus>): TaskStatus => ({ phase: 'Running', attempt: 0, conditions: [], ...more });
const notes = (before: TaskStatus | undefined, after: TaskStatus) =>
  taskEvents(newTask(before === undefined ? {} : { status: before }), after).map(
    ({ type, reason, note }) => `${type} ${reason}: ${note}`,
  );

describe('taskEvents', () => {
  test('the start of a command is told once, with where it runs; waiting is not', () => {
    const running = status({ podName: 'hello-train-0', nodeName: 'node-1' });
    expect(notes(undefined, status({ phase: 'Scheduling' }))).toEqual([]);
    expect(notes(status({ phase: 'Scheduling' }), status({ phase: 'Initializing' }))).toEqual([]);
    expect(notes(status({ phase: 'Scheduling' }), running)).toEqual([
      'Normal Started: Started attempt 0 in pod hello-train-0 on node node-1',
    ]);
    expect(notes(running, running)).toEqual([]);
  });

  test('a good end is told with its exit code, also when nobody saw the start', () => {
    const done = status({ phase: 'Completed', exitCode: 0, podName: 'hello-train-0' });
    expect(notes(status({}), done)).toEqual([
      'Normal Completed: Completed attempt 0 in pod hello-train-0 with exit code 0',
    ]);
    expect(notes(undefined, status({ phase: 'Completed' }))).toEqual(['Normal Completed: Completed attempt 0']);
  });

  test('a failure is told with reason and message', () => {
    expect(notes(status({}), status({ phase: 'Failed', reason: 'Error', message: 'exited with code 3' }))).toEqual([
      'Warning Failed: Error: exited with code 3',
    ]);
    expect(notes(status({}), status({ phase: 'Failed' }))).toEqual(['Warning Failed: ']);
  });

  test('a further attempt is told once, with how the last one ended', () => {
    const again = status({
      phase: 'Scheduling',
      reason: 'Rescheduled',
      message: 'attempt 0 ended: Error: exited with code 3',
      attempt: 1,
      attempts: [{ attempt: 0, cause: 'User', phase: 'Failed' }],
    });
    expect(notes(status({}), again)).toEqual([
      'Warning Rescheduled: attempt 0 ended: Error: exited with code 3; attempt 1 follows (User)',
    ]);
    expect(notes(again, { ...again, phase: 'Running' })).toEqual(['Normal Started: Started attempt 1']);
  });

  test('what people asked for is no warning', () => {
    const attempts = [{ attempt: 0, cause: 'Restart' as const, phase: 'Completed' as const }];
    const again = status({ phase: 'Pending', attempt: 1, attempts });
    expect(notes(status({}), again)).toEqual(['Normal Rescheduled: attempt 1 follows (Restart)']);
  });

  test('they are about the Task', () => {
    const [event] = taskEvents(newTask(), status({ phase: 'Failed' }));
    expect(event?.regarding).toMatchObject({ kind: 'Task', name: 'hello.train', namespace: 'team-a' });
  });
});
