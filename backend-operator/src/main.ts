import { pinoLogger, startProgram } from '@osmo/kube';
import { pino } from 'pino';
import { runOperator } from './operator.ts';
import { parseOptions, usage } from './options.ts';
import { version } from './version.ts';

await startProgram({
  name: 'osmo-backend-operator',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel, backend }) => pinoLogger(pino({ level: logLevel, base: { backend } })),
  async run(options, { connect, ...context }, signal) {
    const cluster = await connect('cluster', options.kubeconfig);
    const hub = await connect('hub', options.hubKubeconfig ?? options.kubeconfig);
    try {
      await runOperator({ ...context, hub, cluster, version, options }, signal);
    } finally {
      await Promise.all([hub.close(), cluster.close()]);
    }
  },
});
