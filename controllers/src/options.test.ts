import { describe, expect, test } from '@jest/globals';
import { parseOptions, usage } from './options.ts';

test('without flags it runs in the cluster with the defaults that the usage states', () => {
  expect(parseOptions([])).toEqual({
    namespace: 'osmo',
    leaderElect: false,
    workers: 16,
    metricsPort: 8080,
    healthPort: 8081,
    logLevel: 'info',
  });
  expect(usage).toMatch(/--workers N .*default: 16/);
});

test('what becomes of finished workflows is told by two flags', () => {
  const argv = ['--ttl-seconds-after-finished', '0', '--archive-url', 's3://bucket/prefix?region=eu-1'];
  expect(parseOptions(argv)).toMatchObject({
    ttlSecondsAfterFinished: 0,
    archiveUrl: 's3://bucket/prefix?region=eu-1',
  });
});

describe('a value that is not allowed is refused with what is', () => {
  test.each([
    [['--workers', '0'], '--workers "0": must be an integer from 1 to 1024'],
    [['--workers', 'many'], '--workers "many": must be an integer from 1 to 1024'],
    [['--metrics-port', '70000'], '--metrics-port "70000": must be an integer from 0 to 65535'],
    [['--namespace', 'Not_A_Label'], '--namespace "Not_A_Label": must be a DNS label of at most 63 characters'],
    [['--ttl-seconds-after-finished=-1'], 'must be an integer from 0 to 31622400'],
    [['--ttl-seconds-after-finished=1w'], '--ttl-seconds-after-finished "1w": must be an integer'],
    [['--archive-url', 'ftp://bucket'], '--archive-url: store URL "ftp://bucket": ftp: is not known'],
    [['--log-level', 'loud'], '--log-level "loud": must be one of debug, info, warn, error'],
  ])('%j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });

  test.each([[['--unknown']], [['positional']]])('%j', (argv) => {
    expect(() => parseOptions(argv)).toThrow(/--unknown|positional/);
  });
});
