import { describe, expect, test } from '@jest/globals';
import { testHost } from '../../testing/test-host.ts';

const entry = (name: string, status: string): object => ({
  user: 'ada',
  name,
  submit_time: `2026-01-31T12:05:0${name.at(-1)}`,
  status,
  priority: 'NORMAL',
  labels: {},
  overview: 'http://o',
});
const event = (type: string, data: object, id = ''): string =>
  `event: ${type}\ndata: ${JSON.stringify(data)}\n${id && `id: ${id}\n`}\n`;
const refusal = (): Response =>
  Response.json({ message: 'enough', error_code: 'USER', workflow_id: null }, { status: 403 });

/** A gateway whose streams are these, and which refuses then: so the command ends. */
function streaming(...streams: string[]) {
  return testHost(() => {
    const next = streams.shift();
    return { response: next === undefined ? refusal() : new Response(next) };
  });
}

describe('osmo workflow list --watch', () => {
  test('shows what there is, then a line for each change that shows', async () => {
    using made = streaming(
      event('ADDED', entry('b-2', 'PENDING')) +
        event('ADDED', entry('a-1', 'COMPLETED'), '5') +
        event('SYNCED', { names: ['a-1', 'b-2'] }, '5') +
        event('MODIFIED', entry('b-2', 'PENDING'), '6') +
        ': alive\n\n' +
        event('MODIFIED', entry('b-2', 'RUNNING'), '7') +
        event('ADDED', entry('a-longer-name-3', 'PENDING')) +
        event('DELETED', entry('a-1', 'COMPLETED'), '8'),
    );
    expect([await made.run('workflow', 'list', '--watch'), made.err()]).toEqual([2, expect.stringContaining('enough')]);
    expect(made.out()).toMatchSnapshot();
    expect(made.requests[0]?.line).toBe('GET /api/watch/workflow?all_pools=True');
    // Taken up where it broke off.
    expect(made.requests.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, '8']);
  });
  test('after a break, tells what has gone meanwhile, and nothing twice', async () => {
    using made = streaming(
      event('ADDED', entry('a-1', 'RUNNING')) +
        event('ADDED', entry('b-2', 'RUNNING'), '5') +
        event('SYNCED', { names: ['a-1', 'b-2'] }, '5'),
      event('MODIFIED', entry('b-2', 'COMPLETED')) + event('SYNCED', { names: ['b-2'] }, '9'),
    );
    await made.run('workflow', 'list', '--watch', '-o', 'json');
    const lines = made.out().trim().split('\n').slice(0, 4);
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      expect.objectContaining({ name: 'a-1', status: 'RUNNING' }),
      expect.objectContaining({ name: 'b-2', status: 'RUNNING' }),
      expect.objectContaining({ name: 'b-2', status: 'COMPLETED' }),
      expect.objectContaining({ name: 'a-1', status: 'DELETED' }),
    ]);
  });
  test('gives up on a gateway that ends the stream again and again', async () => {
    using made = testHost(() => ({ response: new Response('') }));
    expect(await made.run('workflow', 'list', '--watch')).toBe(10);
    expect(made.requests).toHaveLength(6);
  });
});
