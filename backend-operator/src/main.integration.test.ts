import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Labels } from '@osmo/crds';
import { type KubeClient, Lease, Pod } from '@osmo/kube';
import { Backends, Tasks } from './kinds.ts';
import { freePort, Program } from './testing/program.ts';
import { connect, newNamespace, removeNamespace } from './testing/real-cluster.ts';
import { newTask } from './testing/tasks.ts';
import { until } from './testing/until.ts';

describe('backend-operator as a process', () => {
  let client: KubeClient;
  let namespace: string;
  const programs: Program[] = [];

  beforeAll(async () => {
    client = await connect();
    namespace = await newNamespace(client, 'process');
  }, 60_000);
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
    const program = new Program(args);
    programs.push(program);
    return program;
  }

  function operator(...args: string[]): Program {
    const kubeconfig = process.env['OSMO_TEST_KUBECONFIG'] ?? '';
    const common = [`--backend=${namespace}`, `--namespace=${namespace}`, `--kubeconfig=${kubeconfig}`];
    return start(...common, '--leader-elect', ...args);
  }

  async function submit(name: string): Promise<void> {
    const { metadata, spec, ...rest } = newTask({ name });
    const labels = { ...metadata.labels, [Labels.backend]: namespace };
    await client.create(Tasks, {
      ...rest,
      metadata: { name: metadata.name, namespace, labels },
      spec: { ...spec, backend: namespace },
    });
  }

  const podOf = (task: string) => async () =>
    (await client.list(Pod, { namespace, labelSelector: `osmo.task_name=${task}` })).items.length;
  const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  const leader = async () =>
    (await client.get(Lease, { namespace, name: `osmo-operator-${namespace}` }).catch(() => undefined))?.spec
      ?.holderIdentity;

  test('probes, metrics and JSON logs; SIGTERM ends it in order and gives the Lease back', async () => {
    const [health, metrics] = [await freePort(), await freePort()];
    const program = operator(`--health-port=${health}`, `--metrics-port=${metrics}`);
    await until(
      () => get(health, '/readyz'),
      (answer) => answer?.status === 200,
      30_000,
    );
    expect((await get(health, '/healthz'))?.status).toBe(200);
    await submit('first');
    await until(podOf('first'), (count) => count === 1);
    const text = (await (await get(metrics, '/metrics'))?.text()) ?? '';
    expect(text).toMatch(/controller_runtime_reconcile_total\{[^}]*controller="group"[^}]*\} [1-9]/);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(await leader()).toBe('');
    for (const line of program.output.trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
  }, 60_000);

  test('one of two replicas works; when it is killed the other takes over within 30 s', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const first = operator(`--health-port=${a}`, '--metrics-port=0');
    await until(leader, (holder) => holder !== undefined && holder !== '', 30_000);
    operator(`--health-port=${b}`, '--metrics-port=0');
    await until(
      () => get(b, '/readyz'),
      (answer) => answer?.status === 200,
      30_000,
    );
    await submit('second');
    await until(podOf('second'), (count) => count === 1);
    first.kill('SIGKILL');
    await submit('third');
    await until(podOf('third'), (count) => count === 1, 30_000);
    expect(await podOf('second')()).toBe(1);
  }, 90_000);

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
  }, 30_000);
});
