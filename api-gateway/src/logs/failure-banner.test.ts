import { expect, test } from '@jest/globals';
import type { Task } from '@osmo/crds';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { failureBanner } from './failure-banner.ts';

const at = { id: 'w-1', baseUrl: 'https://osmo.example.com' };
const failed = workflowOf('w-1', { status: { phase: 'Failed', reason: 'TasksFailed' } });
const task = (name: string, status: Parameters<typeof taskOf>[2]): Task =>
  taskOf(failed, name, { podName: `p-${name}`, ...status });

test('a workflow that runs or did well ends without a word', () => {
  for (const phase of ['Pending', 'Running', 'Completed'] as const) {
    expect(failureBanner(workflowOf('w-1', { status: { phase } }), [], at)).toBe('');
  }
});

test('one that failed names its status, and the tasks that failed with where their logs are', () => {
  const tasks = [
    task('good', { phase: 'Completed' }),
    task('bad', { phase: 'Failed', exitCode: 9, attempt: 2 }),
    // Its pod never was: there is no log to read.
    taskOf(failed, 'late', { phase: 'Failed' }),
  ];
  const lines = failureBanner(failed, tasks, at).split('\n');
  expect(lines.slice(1, -2)).toEqual([
    'Workflow w-1 has ended as FAILED.',
    'Error logs: https://osmo.example.com/api/workflow/w-1/error_logs',
    '  bad (FAILED, exit code 9): https://osmo.example.com/api/workflow/w-1/error_logs?task_name=bad&retry_id=2',
  ]);
  expect(lines.at(-1)).toBe('');
});

test('of very many tasks the first are named', () => {
  const tasks = Array.from({ length: 500 }, (_, index) => task(`t-${index}`, { phase: 'Failed' }));
  const text = failureBanner(failed, tasks, at);
  expect(text.split('\n')).toHaveLength(16);
  expect(text).toContain('and 490 more tasks');
});
