import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type KubeClient, Lease, Pod } from '@osmo/kube';
import { freePort, newNamespace, Program, testKubeconfig, until } from '@osmo/kube/testing';
import { Backends } from './kinds.ts';
import { connect, removeNamespace } from './testing/real-cluster.ts';
import { submitTask } from './testing/submit-task.ts';
import { newTask } from './testing/tasks.ts';

describe('backend-operator as a process', () => {
  let client: KubeClient;
  let namespace: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    client = await connect();
    namespace = await newNamespace(client, 'process');
  });
  afterEach(async () => {
    for (const program of programs.splice(0)) {
      program.kill('SIGKILL');
      // oxlint-disable-next-line no-await-in-loop
      await program.exited;
    }
  });
  afterAll(async () => {
    await removeNamespace(client, namespace);
    await client.delete(Backends, { name: namespace }).catch(() => undefined);
    await client.close();
  });

  function start(...args: string[]): Program {
    const program = new Program(new URL('main.ts', import.meta.url), args);
    programs.push(program);
    return program;
  }

  function operator(...args: string[]): Program {
    const common = [`--backend=${namespace}`, `--namespace=${namespace}`, `--kubeconfig=${testKubeconfig()}`];
    return start(...common, '--leader-elect', ...args);
  }

  async function submit(name: string): Promise<void> {
    await submitTask(client, namespace, newTask({ name }));
  }

  const podOf = (task: string) => async () =>
    (await client.list(Pod, { namespace, labelSelector: `osmo.task_name=${task}` })).items.length;
  const get = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const ready = (port: number) =>
    until(
      () => get(port, '/readyz'),
      ({ status }) => status === 200,
    );
  const leader = async () =>
    (await client.get(Lease, { namespace, name: `osmo-operator-${namespace}` })).spec?.holderIdentity;

  test('probes, metrics and JSON logs; SIGTERM ends it in order and gives the Lease back', async () => {
    const [health, metrics] = [await freePort(), await freePort()];
    const program = operator(`--health-port=${health}`, `--metrics-port=${metrics}`);
    await ready(health);
    expect((await get(health, '/healthz')).status).toBe(200);
    await submit('first');
    await until(podOf('first'), (count) => count === 1);
    await until(
      () => get(metrics, '/metrics'),
      ({ text }) => /controller_runtime_reconcile_total\{[^}]*controller="group"[^}]*\} [1-9]/.test(text),
    );
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(await leader()).toBe('');
    for (const line of program.output.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
  });

  test('one of two replicas works; when it is killed the other takes over within 30 s', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const first = operator(`--health-port=${a}`, '--metrics-port=0');
    await until(leader, (holder) => holder !== undefined && holder !== '');
    operator(`--health-port=${b}`, '--metrics-port=0');
    await ready(b);
    await submit('second');
    await until(podOf('second'), (count) => count === 1);
    first.kill('SIGKILL');
    await submit('third');
    await until(podOf('third'), (count) => count === 1);
    expect(await podOf('second')()).toBe(1);
  });

  test.each([
    [['--help'], 0, 'Usage: backend-operator --backend NAME'],
    [['--backend', 'Not A Name'], 2, '--backend "Not A Name": must be a DNS label'],
    [['--backend', 'x', '--kubeconfig', '/nowhere'], 1, '/nowhere'],
  ])('%j', async (args, code, text) => {
    const program = start(...args);
    expect(await program.exited).toBe(code);
    expect(program.output).toContain(text);
  });

  test("a backend that is another cluster's is refused", async () => {
    const name = `${namespace}-other`;
    await client.create(Backends, { apiVersion: 'osmo.dev/v1alpha1', kind: 'Backend', metadata: { name }, spec: {} });
    const status = { conditions: [], clusterUID: 'another-cluster' };
    await client.patch(Backends, { name }, { kind: 'merge', body: { status } }, { subresource: 'status' });
    const program = operator(`--backend=${name}`, '--health-port=0', '--metrics-port=0');
    expect(await program.exited).toBe(1);
    expect(program.output).toContain('belongs to the cluster whose kube-system namespace has UID another-cluster');
    await client.delete(Backends, { name });
  });
});
