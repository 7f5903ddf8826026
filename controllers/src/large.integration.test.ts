import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type KubeClient, Namespace } from '@osmo/kube';
import { Backends, Pools, Tasks } from './kinds.ts';
import { fanOut } from './testing/graphs.ts';
import { Hub, Lab } from './testing/hub.ts';
import { PlayedBackend } from './testing/played-backend.ts';
import { connect, newNamespace } from './testing/real-cluster.ts';

let client: KubeClient;
let lab: Lab;
let hub: Hub;
let backend: PlayedBackend;

beforeAll(async () => {
  client = await connect();
  const namespace = await newNamespace(client, 'large');
  lab = new Lab(client, namespace);
  await lab.makeBackend(namespace);
  await lab.makePool(namespace);
  hub = new Hub(client, namespace);
  hub.start();
  backend = new PlayedBackend(client, namespace, () => ({}));
}, 60_000);

afterAll(async () => {
  await backend.stop();
  await hub.stop();
  await Promise.allSettled([
    client.delete(Namespace, { name: lab.namespace }),
    client.delete(Backends, { name: lab.namespace }),
    client.delete(Pools, { name: lab.namespace }),
  ]);
  await client.close();
}, 60_000);

test('2,000 tasks, 1 → 1,998 → 1: each runs once, objects stay small, the status is written by time and not by task', async () => {
  const started = Date.now();
  await lab.submit('wide', fanOut(1998));
  const { status } = await lab.ended('wide', 300_000);
  const seconds = (Date.now() - started) / 1000;
  expect(status).toMatchObject({ phase: 'Completed', taskCounts: { total: 2000, completed: 2000, failed: 0 } });
  expect([...backend.ran.values()].filter((uids) => uids.length !== 1)).toEqual([]);
  expect(backend.ran.size).toBe(2000);
  expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThan(16 * 1024);
  const { items } = await client.list(Tasks, { namespace: lab.namespace });
  expect(Math.max(...items.map((task) => Buffer.byteLength(JSON.stringify(task))))).toBeLessThan(200 * 1024);
  // One create per task; statuses: at most one a second, and a few for the transitions.
  expect(await hub.writes('workflow')).toBeLessThanOrEqual(2000 + seconds + 8);
}, 330_000);
