import { describe, expect, test } from '@jest/globals';
import { KubeError } from '../client/errors.ts';
import { loggable, pinoLogger, type PinoLike } from './logger.ts';
import { recordingLogger } from './testing/recording-logger.ts';

describe('log fields', () => {
  test.each([
    ['authorization', 'Bearer abc'],
    ['password', 'x'],
    ['bearerToken', 'x'],
    ['clientSecret', 'x'],
    ['apiKey', 'x'],
    ['private-key', 'x'],
    ['credentials', { a: 1 }],
  ])('%s is redacted at any depth', (key, value) => {
    expect(loggable({ [key]: value })).toEqual({ [key]: '[redacted]' });
    expect(loggable({ a: { b: [{ [key]: value }] } })).toEqual({ a: { b: [{ [key]: '[redacted]' }] } });
  });

  test('names and counts that only sound like secrets stay', () => {
    const fields = { secretName: 'pull', tokens: 3, key: 'n/a', keys: ['a'] };
    expect(loggable(fields)).toEqual(fields);
  });

  test('errors keep name, message and stack; tokens in them go', () => {
    const { error } = loggable({ error: new KubeError({ status: 401, reason: 'X', message: 'Bearer abcdefgh12345' }) });
    expect(error).toMatchObject({ name: 'KubeError', message: 'Bearer [redacted]' });
    expect(JSON.stringify(error)).not.toContain('abcdefgh12345');
  });

  test('depth and width are bounded, cycles end', () => {
    const cycle: Record<string, unknown> = { list: Array.from({ length: 1000 }, (_, i) => i) };
    cycle['self'] = cycle;
    const text = JSON.stringify(loggable(cycle));
    expect(text).toContain('[deep]');
    expect(text.length).toBeLessThan(4000);
  });

  test('dates and big numbers become text', () => {
    expect(loggable({ at: new Date(0), never: new Date(NaN), big: 10n })).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      never: 'Invalid Date',
      big: '10',
    });
  });

  test('pino gets fields first and children keep theirs', () => {
    const lines: unknown[] = [];
    const pino = (bindings: object): PinoLike => {
      const write = (level: string) => (fields: object, message: string) =>
        void lines.push([level, { ...bindings, ...fields }, message]);
      return {
        debug: write('debug'),
        info: write('info'),
        warn: write('warn'),
        error: write('error'),
        child: (more) => pino({ ...bindings, ...more }),
      };
    };
    const logger = pinoLogger(pino({})).child({ controller: 'a', token: 'x' });
    logger.debug('d');
    logger.info('i', { n: 1 });
    logger.warn('w');
    logger.error('e');
    const base = { controller: 'a', token: '[redacted]' };
    expect(lines).toEqual([
      ['debug', base, 'd'],
      ['info', { ...base, n: 1 }, 'i'],
      ['warn', base, 'w'],
      ['error', base, 'e'],
    ]);
  });

  test('the recording logger keeps level, message and inherited fields', () => {
    const logger = recordingLogger();
    logger.child({ a: 1 }).child({ b: 2 }).warn('careful', { c: 3 });
    expect(logger.lines).toEqual([{ level: 'warn', message: 'careful', fields: { a: 1, b: 2, c: 3 } }]);
  });
});
