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
  test('that all goes well is no Event', () => {
    expect(notes(undefined, status({ phase: 'Scheduling' }))).toEqual([]);
    expect(notes(status({}), status({ phase: 'Completed', exitCode: 0 }))).toEqual([]);
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
    expect(notes(again, { ...again, phase: 'Running' })).toEqual([]);
  });

  test('what people asked for is no warning', () => {
    const again = status({ attempt: 1, attempts: [{ attempt: 0, cause: 'Restart', phase: 'Completed' }] });
    expect(notes(status({}), again)).toEqual(['Normal Rescheduled: attempt 1 follows (Restart)']);
  });

  test('they are about the Task', () => {
    const [event] = taskEvents(newTask(), status({ phase: 'Failed' }));
    expect(event?.regarding).toMatchObject({ kind: 'Task', name: 'hello.train', namespace: 'team-a' });
  });
});
