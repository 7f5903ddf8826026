import { EventEmitter } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { FakeClock, settle } from '../testing/fake-clock.ts';
import { recordingLogger } from '../testing/recording-logger.ts';
import { runProcess } from './process.ts';

function setUp(main: (signal: AbortSignal) => Promise<void>) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const exits: number[] = [];
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const code = runProcess(main, { process, clock, logger, hardStopMs: 30_000 });
  return { clock, logger, exits, process, code };
}

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve()));

describe('process', () => {
  test.each(['SIGTERM', 'SIGINT'])('%s stops it in order: 0', async (signal) => {
    const { process, code, exits } = setUp(untilStopped);
    process.emit(signal, signal);
    expect(await code).toBe(0);
    expect(exits).toEqual([]);
    expect(process.eventNames()).toEqual([]);
  });

  test('a failure is logged: 1', async () => {
    const { code, logger } = setUp(async () => {
      throw new Error('no port');
    });
    expect(await code).toBe(1);
    expect(logger.lines).toMatchObject([
      { level: 'error', message: 'failed', fields: { error: { message: 'no port' } } },
    ]);
  });

  test('what is left over after the main work does not keep the process', async () => {
    const logger = recordingLogger();
    const exited = Promise.withResolvers<number>();
    const process = Object.assign(new EventEmitter(), { exit: exited.resolve });
    const main = () => Promise.reject(new Error('lost'));
    expect(await runProcess(main, { process, clock: new FakeClock(), logger, lingerMs: 1 })).toBe(1);
    const alive = setInterval(() => undefined, 1000);
    expect(await exited.promise).toBe(1);
    clearInterval(alive);
  });

  test('a second signal exits at once', async () => {
    const { process, exits } = setUp(() => new Promise(() => undefined));
    process.emit('SIGTERM', 'SIGTERM');
    expect(exits).toEqual([]);
    process.emit('SIGTERM', 'SIGTERM');
    expect(exits).toEqual([1]);
  });

  test('what does not stop is ended', async () => {
    const { clock, process, exits } = setUp(() => new Promise(() => undefined));
    process.emit('SIGTERM', 'SIGTERM');
    clock.advance(29_999);
    expect(exits).toEqual([]);
    clock.advance(1);
    expect(exits).toEqual([1]);
  });

  test.each(['uncaughtException', 'unhandledRejection'])('%s is logged and exits with 70', async (event) => {
    const { process, exits, logger } = setUp(() => new Promise(() => undefined));
    process.emit(event, new Error('bug'));
    await settle();
    expect(exits).toEqual([70]);
    expect(logger.lines.at(-1)).toMatchObject({
      message: 'unhandled error, exiting',
      fields: { error: { message: 'bug' } },
    });
  });
});
