import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isNotFound, type KubeClient, Lease, Namespace } from '@osmo/kube';
import { Backends, Pools, Tasks } from './kinds.ts';
import { Lab } from './testing/hub.ts';
import { freePort, Program } from './testing/program.ts';
import { connect, newNamespace } from './testing/real-cluster.ts';
import { until } from './testing/until.ts';

describe('controllers as a process', () => {
  let client: KubeClient;
  let lab: Lab;
  const programs: Program[] = [];

  beforeAll(async () => {
    client = await connect();
    lab = new Lab(client, await newNamespace(client, 'process'));
    await lab.makeBackend(lab.namespace);
    await lab.makePool(lab.namespace);
  }, 60_000);
  afterEach(async () => {
    await Promise.all(
      programs.splice(0).map(async (program) => {
        program.kill('SIGKILL');
        await program.exited;
      }),
    );
  });
  afterAll(async () => {
    const { namespace: name } = lab;
    await Promise.allSettled([
      client.delete(Namespace, { name }),
      client.delete(Backends, { name }),
      client.delete(Pools, { name }),
    ]);
    await client.close();
  });

  function start(...args: string[]): Program {
    const program = new Program(args);
    programs.push(program);
    return program;
  }
  const controllers = (...args: string[]): Program =>
    start(
      `--kubeconfig=${process.env['OSMO_TEST_KUBECONFIG'] ?? ''}`,
      `--namespace=${lab.namespace}`,
      '--leader-elect',
      ...args,
    );
  const get = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  const ready = (port: number) =>
    until(
      () => get(port, '/readyz'),
      (answer) => answer?.status === 200,
      30_000,
    );
  const taskExists = (name: string) => async () => {
    try {
      await client.get(Tasks, { namespace: lab.namespace, name });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };
  const holder = async () =>
    (await client.get(Lease, { namespace: lab.namespace, name: 'osmo-controllers' }).catch(() => undefined))?.spec
      ?.holderIdentity;
  const spec = { tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };

  test('probes, metrics and JSON logs; SIGTERM ends it in order and gives the Lease back', async () => {
    const [health, metrics] = [await freePort(), await freePort()];
    const program = controllers(`--health-port=${health}`, `--metrics-port=${metrics}`);
    await ready(health);
    expect((await get(health, '/healthz'))?.status).toBe(200);
    await lab.submit('first', spec);
    await until(taskExists('first.a'), (exists) => exists, 30_000);
    const text = (await (await get(metrics, '/metrics'))?.text()) ?? '';
    expect(text).toMatch(/^osmo_workflows\{phase="Pending"\} [1-9]/m);
    expect(text).toMatch(/controller_runtime_reconcile_total\{[^}]*controller="workflow"[^}]*\} [1-9]/);
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(await holder()).toBe('');
    for (const line of program.output.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    }
  }, 90_000);

  test('one of two replicas works; when it is killed the other takes over within 30 s', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const first = controllers(`--health-port=${a}`, '--metrics-port=0');
    await until(holder, (name) => name !== undefined && name !== '', 30_000);
    controllers(`--health-port=${b}`, '--metrics-port=0');
    await ready(b);
    first.kill('SIGKILL');
    await lab.submit('second', spec);
    await until(taskExists('second.a'), (exists) => exists, 30_000);
  }, 120_000);

  test.each([
    [['--help'], 0, 'Usage: controllers [flags]'],
    [['--workers', '0'], 2, '--workers "0": must be an integer from 1 to 1024'],
    [['--kubeconfig', '/nowhere'], 1, '/nowhere'],
  ])(
    '%j',
    async (args, code, text) => {
      const program = start(...args);
      expect(await program.exited).toBe(code);
      expect(program.output).toContain(text);
    },
    30_000,
  );
});
