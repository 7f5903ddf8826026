import { describe, expect, test } from '@jest/globals';
import { taskOf, workflowOf } from '../testing/objects.ts';
import { workflowDetail, workflowEntry } from './view.ts';

const context = { defaultNamespace: 'default', baseUrl: 'http://gw', now: new Date('2026-01-01T00:01:00Z') };
const plain = { pool: undefined, skipGroups: false, verbose: false };
interface Shown {
  groups: { name: string; status: string; remaining_upstream_groups: string[]; tasks: Record<string, unknown>[] }[];
}
const detail = (
  ...[workflow, tasks = [], options = plain]: [ReturnType<typeof workflowOf>, never[]?, object?]
): Shown => workflowDetail(workflow, tasks, { ...plain, ...options }, context) as unknown as Shown;

test('an entry has times without zones, durations in seconds, and ids that say where', () => {
  const running = workflowOf('w', { status: { phase: 'Running', startTime: '2026-01-01T00:00:10.5Z' } });
  expect(workflowEntry(running, context)).toMatchObject({
    user: 'ada',
    name: 'w',
    submit_time: '2026-01-01T00:00:00',
    start_time: '2026-01-01T00:00:10.5',
    end_time: null,
    queued_time: 10.5,
    duration: 49.5,
    status: 'RUNNING',
    priority: 'NORMAL',
    overview: 'http://gw/workflows/w',
    logs: 'http://gw/api/workflow/w/logs',
  });
  expect(workflowEntry(workflowOf('w', { metadata: { namespace: 'lab' } }), context)).toMatchObject({ name: 'lab.w' });
});

describe('groups without Tasks', () => {
  test('wait', () => {
    expect(detail(workflowOf('w')).groups).toMatchObject([
      { name: 'first-group', status: 'WAITING', remaining_upstream_groups: [], tasks: [{ name: 'first', lead: true }] },
      { name: 'second-group', status: 'WAITING', remaining_upstream_groups: ['first-group'] },
    ]);
  });

  test('will never run when what they need failed, and what needs them neither', () => {
    const workflow = workflowOf('w', {
      spec: {
        tasks: ['a', 'b', 'c', 'd'].map((name, index) => ({
          name,
          lead: false,
          inputs: index === 0 || name === 'd' ? [] : [{ task: { name: ['a', 'b', 'c'][index - 1] } }],
        })),
      },
      status: { phase: 'Running' },
    });
    const failed = taskOf(workflow, 'a', { phase: 'Failed', reason: 'ImagePull', message: 'no such image' });
    const { groups } = detail(workflow, [failed] as never[]);
    expect(groups.map(({ name, status }) => [name, status])).toEqual([
      ['a-group', 'FAILED'],
      ['b-group', 'FAILED_UPSTREAM'],
      ['c-group', 'FAILED_UPSTREAM'],
      ['d-group', 'WAITING'],
    ]);
    expect(groups[1]?.tasks).toMatchObject([{ name: 'b', status: 'FAILED_UPSTREAM' }]);
    expect(groups[0]).toMatchObject({ failure_message: 'no such image' });
  });
});

describe('tasks', () => {
  const workflow = workflowOf('w', { status: { phase: 'Running' } });
  const attempts = [{ attempt: 0, cause: 'User', phase: 'Failed', exitCode: 7, podName: 'p-0' }];
  const task = taskOf(workflow, 'first', {
    phase: 'Running',
    attempt: 1,
    podName: 'p-1',
    nodeName: 'n',
    attempts,
  } as never);

  test('show the attempt that runs; earlier ones when that is asked', () => {
    const now = { name: 'first', retry_id: 1, status: 'RUNNING', pod_name: 'p-1', node_name: 'n' };
    expect(detail(workflow, [task] as never[]).groups[0]?.tasks).toMatchObject([now]);
    expect(detail(workflow, [task] as never[], { verbose: true }).groups[0]?.tasks).toMatchObject([
      { name: 'first', retry_id: 0, status: 'RESCHEDULED', exit_code: 7, pod_name: 'p-0' },
      now,
    ]);
    expect(detail(workflow, [task] as never[], { skipGroups: true }).groups).toEqual([]);
  });

  test('that a fan-out made stand for the entry that they come from', () => {
    const fanned = workflowOf('w', { spec: { tasks: [{ name: 'many', lead: false, count: 2 }] } });
    const tasks = ['many-0', 'many-1'].map((name) => taskOf(fanned, name, { phase: 'Running' }));
    const names = detail(fanned, tasks as never[]).groups.flatMap((group) => group.tasks.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining(['many-0', 'many-1']));
  });
});
