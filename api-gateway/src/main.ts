import { extname } from 'node:path';
import { type Impersonation, pinoLogger, startProgram } from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { RecipeReader } from '@osmo/workflow-spec';
import { pino } from 'pino';
import { runGateway } from './gateway.ts';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';

// From the sources, or as it was bundled beside this file.
const recipeWorker = new URL(`./recipe-worker${extname(import.meta.url)}`, import.meta.url);

await startProgram({
  name: 'osmo-api-gateway',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel }) => pinoLogger(pino({ level: logLevel })),
  async run(options, { connectImpersonator, clock, logger, metrics, identity }, signal) {
    const impersonator = await connectImpersonator('hub', options.kubeconfig);
    const { own } = impersonator;
    const store = options.storeUrl === undefined ? undefined : await openStore(options.storeUrl);
    const recipes = new RecipeReader({ worker: recipeWorker });
    try {
      const as = (who: Impersonation) => impersonator.as(who);
      await runGateway({ own, as, store, recipes, clock, logger, metrics, identity, options }, signal);
    } finally {
      await Promise.all([own.close(), recipes.close(), store?.close()]);
    }
  },
});
