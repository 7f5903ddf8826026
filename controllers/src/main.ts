import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  createClient,
  loadAccess,
  pinoLogger,
  type ProcessLike,
  runProcess,
  runtimeMetrics,
  systemClock,
} from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { pino } from 'pino';
import { runControllers } from './controllers.ts';
import { type Options, parseOptions, usage, UsageError } from './options.ts';
import { version } from './version.ts';

const clock = systemClock;

// The listeners of a process take whatever it emits; TypeScript can't say so.
const host = process as unknown as ProcessLike;

async function main(options: Options): Promise<number> {
  const logger = pinoLogger(pino({ level: options.logLevel }));
  const metrics = runtimeMetrics();
  const identity = `${process.env['POD_NAME'] ?? hostname()}-${randomUUID().slice(0, 8)}`;
  return runProcess(
    async (signal) => {
      const client = createClient({
        access: await loadAccess({ kubeconfig: options.kubeconfig, clock, env: process.env }),
        userAgent: `osmo-controllers/${version}`,
        metrics: metrics.clients.of('hub'),
        clock,
      });
      const archive = options.archiveUrl === undefined ? undefined : await openStore(options.archiveUrl);
      try {
        logger.info('starting', { version, identity, archive: archive?.url });
        await runControllers({ client, clock, logger, metrics, identity, archive, options }, signal);
      } finally {
        await archive?.close();
        await client.close();
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
