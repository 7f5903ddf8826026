import { describe, expect, test } from '@jest/globals';
import { parseOptions, usage } from './options.ts';

test('without flags it runs in the cluster with the defaults that the usage states', () => {
  expect(parseOptions([])).toEqual({
    accessTokenMaxDays: 365,
    defaultNamespace: 'default',
    host: '::',
    port: 8000,
    dev: false,
    devGroups: ['osmo:dev'],
    requestsPerSecond: 50,
    requestBurst: 200,
    clients: {},
    outgoingAllow: [],
    credentialSwitches: { registries: [], schemes: [] },
    maxBodyBytes: 4194304,
    drainMs: 5000,
    metricsPort: 8080,
    healthPort: 8081,
    logLevel: 'info',
  });
  expect(parseOptions(['--public-url', 'https://a.example.com/b/']).publicUrl).toBe('https://a.example.com/b');
  expect(usage).toMatch(/--request-burst N .*default: 200/);
});

describe('a value that is not allowed is refused with what is', () => {
  test.each([
    [['--keys-secret', 'keys'], '--keys-secret: needs --namespace'],
    [['--keys-secret', 'No Name', '--namespace', 'osmo'], '--keys-secret "No Name": must be the name of a Secret'],
    [['--outgoing-allow', '10.1'], '--outgoing-allow: "10.1": must be a network'],
    [['--trust-registry', 'a b'], '--trust-registry "a b": must be a registry'],
    [['--trust-storage', 'http'], '--trust-storage "http": must be s3, gs, azure, tos, swift or *'],
    [['--request-burst', '0'], '--request-burst "0": must be an integer from 1 to 1000000'],
    [['--dev-group', 'system:masters'], '--dev-group "system:masters": must be'],
    [['--public-url', 'ftp://a'], '--public-url "ftp://a": must be a URL such as https://'],
    [['--public-url', 'https://a/?b'], '--public-url "https://a/?b": must be a URL'],
    [['--client-latest', 'v6'], '--client-latest "v6": must be a version such as 6.4.0'],
    [['--metrics-port', '70000'], '--metrics-port "70000": must be an integer from 0 to 65535'],
    [
      ['--default-namespace', 'Not_A_Label'],
      '--default-namespace "Not_A_Label": must be a DNS label of at most 63 characters',
    ],
    [['--log-level', 'loud'], '--log-level "loud": must be one of debug, info, warn, error'],
  ])('%j', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(message);
  });

  test.each([[['--unknown']], [['positional']]])('%j', (argv) => {
    expect(() => parseOptions(argv)).toThrow(/--unknown|positional/);
  });
});
