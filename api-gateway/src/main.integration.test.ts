import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Namespace, ServiceAccount } from '@osmo/kube';
import { connectToTestCluster, freePort, installDefinitions, newNamespace, Program, until } from '@osmo/kube/testing';
import { parse, stringify } from 'yaml';
import { Workflows } from './kinds.ts';
import { permissions } from './permissions.ts';
import { grant } from './testing/rights.ts';

const main = new URL('./main.ts', import.meta.url);
let admin: KubeClient;
let namespace: string;
let folder: string;
let kubeconfig: string;
const programs: Program[] = [];
const undo: (() => Promise<unknown>)[] = [];

async function tokenOf(name: string): Promise<string> {
  const ref = { name, namespace };
  await admin.create(ServiceAccount, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: ref });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: ref, spec: {} };
  const issued = await admin.create(ServiceAccount, request, { subresource: 'token' });
  return (issued as unknown as { status: { token: string } }).status.token;
}

/** A kubeconfig of an account that may do what the gateway says that it needs, and nothing else. */
async function limitedKubeconfig(): Promise<string> {
  const token = await tokenOf('gateway');
  const account = { kind: 'User', name: `system:serviceaccount:${namespace}:gateway` } as const;
  undo.push(await grant(admin, `${namespace}-gateway`, account, permissions));
  const config = parse(await readFile(process.env['OSMO_TEST_KUBECONFIG'] ?? '', 'utf8')) as { users: object[] };
  const file = join(folder, 'kubeconfig');
  await writeFile(file, stringify({ ...config, users: config.users.map((user) => ({ ...user, user: { token } })) }));
  return file;
}

beforeAll(async () => {
  admin = await connectToTestCluster();
  await installDefinitions(admin, new URL('../../crds/yaml/', import.meta.url));
  namespace = await newNamespace(admin, 'gateway-process');
  undo.push(() => admin.delete(Namespace, { name: namespace }));
  folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  kubeconfig = await limitedKubeconfig();
});
afterEach(async () => {
  await Promise.all(
    programs.splice(0).map(async (program) => {
      program.kill('SIGKILL');
      await program.exited;
    }),
  );
});
afterAll(async () => {
  await Promise.allSettled(undo.map((each) => each()));
  await admin.close();
  await rm(folder, { recursive: true });
});

function start(...args: string[]): Program {
  const program = new Program(main, args);
  programs.push(program);
  return program;
}

describe('the gateway as a process', () => {
  test('does all with the rights that it says it needs; SIGTERM ends it in order', async () => {
    const [port, health, metrics] = [await freePort(), await freePort(), await freePort()];
    const ports = [`--port=${port}`, `--health-port=${health}`, `--metrics-port=${metrics}`, '--drain-ms=500'];
    const program = start(`--kubeconfig=${kubeconfig}`, `--default-namespace=${namespace}`, ...ports);
    const get = (at: number, path: string, headers: Record<string, string> = {}) =>
      fetch(`http://127.0.0.1:${at}${path}`, { headers });
    await until(
      () => get(health, '/readyz'),
      ({ status }) => status === 200,
    );
    expect((await get(health, '/healthz')).status).toBe(200);
    await until(
      () => get(port, '/api/version'),
      ({ status }) => status === 200,
    );

    const authorization = `Bearer ${await tokenOf('robot')}`;
    const rules = [
      { apiGroups: ['osmo.dev'], resources: ['workflows'], verbs: ['get', 'list', 'create', 'patch'] },
      { apiGroups: ['osmo.dev'], resources: ['workflows/log'], verbs: ['get'] },
    ];
    const robot = { kind: 'User', name: `system:serviceaccount:${namespace}:robot` } as const;
    undo.push(await grant(admin, 'robot', robot, rules, namespace));
    const spec = { pool: namespace, tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };
    const head = { apiVersion: 'osmo.dev/v1alpha1', kind: 'Workflow', metadata: { name: 'w', namespace } };
    await admin.create(Workflows, { ...head, spec } as never);
    const read = (path: string) => get(port, path, { authorization });
    await until(
      () => read('/api/workflow/w'),
      ({ status }) => status === 200,
    );
    const cancel = await fetch(`http://127.0.0.1:${port}/api/workflow/w/cancel`, {
      method: 'POST',
      headers: { authorization },
    });
    expect(cancel.status).toBe(200);
    expect((await read('/api/workflow/w/spec')).status).toBe(200);
    expect((await read('/api/workflow/w/events?follow=False')).status).toBe(200);
    await admin.patch(
      Workflows,
      head.metadata,
      { kind: 'merge', body: { status: { phase: 'Failed', reason: 'Canceled', conditions: [] } } },
      { subresource: 'status' },
    );
    await until(
      async () => ((await (await read('/api/workflow/w')).json()) as { status: string }).status,
      (status) => status === 'FAILED_CANCELED',
    );
    const logs = await read('/api/workflow/w/logs');
    expect(logs.status).toBe(200);
    // No task ran: nothing but how it ended.
    expect(await logs.text()).toMatch(/^-+\nWorkflow w has ended as FAILED_CANCELED\.\n-+\n$/);
    await until(
      async () => (await get(metrics, '/metrics')).text(),
      (text) => /osmo_gateway_request_duration_seconds_count\{operation="getWorkflow",status="200"\} [1-9]/.test(text),
    );

    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.output).not.toContain(authorization.slice('Bearer '.length));
    for (const line of program.output.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    }
  });

  test.each([
    [['--help'], 0, 'Usage: api-gateway [flags]'],
    [['--port', 'x'], 2, '--port "x": must be an integer from 0 to 65535'],
    [['--kubeconfig', '/nowhere'], 1, '/nowhere'],
  ])('%j', async (args, code, text) => {
    const program = start(...args);
    expect(await program.exited).toBe(code);
    expect(program.output).toContain(text);
  });
});
