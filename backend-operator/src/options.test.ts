import { describe, expect, test } from '@jest/globals';
import { UsageError } from '@osmo/kube';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';

describe('parseOptions', () => {
  test('defaults', () => {
    expect(parseOptions(['--backend', 'east'])).toEqual({
      backend: 'east',
      namespace: 'osmo',
      hubNamespace: 'osmo',
      leaderElect: false,
      register: true,
      workers: 16,
      nodeLostSeconds: 300,
      taskRuntimeImage: `docker.io/osmo/task-runtime:${version}`,
      createConfigErrorSeconds: 600,
      statusUnknownSeconds: 1800,
      startTimeoutSeconds: 1800,
      logStreams: 256,
      logReleaseSeconds: 300,
      uploadSeconds: 600,
      metricsPort: 8080,
      healthPort: 8081,
      logLevel: 'info',
    });
  });

  test('as the chart starts it', () => {
    const argv =
      '--backend=east --hub-kubeconfig=/hub/kubeconfig --hub-namespace=hub --task-runtime-image=docker.io/osmo/task-runtime:1 --namespace=osmo-system --leader-elect --metrics-port=8080 --health-port=8081 --log-level=debug --workers=4';
    expect(parseOptions(argv.split(' '))).toMatchObject({
      hubKubeconfig: '/hub/kubeconfig',
      hubNamespace: 'hub',
      taskRuntimeImage: 'docker.io/osmo/task-runtime:1',
      namespace: 'osmo-system',
      leaderElect: true,
      workers: 4,
      logLevel: 'debug',
    });
  });

  test('stores logs where it is told', () => {
    const url = 's3://logs/osmo?endpoint=http://s3:9000';
    const argv = ['--backend=e', `--log-url=${url}`, '--log-streams=8', '--log-release-seconds=60'];
    expect(parseOptions(argv)).toMatchObject({ logUrl: url, logStreams: 8, logReleaseSeconds: 60 });
    expect(() => parseOptions(['--backend=e', '--log-url=ftp://x'])).toThrow('--log-url: store URL "ftp://x"');
  });

  test('limits what pods do with intermediate storage where it is told', () => {
    expect(parseOptions(['--backend=e'])).not.toHaveProperty('dataRateLimit');
    const argv = ['--backend=e', '--data-bytes-per-second=20000000'];
    expect(parseOptions(argv).dataRateLimit).toEqual({ bytesPerSecond: 20_000_000 });
    expect(parseOptions([...argv, '--data-requests-per-second=50']).dataRateLimit).toEqual({
      bytesPerSecond: 20_000_000,
      requestsPerSecond: 50,
    });
    expect(() => parseOptions(['--backend=e', '--data-bytes-per-second=fast'])).toThrow(
      '--data-bytes-per-second "fast"',
    );
  });

  test.each([
    [[], '--backend "": must be a DNS label of at most 63 characters'],
    [['--backend', 'East'], '--backend "East": must be a DNS label of at most 63 characters'],
    [['--backend', 'e', '--workers', '0'], '--workers "0": must be an integer from 1 to 1024'],
    [['--backend', 'e', '--metrics-port', '1e3'], '--metrics-port "1e3": must be an integer from 0 to 65535'],
    [['--backend', 'e', '--register', 'no'], '--register "no": must be one of true, false'],
    [['--backend', 'e', '--log-level', 'loud'], '--log-level "loud": must be one of debug, info, warn, error'],
    [['--backend', 'e', '--task-runtime-image', ''], '--task-runtime-image "": must be the name of an image'],
    [['--backend', 'e', '--nodes'], "Unknown option '--nodes'"],
    [['--backend', 'e', 'extra'], "Unexpected argument 'extra'"],
  ])('%j is refused', (argv, message) => {
    expect(() => parseOptions(argv)).toThrow(UsageError);
    expect(() => parseOptions(argv)).toThrow(message);
  });

  test('every flag is in the usage', () => {
    for (const flag of Object.keys(parseOptions(['--backend', 'e']))) {
      expect(usage).toContain(`--${flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    }
  });
});
