import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import {
  createClient,
  type KubeClient,
  loadAccess,
  pinoLogger,
  type ProcessLike,
  runProcess,
  runtimeMetrics,
  systemClock,
} from '@osmo/kube';
import { pino } from 'pino';
import { runOperator } from './operator.ts';
import { type Options, parseOptions, usage, UsageError } from './options.ts';
import { version } from './version.ts';

const clock = systemClock;

// The listeners of a process take whatever it emits; TypeScript can't say so.
const host = process as unknown as ProcessLike;

async function main(options: Options): Promise<number> {
  const logger = pinoLogger(pino({ level: options.logLevel, base: { backend: options.backend } }));
  const metrics = runtimeMetrics();
  const identity = `${process.env['POD_NAME'] ?? hostname()}-${randomUUID().slice(0, 8)}`;
  return runProcess(
    async (signal) => {
      const connect = async (name: string, kubeconfig: string | undefined): Promise<KubeClient> =>
        createClient({
          access: await loadAccess({ kubeconfig, clock, env: process.env }),
          userAgent: `osmo-backend-operator/${version}`,
          metrics: metrics.clients.of(name),
          clock,
        });
      const cluster = await connect('cluster', options.kubeconfig);
      const hub = await connect('hub', options.hubKubeconfig ?? options.kubeconfig);
      try {
        logger.info('starting', { version, identity });
        await runOperator({ hub, cluster, clock, logger, metrics, identity, version, options }, signal);
      } finally {
        await Promise.all([hub.close(), cluster.close()]);
      }
    },
    { process: host, clock, logger },
  );
}

function readOptions(): Options | undefined {
  const argv = process.argv.slice(2);
  if (argv.includes('--help')) {
    process.stdout.write(usage);
    return undefined;
  }
  try {
    return parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
    return undefined;
  }
}

const options = readOptions();
if (options !== undefined) process.exitCode = await main(options);
