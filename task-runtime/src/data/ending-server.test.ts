import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type EndingServer, listenForEnding, untilListening } from './ending-server.ts';

let folder: string;
let server: EndingServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osmo-ending-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true, force: true });
});

const options = (more: object = {}) => ({
  port: 0,
  path: '/ending',
  socket: join(folder, 'ready.sock'),
  onEnding: () => undefined,
  ...more,
});

test('hears that the pod is being deleted, and nothing else', async () => {
  const heard: string[] = [];
  server = await listenForEnding(options({ onEnding: () => heard.push('ending') }));
  const url = `http://127.0.0.1:${server.port}`;
  expect((await fetch(`${url}/other`)).status).toBe(404);
  expect(heard).toEqual([]);
  expect((await fetch(`${url}/ending`)).status).toBe(204);
  expect(heard).toEqual(['ending']);
});

test('a port that is taken is no failure', async () => {
  const other = createServer();
  other.listen(0);
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  server = await listenForEnding(options({ port }));
  expect(await untilListening(join(folder, 'ready.sock'))).toBe(true);
  other.close();
});

test('who waits for it gives up when nobody ever listens', async () => {
  expect(await untilListening(join(folder, 'nobody.sock'), 1)).toBe(false);
});
