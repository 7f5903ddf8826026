import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { KubeClient } from '@osmo/kube';
import { connectToTestCluster, installDefinitions, until } from '@osmo/kube/testing';
import { startGateway, type TestGateway } from '../testing/gateway.ts';
import { type ClientAnswer, type ClientRequest, send } from './client.ts';
import { wrongFields } from './fields.ts';
import { type Exchange, readingExchanges } from './reading.ts';
import { changingExchanges, submissions } from './writing.ts';
import { dashboards, newWorld, type World } from './world.ts';

/*
 * What upstream's client 6.4.0 sends, and what it needs back: found by running it against a recording server. Every request goes to a real gateway
 * on a real apiserver, as it was recorded.
 */

let admin: KubeClient;
let world: World;
let gateway: TestGateway;

const ask = (request: ClientRequest): Promise<ClientAnswer> => send(gateway.url, request);

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../../crds/yaml/', import.meta.url));
  world = await newWorld(admin);
  gateway = await startGateway([
    `--default-namespace=${world.namespace}`,
    '--requests-per-second=1000',
    '--public-url=https://osmo.example.com/team/osmo/',
    '--client-minimum=6.2.0',
    '--client-latest=6.4.0',
    '--client-install-url=https://example.com/install',
  ]);
  const { namespace, user, workflows } = world;
  // Rights and caches get about.
  await until(
    async () => {
      const paths = [
        ...Object.values(workflows).map((id) => `/api/workflow/${id}`),
        `/api/workflow/${workflows.running}/task/first`,
        `/api/resources?pools=${namespace}`,
        '/api/tag',
      ];
      const all = await Promise.all(paths.map((path) => ask({ method: 'GET', path, user })));
      return all.map(({ status, text }) => [status, text.slice(0, 100)]);
    },
    (all) => all.every(([status, text]) => status === 200 && text !== '{"resources":[]}'),
  );
  await until(
    () => ask({ method: 'GET', path: `/api/task?statuses=RUNNING&statuses=COMPLETED`, user }),
    ({ text }) => /running-1[^]*ended-1|ended-1[^]*running-1/.test(text),
  );
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  await admin.close();
});

/** What every answer must be, error or not. */
function expectAnswer({ status = 200, fields, text }: Exchange, answer: ClientAnswer): void {
  expect([answer.status, answer.status === status ? '' : answer.text]).toEqual([status, '']);
  if (status >= 400) {
    expect(wrongFields(JSON.parse(answer.text), { message: 'text', error_code: 'text', workflow_id: 'text?' })).toEqual(
      [],
    );
    return;
  }
  if (text !== undefined) {
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(answer.text).toMatch(text);
    return;
  }
  expect(answer.text).not.toBe('');
  const json: unknown = JSON.parse(answer.text);
  expect({ wrong: wrongFields(json, fields ?? {}), json }).toEqual({ wrong: [], json });
}

describe.each([
  ['as it is', ''],
  ['behind a path prefix', '/team/osmo/'],
  ['behind a proxy that takes the prefix away', '/'],
])('a gateway %s answers', (_, prefix) => {
  test('everything that only reads', async () => {
    for (const exchange of readingExchanges(world)) {
      const request = exchange.request(world);
      // oxlint-disable-next-line no-await-in-loop
      const answer = await ask({ ...request, path: `${prefix}${request.path}` });
      try {
        expectAnswer(exchange, answer);
      } catch (error) {
        throw new Error(`${exchange.command}: ${request.method} ${request.path}: ${String(error)}`, { cause: error });
      }
      expect(answer.headers['x-osmo-warning']).toBeUndefined();
      expect(answer.headers['content-encoding']).toBeUndefined();
    }
  });
});

test('everything that changes something', async () => {
  for (const exchange of changingExchanges(world)) {
    const request = exchange.request(world);
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask(request);
    try {
      expectAnswer(exchange, answer);
    } catch (error) {
      throw new Error(`${exchange.command}: ${request.method} ${request.path}: ${String(error)}`, { cause: error });
    }
  }
});

test('links lead to where people reach the gateway', async () => {
  const { user, workflows } = world;
  const { text } = await ask({ method: 'GET', path: `/api/workflow/${workflows.ended}`, user });
  const base = 'https://osmo.example.com/team/osmo';
  const links = {
    overview: `${base}/workflows/${workflows.ended}`,
    logs: `${base}/api/workflow/${workflows.ended}/logs`,
  };
  expect(JSON.parse(text)).toMatchObject(links);
});

test('links lead to where the backend shows its work', async () => {
  const { user, namespace, workflows } = world;
  const { text } = await ask({ method: 'GET', path: `/api/workflow/${workflows.ended}`, user });
  const { uuid, ...found } = JSON.parse(text) as { uuid: string; groups: { tasks: object[] }[] };
  const dashboard_url = `${dashboards}/d?id=${uuid}`;
  expect(found).toMatchObject({ dashboard_url, grafana_url: `${dashboards}/g?ns=${namespace}` });
  expect(found.groups[0]?.tasks).toMatchObject([{ name: 'first', dashboard_url }]);
  const list = await ask({ method: 'GET', path: '/api/workflow?name=ended', user });
  expect(JSON.parse(list.text)).toMatchObject({ workflows: [{ dashboard_url }] });
});

describe('submitting', () => {
  test.each(submissions)('$title', async ({ request, status = 200, code, fields, message }) => {
    const answer = await ask(request(world));
    const json = JSON.parse(answer.text) as { message: string; error_code: string };
    expect([answer.status, json.error_code]).toEqual([status, code]);
    if (fields !== undefined) expect({ wrong: wrongFields(json, fields), json }).toEqual({ wrong: [], json });
    if (message !== undefined) expect(json.message).toMatch(message);
  });

  test('with priority LOW warns, in base64', async () => {
    const [plain] = submissions;
    const request = plain!.request(world);
    const answer = await ask({ ...request, path: `${request.path}?priority=LOW` });
    expect(answer.status).toBe(200);
    const header = String(answer.headers['x-osmo-warning']);
    expect(header).toMatch(/^[A-Za-z0-9+/]+=*$/);
    expect(Buffer.from(header, 'base64').toString('utf8')).toMatch(/^priority LOW: /);
  });
});

describe('a client', () => {
  const list = (version: string | undefined) =>
    ask({ method: 'GET', path: '/api/workflow', user: world.user, headers: { 'x-osmo-client-version': version } });

  test.each([undefined, '6.4.0', '7.0.0', 'none'])('of version %p is answered', async (version) => {
    const { status, headers } = await list(version);
    expect([status, headers['x-osmo-warning'], headers['x-osmo-service-version']]).toEqual([200, undefined, undefined]);
  });

  test('that is old is answered with a warning', async () => {
    const { status, headers } = await list('6.3.1');
    expect([status, headers['x-osmo-service-version']]).toEqual([200, '6.4.0']);
    const warning = Buffer.from(String(headers['x-osmo-warning']), 'base64').toString('utf8');
    expect(warning).toBe(
      'client version 6.3.1 is not the newest: 6.4.0 is there; get it from https://example.com/install',
    );
  });

  test('that is too old is refused, before anybody asks who it is', async () => {
    const headers = { 'x-osmo-client-version': '6.1.0' };
    const { status, text } = await ask({ method: 'GET', path: '/api/workflow', headers });
    expect([status, JSON.parse(text)]).toEqual([
      400,
      { message: expect.stringContaining('6.2.0 and newer'), error_code: 'OSMO_ERROR', workflow_id: null },
    ]);
    const known = await ask({ method: 'GET', path: '/client/version' });
    expect(JSON.parse(known.text)).toEqual({
      latest_version: '6.4.0',
      min_supported_version: '6.2.0',
      client_install_url: 'https://example.com/install',
    });
  });

  test('that asks for headers alone gets them at once, also of what streams', async () => {
    const { user, workflows } = world;
    const paths = ['/api/workflow', `/api/workflow/${workflows.running}/logs`, '/api/watch/workflow'];
    const answers = await Promise.all(paths.map((path) => ask({ method: 'HEAD', path, user })));
    expect(answers.map(({ status, text }) => [status, text])).toEqual(paths.map(() => [200, '']));
    expect(answers[0]?.headers['etag']).toBeDefined();
  });

  test('that offers compression gets streams piece by piece, without', async () => {
    const { user, workflows } = world;
    const { headers } = await ask({ method: 'GET', path: `/api/workflow/${workflows.ended}/logs`, user });
    expect([headers['transfer-encoding'], headers['content-encoding']]).toEqual(['chunked', undefined]);
  });

  test('without an identity is told how to get one', async () => {
    const { status, text } = await ask({ method: 'GET', path: '/api/workflow' });
    expect([status, JSON.parse(text)]).toEqual([
      401,
      { message: expect.stringContaining('Authorization: Bearer'), error_code: 'USER', workflow_id: null },
    ]);
  });
});
