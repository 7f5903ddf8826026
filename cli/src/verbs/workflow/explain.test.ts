import { describe, expect, test } from '@jest/globals';
import { testHost } from '../../testing/test-host.ts';

const task = (name: string, status: string, extra: object = {}): object => ({
  name,
  status,
  retry_id: 0,
  start_time: null,
  ...extra,
});
const group = (name: string, status: string, tasks: object[], upstream: string[] = []): object => ({
  name,
  status,
  tasks,
  remaining_upstream_groups: upstream,
});

async function explained(
  status: string,
  groups: object[],
  events = '',
  message: string | null = null,
): Promise<string[]> {
  const detail = { name: 'a-1', submit_time: '2026-01-31T12:05:00', submitted_by: 'ada', status, groups, message };
  using made = testHost(({ line }) =>
    line.includes('/events') ? { response: new Response(events) } : { json: detail },
  );
  expect([await made.run('workflow', 'explain', 'a-1'), made.err()]).toEqual([0, '']);
  return made.out().trim().split('\n');
}

describe('osmo workflow explain', () => {
  test('says what waits for what, by the last event of each task', async () => {
    const events = [
      '2026/01/31 12:05:00 [first] Scheduled: on a node',
      '2026/01/31 12:05:01 [first retry-1] FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
      '2026/01/31 12:05:02 [a-1] Started: Started its task',
      '',
    ].join('\n');
    const groups = [
      group('done-group', 'COMPLETED', [task('done', 'COMPLETED')]),
      group('first-group', 'SCHEDULING', [task('first', 'SCHEDULING'), task('second', 'PROCESSING')]),
      group('next-group', 'WAITING', [task('next', 'WAITING')], ['first-group', 'other-group']),
    ];
    expect(await explained('PENDING', groups, events, 'waits for nodes')).toEqual([
      'Workflow a-1 is PENDING.',
      '- a-1 (PENDING): waits for nodes',
      '- first (SCHEDULING): FailedScheduling: 0/1 nodes are available: 1 Insufficient cpu.',
      '- second (PROCESSING): nothing has been said about it yet',
      '- next-group (WAITING): waits for first-group, other-group to complete',
    ]);
  });
  test('says how it failed, and what that took along', async () => {
    const groups = [
      group('a-group', 'FAILED', [
        task('a', 'FAILED', { exit_code: 3 }),
        task('b', 'FAILED_EVICTED', { failure_message: 'out of\nmemory' }),
      ]),
      group('c-group', 'FAILED_UPSTREAM', [task('c', 'FAILED_UPSTREAM')], ['a-group']),
    ];
    expect(await explained('FAILED', groups)).toEqual([
      'Workflow a-1 is FAILED.',
      '- a (FAILED): ended with exit code 3',
      '- b (FAILED_EVICTED): out of memory',
      '- c-group (FAILED_UPSTREAM): needs a-group, which failed',
    ]);
  });
  test('has nothing to say of what goes well', async () => {
    expect(await explained('RUNNING', [group('g', 'RUNNING', [task('t', 'RUNNING')])])).toEqual([
      'Workflow a-1 is RUNNING.',
    ]);
  });
});
