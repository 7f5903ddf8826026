import { describe, expect, test } from '@jest/globals';
import { testHost } from '../../testing/test-host.ts';

const detail = (status: string, ...tasks: string[]): object => ({
  name: 'a-1',
  submit_time: '2026-01-31T12:05:00',
  submitted_by: 'ada',
  overview: null,
  status,
  message: status === 'FAILED' ? 'task b: Error' : null,
  groups: [
    { name: 'g', status, tasks: tasks.map((each, index) => ({ name: `t${index}`, status: each, start_time: null })) },
  ],
});
const submitted = { name: 'a-1', overview: 'http://gateway.test/workflows/a-1', dashboard_url: null, warnings: [] };

/** A gateway that submits, and then tells these one after the other. */
function machine(states: object[], options: { isTTY?: boolean } = {}) {
  const waiting = [...states];
  const made = testHost(({ line }) => {
    if (line.startsWith('POST')) return { json: submitted };
    return { json: (waiting.length > 1 ? waiting.shift() : waiting[0]) ?? {} };
  }, options);
  return made;
}

describe('osmo workflow submit --wait', () => {
  test('says how far it is, a line for each change, and ends with the workflow', async () => {
    using made = machine([
      detail('PENDING', 'SUBMITTING', 'WAITING'),
      detail('PENDING', 'SUBMITTING', 'WAITING'),
      detail('RUNNING', 'COMPLETED', 'RUNNING'),
      detail('COMPLETED', 'COMPLETED', 'COMPLETED'),
    ]);
    expect(await made.run('workflow', 'submit', 'a-0', '-p', 'lab', '--wait', '-o', 'name')).toBe(0);
    expect(made.out()).toBe('a-1\n');
    expect(made.err().trim().split('\n')).toEqual([
      'a-1: PENDING, 0 of 2 tasks have ended',
      'a-1: RUNNING, 1 of 2 tasks have ended',
      'a-1: COMPLETED, 2 of 2 tasks have ended',
    ]);
    expect(made.sleeps).toEqual([500, 750, 500]);
  });

  test('ends with 4 when the workflow fails, and says why', async () => {
    using made = machine([detail('FAILED', 'FAILED')]);
    expect(await made.run('workflow', 'submit', 'a-0', '-p', 'lab', '--wait')).toBe(4);
    expect(made.err()).toContain(
      "workflow a-1 has ended as FAILED: task b: Error; 'osmo workflow explain a-1' says more",
    );
  });

  test('writes over the line on a terminal', async () => {
    using made = machine([detail('RUNNING', 'RUNNING'), detail('COMPLETED', 'COMPLETED')], { isTTY: true });
    expect(await made.run('workflow', 'submit', 'a-0', '-p', 'lab', '--wait')).toBe(0);
    expect(made.err()).toBe(
      '\r\u001B[Ka-1: RUNNING, 0 of 1 task has ended\r\u001B[Ka-1: COMPLETED, 1 of 1 task has ended\n',
    );
  });

  test('a dry run has nothing to wait for', async () => {
    using made = machine([detail('RUNNING')]);
    const recipe = ['workflow', 'submit', 'a-0', '-p', 'lab', '--wait', '--dry-run'];
    expect(await made.run(...recipe)).toBe(2);
    expect(made.requests).toEqual([]);
  });
});

describe('osmo workflow query --watch', () => {
  test('shows it again whenever that has changed, until it has ended', async () => {
    const states = [detail('RUNNING', 'RUNNING'), detail('RUNNING', 'RUNNING'), detail('COMPLETED', 'COMPLETED')];
    using made = machine(states);
    expect([await made.run('workflow', 'query', 'a-1', '--watch'), made.err()]).toEqual([0, '']);
    expect(made.out().match(/^Status .*$/gm)).toEqual(['Status      : RUNNING', 'Status      : COMPLETED']);
  });

  test('is one JSON object a line for scripts', async () => {
    using made = machine([detail('RUNNING', 'RUNNING'), detail('COMPLETED', 'COMPLETED')]);
    expect(await made.run('workflow', 'query', 'a-1', '--watch', '-o', 'json')).toBe(0);
    const lines = made.out().trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { status: string }).status)).toEqual(['RUNNING', 'COMPLETED']);
  });
});
