import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { isNotFound, Lease } from '@osmo/kube';
import { freePort, Program, testKubeconfig, until } from '@osmo/kube/testing';
import { Tasks } from './kinds.ts';
import { type Lab, openLab } from './testing/hub.ts';

describe('controllers as a process', () => {
  let lab: Lab;
  const programs: Program[] = [];

  beforeAll(async () => {
    lab = await openLab('process');
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
    await lab?.clear();
    await lab?.client.close();
  });

  function start(...args: string[]): Program {
    const program = new Program(new URL('main.ts', import.meta.url), args);
    programs.push(program);
    return program;
  }
  const controllers = (...args: string[]): Program =>
    start(`--kubeconfig=${testKubeconfig()}`, `--namespace=${lab.namespace}`, '--leader-elect', ...args);
  const get = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
  const ready = (port: number) =>
    until(
      () => get(port, '/readyz'),
      ({ status }) => status === 200,
    );
  const taskExists = (name: string) => async () => {
    try {
      await lab.client.get(Tasks, { namespace: lab.namespace, name });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  };
  const holder = async () =>
    (await lab.client.get(Lease, { namespace: lab.namespace, name: 'osmo-controllers' })).spec?.holderIdentity;
  const spec = { tasks: [{ name: 'a', image: 'busybox', command: ['true'] }] };

  test('probes, metrics and JSON logs; SIGTERM ends it in order and gives the Lease back', async () => {
    const [health, metrics] = [await freePort(), await freePort()];
    const program = controllers(`--health-port=${health}`, `--metrics-port=${metrics}`);
    await ready(health);
    expect((await get(health, '/healthz')).status).toBe(200);
    await lab.submit('first', spec);
    await until(taskExists('first.a'), (exists) => exists);
    await until(
      () => get(metrics, '/metrics'),
      ({ text }) =>
        /^osmo_workflows\{phase="Pending"\} [1-9]/m.test(text) &&
        /controller_runtime_reconcile_total\{[^}]*controller="workflow"[^}]*\} [1-9]/.test(text),
    );
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(await holder()).toBe('');
    for (const line of program.output.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    }
  });

  test('one of two replicas works; when it is killed the other takes over within 30 s', async () => {
    const [a, b] = [await freePort(), await freePort()];
    const first = controllers(`--health-port=${a}`, '--metrics-port=0');
    await until(holder, (name) => name !== undefined && name !== '');
    controllers(`--health-port=${b}`, '--metrics-port=0');
    await ready(b);
    first.kill('SIGKILL');
    await lab.submit('second', spec);
    await until(taskExists('second.a'), (exists) => exists);
  });

  test.each([
    [['--help'], 0, 'Usage: controllers [flags]'],
    [['--workers', '0'], 2, '--workers "0": must be an integer from 1 to 1024'],
    [['--kubeconfig', '/nowhere'], 1, '/nowhere'],
  ])('%j', async (args, code, text) => {
    const program = start(...args);
    expect(await program.exited).toBe(code);
    expect(program.output).toContain(text);
  });
});
