import { pinoLogger, startProgram } from '@osmo/kube';
import { pino } from 'pino';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';
import { runWebhooks } from './webhooks.ts';

await startProgram({
  name: 'osmo-webhooks',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel }) => pinoLogger(pino({ level: logLevel })),
  async run(options, { connect, ...context }, signal) {
    const client = await connect('hub', options.kubeconfig);
    try {
      await runWebhooks({ ...context, client, options }, signal);
    } finally {
      await client.close();
    }
  },
});
