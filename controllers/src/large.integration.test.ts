import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Tasks } from './kinds.ts';
import { fanOut } from './testing/graphs.ts';
import { openStage, type Stage } from './testing/hub.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await openStage('large', () => ({}));
});

afterAll(() => stage?.close());

test('2,000 tasks, 1 → 1,998 → 1: each runs once, objects stay small, the status is written by time and not by task', async () => {
  const { client, lab, hub, backend } = stage;
  const started = Date.now();
  await lab.submit('wide', fanOut(1998));
  const { status } = await lab.ended('wide', 600_000);
  const seconds = (Date.now() - started) / 1000;
  expect(status).toMatchObject({ phase: 'Completed', taskCounts: { total: 2000, completed: 2000, failed: 0 } });
  expect([...backend.ran.values()].filter((uids) => uids.length !== 1)).toEqual([]);
  expect(backend.ran.size).toBe(2000);
  expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThan(16 * 1024);
  const { items } = await client.list(Tasks, { namespace: lab.namespace });
  expect(Math.max(...items.map((task) => Buffer.byteLength(JSON.stringify(task))))).toBeLessThan(200 * 1024);
  // One create per task; statuses: at most one a second, and a few for the transitions.
  expect(await hub.writes('workflow')).toBeLessThanOrEqual(2000 + seconds + 8);
}, 700_000);
