import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort, Program, testKubeconfig, until } from '@osmo/kube/testing';
import { type Lab, openLab } from './testing/lab.ts';

describe('the webhooks as a process', () => {
  let lab: Lab;
  const programs: Program[] = [];
  beforeAll(async () => {
    lab = await openLab('webhooks-process');
  });
  afterEach(async () => {
    await Promise.all(
      programs.splice(0).map(async (program) => {
        program.kill('SIGKILL');
        await program.exited;
      }),
    );
  });
  afterAll(async () => lab?.clear());

  const start = (...args: string[]): Program => {
    const program = new Program(new URL('main.ts', import.meta.url), args);
    programs.push(program);
    return program;
  };
  const get = async (port: number, path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };

  test('are ready when the apiserver is answered; SIGTERM ends them in order', async () => {
    const [health, metrics] = [await freePort(), await freePort()];
    const program = start(
      ...[`--kubeconfig=${testKubeconfig()}`, ...lab.flags, `--port=${lab.port}`, '--host=127.0.0.1', '--drain-ms=0'],
      ...[`--health-port=${health}`, `--metrics-port=${metrics}`],
    );
    await until(
      () => get(health, '/readyz'),
      ({ status }) => status === 200,
    );
    const ghost = { tasks: [{ name: 'a', image: 'b', command: ['c'], inputs: [{ task: { name: 'ghost' } }] }] };
    const verdict = () =>
      lab.submit('w', ghost, { dryRun: true }).then(
        () => 'taken',
        (error: Error) => error.message,
      );
    await until(verdict, (text) => text.includes('spec.tasks[0].inputs[0].task.name: "ghost"'));
    await until(
      () => get(metrics, '/metrics'),
      ({ text }) =>
        /^osmo_webhook_request_duration_seconds_count\{question="validate",outcome="refused"\} [1-9]/m.test(text) &&
        /^osmo_webhook_certificates_issued_total 1$/m.test(text) &&
        /^osmo_webhook_certificate_not_after_timestamp_seconds \d/m.test(text),
    );
    program.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.output).not.toContain('PRIVATE KEY');
    for (const line of program.output.trim().split('\n')) {
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number), msg: expect.any(String) });
    }
  });

  test.each([
    [['--help'], 0, 'Usage: webhooks [flags]'],
    [['--port', 'x'], 2, '--port "x": must be an integer from 0 to 65535'],
    [['--kubeconfig', '/nowhere'], 1, '/nowhere'],
  ])('%j', async (args, code, text) => {
    const program = start(...args);
    expect(await program.exited).toBe(code);
    expect(program.output).toContain(text);
  });
});
