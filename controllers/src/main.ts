import { pinoLogger, startProgram } from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { pino } from 'pino';
import { runControllers } from './controllers.ts';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';

await startProgram({
  name: 'osmo-controllers',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel }) => pinoLogger(pino({ level: logLevel })),
  async run(options, { connect, ...context }, signal) {
    const client = await connect('hub', options.kubeconfig);
    const archive = options.archiveUrl === undefined ? undefined : await openStore(options.archiveUrl);
    try {
      if (archive !== undefined) context.logger.info('records go to the archive', { archive: archive.url });
      await runControllers({ ...context, client, archive, options }, signal);
    } finally {
      await archive?.close();
      await client.close();
    }
  },
});
