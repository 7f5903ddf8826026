import { pinoLogger, startProgram } from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { pino } from 'pino';
import { readFile } from 'node:fs/promises';
import { Outgoing, proxyFromEnvironment } from '@osmo/kube/outgoing';
import { runControllers } from './controllers.ts';
import { parseSettings } from './notifications/settings.ts';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';

await startProgram({
  name: 'osmo-controllers',
  timeOf: 'hub',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel }) => pinoLogger(pino({ level: logLevel })),
  async run(options, { connect, ...context }, signal) {
    const client = await connect('hub', options.kubeconfig);
    const archive = options.archiveUrl === undefined ? undefined : await openStore(options.archiveUrl);
    const settings =
      options.notificationsFile === undefined
        ? undefined
        : parseSettings(await readFile(options.notificationsFile, 'utf8'));
    const outgoing = settings && new Outgoing({ allow: settings.allow, proxy: proxyFromEnvironment(process.env) });
    const notifications = settings && outgoing && { settings, outgoing };
    try {
      if (archive !== undefined) context.logger.info('records go to the archive', { archive: archive.url });
      await runControllers({ ...context, client, archive, notifications, options }, signal);
    } finally {
      await outgoing?.close();
      await archive?.close();
      await client.close();
    }
  },
});
