import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigMap } from '../../client/kinds/core.ts';
import { startFakeApiserver } from '../../testing/index.ts';
import { runtimeMetrics } from '../metrics/runtime-metrics.ts';
import { FakeClock } from '../testing/fake-clock.ts';
import { recordingLogger } from '../testing/recording-logger.ts';
import { type Program, type ProgramHost, startProgram, UsageError } from './program.ts';

function setUp(argv: string[], change: Partial<Program<readonly string[]>> = {}, env = {}) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const host: ProgramHost = Object.assign(new EventEmitter(), {
    argv: ['node', 'main.js', ...argv],
    env,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    exit: () => undefined,
    exitCode: undefined,
  });
  const logger = recordingLogger();
  const program: Program<readonly string[]> = {
    name: 'tool',
    version: '1.2.3',
    usage: 'Usage: tool\n',
    parseOptions: (given) => given,
    logger: () => logger,
    run: () => Promise.resolve(),
    ...change,
  };
  const metrics = runtimeMetrics(undefined, { process: false });
  return { host, written, logger, ended: startProgram(program, host, { clock: new FakeClock(), metrics }) };
}

describe('a program', () => {
  test('prints its usage when asked, whatever else was said', async () => {
    const { ended, host, written } = setUp(['--wrong', '--help']);
    await ended;
    expect([host.exitCode, written.stdout]).toEqual([undefined, 'Usage: tool\n']);
  });

  test('refuses a wrong command line, and says what is right: 2', async () => {
    const parseOptions = () => {
      throw new UsageError('--wrong: unknown');
    };
    const { ended, host, written } = setUp(['--wrong'], { parseOptions });
    await ended;
    expect([host.exitCode, written.stderr]).toEqual([2, '--wrong: unknown\n\nUsage: tool\n']);
  });

  test('does not hide a mistake of its own as one of the command line', async () => {
    const parseOptions = () => {
      throw new TypeError('bug');
    };
    await expect(setUp([], { parseOptions }).ended).rejects.toThrow('bug');
  });

  test('runs with what it was told until it is stopped: 0', async () => {
    const ran: unknown[] = [];
    const run: Program<readonly string[]>['run'] = async (options, { identity }, signal) => {
      ran.push(options, identity);
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    };
    const { ended, host, logger } = setUp(['--a'], { run }, { POD_NAME: 'tool-0' });
    (host as unknown as EventEmitter).emit('SIGTERM', 'SIGTERM');
    await ended;
    expect(host.exitCode).toBe(0);
    expect(ran).toEqual([['--a'], expect.stringMatching(/^tool-0-[0-9a-f]{8}$/)]);
    expect(logger.lines[0]).toMatchObject({ message: 'starting', fields: { version: '1.2.3', identity: ran[1] } });
  });

  test('that fails says why: 1', async () => {
    const run = () => Promise.reject(new Error('no disk'));
    const { ended, host, logger } = setUp([], { run });
    await ended;
    expect(host.exitCode).toBe(1);
    expect(logger.lines.at(-1)).toMatchObject({ message: 'failed', fields: { error: { message: 'no disk' } } });
  });

  test('goes by the time of the cluster that it names, from the first answer on, and by that of no other', async () => {
    const server = await startFakeApiserver();
    const folder = await mkdtemp(join(tmpdir(), 'program-'));
    try {
      const kubeconfig = join(folder, 'config');
      const config = {
        'current-context': 'here',
        contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
        clusters: [{ name: 'c', cluster: { server: server.url } }],
        users: [{ name: 'u', user: {} }],
      };
      await writeFile(kubeconfig, JSON.stringify(config));
      const times: string[] = [];
      const run: Program<readonly string[]>['run'] = async (_, { connect, clock }) => {
        const start = new FakeClock().now();
        const isOwn = () => clock.now().getTime() === start.getTime();
        for (const cluster of ['other', 'hub']) {
          // One after the other: the first is to change nothing.
          // oxlint-disable-next-line no-await-in-loop
          const client = await connect(cluster, kubeconfig);
          // oxlint-disable-next-line no-await-in-loop
          await client.list(ConfigMap);
          // oxlint-disable-next-line no-await-in-loop
          await client.close();
          times.push(`${cluster}: ${isOwn() ? 'own' : 'its'} time`);
        }
      };
      await setUp([], { run, timeOf: 'hub' }).ended;
      await setUp([], { run }).ended;
      expect(times).toEqual(['other: own time', 'hub: its time', 'other: own time', 'hub: own time']);
    } finally {
      await rm(folder, { recursive: true });
      await server.close();
    }
  });

  test('connects to what a kubeconfig names, or says what is wrong with it', async () => {
    const run: Program<readonly string[]>['run'] = async (_, { connect }) => void (await connect('hub', '/nowhere'));
    const { ended, host, logger } = setUp([], { run });
    await ended;
    expect(host.exitCode).toBe(1);
    expect(JSON.stringify(logger.lines.at(-1))).toContain('/nowhere');
  });
});
