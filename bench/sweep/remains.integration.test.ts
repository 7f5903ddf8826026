import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Hub, startHub } from '../lab/hub.ts';
import { isEvent, leftIn, remainsOf } from './remains.ts';

const cleanup = new AsyncDisposableStack();
const signal = new AbortController().signal;
let hub: Hub;

beforeAll(async () => {
  const root = join(import.meta.dirname, '../..');
  hub = await startHub({ root, up: false, say: () => undefined, signal, cleanup }, { kwok: { nodes: 1 } });
}, 900_000);
afterAll(() => cleanup.disposeAsync(), 120_000);

test('of a workflow that has ended and whose time is over etcd keeps nothing but Events, and those of no more than what there was', async () => {
  const tasks = 30;
  const { namespace, ended, gone } = await remainsOf(hub, { say: () => undefined, signal }, tasks);
  const has = (kind: string): number => leftIn(ended, namespace).filter((key) => key.includes(`/${kind}/`)).length;
  expect([has('workflows'), has('tasks'), has('pods')]).toEqual([1, tasks, tasks]);
  expect(leftIn(gone, namespace)).toEqual([]);
  // Two for each task, the scheduler's, and those of the workflow.
  const events = gone.keys.filter((key) => isEvent(key) && key.includes(`/${namespace}/`)).length;
  expect(events).toBeGreaterThan(0);
  expect(events).toBeLessThanOrEqual(tasks * 8 + 10);
}, 600_000);
