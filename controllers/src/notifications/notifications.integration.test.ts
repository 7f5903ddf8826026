import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClient, isNotFound, type KubeClient, loadAccess, systemClock } from '@osmo/kube';
import { Outgoing } from '@osmo/kube/outgoing';
import { installDefinitions, newNamespace, until } from '@osmo/kube/testing';
import type { ControlPlane } from '../../../hack/cluster/control-plane/options.ts';
import { startControlPlane } from '../../../hack/cluster/control-plane/start.ts';
import { Hub, Lab } from '../testing/hub.ts';
import { template } from '../testing/objects.ts';
import { PlayedBackend } from '../testing/played-backend.ts';
import { parseSettings } from './settings.ts';

/* A control plane of its own: controllers of other tests, which tell nobody, would delete what has ended here. */
let plane: ControlPlane;
let client: KubeClient;
let folder: string;
let lab: Lab;
let backend: PlayedBackend;
let hub: Hub;
let outgoing: Outgoing;
let server: Server;

interface Call {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly event: { id: string; type: string; data: { name: string; status: string } };
}
const calls: Call[] = [];
/** What is done with a call; by default it is taken. */
let answer: (call: Call, response: ServerResponse) => void;

beforeAll(async () => {
  plane = await startControlPlane();
  const access = await loadAccess({ kubeconfig: plane.kubeconfigPath, clock: systemClock, env: {} });
  client = createClient({ access, userAgent: 'osmo-test' });
  await installDefinitions(client, new URL('../../../crds/yaml/', import.meta.url));
  folder = await mkdtemp(join(tmpdir(), 'notify-'));
  await writeFile(join(folder, 'secret'), 'whsec_a2V5\n');
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const call: Call = { headers: request.headers, body, event: JSON.parse(body) };
      calls.push(call);
      answer(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}, 30 * 60_000);

beforeEach(async () => {
  calls.length = 0;
  answer = (_, response) => response.writeHead(204).end();
  lab = new Lab(client, await newNamespace(client, 'notify'));
  await lab.makeBackend(lab.namespace);
  await lab.makePool(lab.namespace);
  backend = new PlayedBackend(client, lab.namespace, ({ spec }) =>
    spec.command.includes('fail') ? { phase: 'Failed', reason: 'Error', exitCode: 3 } : {},
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const webhooks = [{ name: 'ops', url, secretFile: join(folder, 'secret'), namespaces: [lab.namespace] }];
  const settings = parseSettings(JSON.stringify({ allow: ['127.0.0.1'], webhooks }));
  outgoing = new Outgoing({ allow: settings.allow });
  hub = new Hub(client, lab.namespace, { notifications: { settings, outgoing } });
  hub.start();
});

afterEach(async () => {
  await hub?.stop();
  await outgoing?.close();
  await backend?.stop();
  await lab?.clear();
});

afterAll(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => server?.close(resolve));
  await client?.close();
  await plane?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true });
}, 5 * 60_000);

const toldOf = (name: string) =>
  until(
    () => lab.get(name),
    ({ status }) => status?.notifications !== undefined,
  );
const isGone = (name: string) =>
  until(
    () =>
      lab.get(name).then(
        () => 'there',
        (error: unknown) => (isNotFound(error) ? 'gone' : String(error)),
      ),
    (state) => state === 'gone',
  );

test('an end is told once, signed, and what was told is said in the status', async () => {
  await lab.submit('bad', { tasks: [{ ...template('a'), command: ['fail'] }] });
  const { status, metadata } = await toldOf('bad');
  expect(status?.notifications).toMatchObject([{ target: 'webhook/ops', run: 0, state: 'Sent' }]);
  expect(calls).toHaveLength(1);
  const [{ headers, body, event }] = calls as [Call];
  expect(event).toMatchObject({
    ...{ id: `${metadata.uid}.0`, type: 'dev.osmo.workflow.ended' },
    data: { name: 'bad', status: 'FAILED', failed: [{ name: 'a', exitCode: 3 }] },
  });
  const signed = [headers['webhook-id'], headers['webhook-timestamp'], body].join('.');
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', 'key').update(signed).digest('base64')}`);

  // Nobody is told again by a controller that starts anew.
  await hub.stop();
  hub.start();
  await lab.submit('next', { tasks: [template('a')] });
  await toldOf('next');
  expect(calls.map((call) => call.event.data.name)).toEqual(['bad', 'next']);
});

test('who was told by a controller that died before it wrote that down hears the same id again', async () => {
  const held: ServerResponse[] = [];
  answer = (_, response) => void held.push(response);
  await lab.submit('crash', { tasks: [template('a')] });
  await until(
    () => held.length,
    (count) => count === 1,
  );
  await hub.stop();
  for (const response of held) response.writeHead(204).end();
  answer = (_, response) => response.writeHead(204).end();
  hub.start();
  await toldOf('crash');
  expect(calls).toHaveLength(2);
  expect(calls[1]?.event).toEqual(calls[0]?.event);
});

test('a workflow that is to be deleted at its end stays until it was told', async () => {
  const held: ServerResponse[] = [];
  answer = ({ event }, response) => {
    if (event.data.name === 'held') held.push(response);
    else response.writeHead(204).end();
  };
  await lab.submit('held', { tasks: [template('a')], ttlSecondsAfterFinished: 0 });
  await until(
    () => held.length,
    (count) => count === 1,
  );
  // One that came and ended later is gone by then.
  await lab.submit('later', { tasks: [template('a')], ttlSecondsAfterFinished: 0 });
  await isGone('later');
  expect((await lab.get('held')).status?.phase).toBe('Completed');
  // The first attempt fails; the next comes by itself.
  answer = (_, response) => response.writeHead(204).end();
  for (const response of held) response.writeHead(503).end();
  await isGone('held');
  expect(calls.filter(({ event }) => event.data.name === 'held')).toHaveLength(2);
});

test('web hooks of the workflow itself are told, and one that can not be is given up', async () => {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mine`;
  const notifications = [{ url }, { url: 'https://169.254.169.254/latest/meta-data' }];
  await lab.submit('own', { tasks: [template('a')], notifications });
  const { status } = await toldOf('own');
  expect(status?.notifications).toEqual([
    expect.objectContaining({ target: 'webhook/ops', state: 'Sent' }),
    expect.objectContaining({ target: expect.stringMatching(/^own\//), state: 'Sent' }),
    expect.objectContaining({
      state: 'Failed',
      message: expect.stringContaining('169.254.169.254 is a link-local address'),
    }),
  ]);
  expect(calls).toHaveLength(2);
});
