import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { extname } from 'node:path';
import {
  createImpersonator,
  type Impersonation,
  loadAccess,
  pinoLogger,
  type ProcessLike,
  runProcess,
  runtimeMetrics,
  systemClock,
} from '@osmo/kube';
import { RecipeReader } from '@osmo/workflow-spec';
import { pino } from 'pino';
import { runGateway } from './gateway.ts';
import { type Options, parseOptions, usage, UsageError } from './options.ts';
import { version } from './version.ts';

const clock = systemClock;

// From the sources, or as it was bundled beside this file.
const recipeWorker = new URL(`./recipe-worker${extname(import.meta.url)}`, import.meta.url);

// The listeners of a process take whatever it emits; TypeScript can't say so.
const host = process as unknown as ProcessLike;

async function main(options: Options): Promise<number> {
  const logger = pinoLogger(pino({ level: options.logLevel }));
  const metrics = runtimeMetrics();
  const identity = `${process.env['POD_NAME'] ?? hostname()}-${randomUUID().slice(0, 8)}`;
  return runProcess(
    async (signal) => {
      const impersonator = createImpersonator({
        access: await loadAccess({ kubeconfig: options.kubeconfig, clock, env: process.env }),
        userAgent: `osmo-api-gateway/${version}`,
        metrics: metrics.clients.of('hub'),
        clock,
      });
      const { own } = impersonator;
      const recipes = new RecipeReader({ worker: recipeWorker });
      try {
        logger.info('starting', { version, identity });
        const as = (who: Impersonation) => impersonator.as(who);
        await runGateway({ own, as, recipes, clock, logger, metrics, identity, options }, signal);
      } finally {
        await Promise.all([own.close(), recipes.close()]);
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
