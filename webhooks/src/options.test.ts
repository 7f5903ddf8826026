import { expect, test } from '@jest/globals';
import { UsageError } from '@osmo/kube';
import { parseOptions, usage } from './options.ts';

test('everything has a default', () => {
  expect(parseOptions([])).toEqual({
    namespace: 'osmo',
    secret: 'osmo-webhooks-tls',
    manageCertificates: true,
    configuration: 'osmo-webhooks',
    serverNames: ['osmo-webhooks.osmo.svc'],
    host: '::',
    port: 8443,
    drainMs: 5000,
    metricsPort: 8080,
    healthPort: 8081,
    logLevel: 'info',
  });
});

test('everything can be set', () => {
  const argv = ['--kubeconfig=/k', '--namespace=n', '--secret=s', '--external-certificates', '--configuration=c'];
  const more = ['--server-name=a.b', '--server-name=c', '--host=127.0.0.1', '--port=0', '--drain-ms=1'];
  const rest = ['--metrics-port=0', '--health-port=1', '--log-level=debug'];
  expect(parseOptions([...argv, ...more, ...rest])).toEqual({
    kubeconfig: '/k',
    namespace: 'n',
    secret: 's',
    manageCertificates: false,
    configuration: 'c',
    serverNames: ['a.b', 'c'],
    host: '127.0.0.1',
    port: 0,
    drainMs: 1,
    metricsPort: 0,
    healthPort: 1,
    logLevel: 'debug',
  });
});

test.each([
  ['--namespace=A', '--namespace "A": must be a DNS label'],
  ['--namespace=a.b', '--namespace "a.b": must be a DNS label'],
  ['--server-name=a..b', '--server-name "a..b": must be a DNS name'],
  ['--port=70000', '--port "70000": must be an integer from 0 to 65535'],
  ['--log-level=loud', '--log-level "loud": must be one of debug, info, warn, error'],
  ['--unknown', '--unknown'],
])('%s is refused', (flag, message) => {
  expect(() => parseOptions([flag])).toThrow(UsageError);
  expect(() => parseOptions([flag])).toThrow(message);
});

test('the usage names every flag', () => {
  for (const flag of ['kubeconfig', 'namespace', 'secret', 'external-certificates', 'configuration', 'server-name'])
    expect(usage).toContain(`--${flag} `);
});
