import { pinoLogger, startProgram } from '@osmo/kube';
import { openStore } from '@osmo/storage';
import { pino } from 'pino';
import { runOperator } from './operator.ts';
import { parseOptions, usage } from './options.ts';
import { withoutPrefix } from './transfer/environment.ts';
import { version } from './version.ts';

await startProgram({
  name: 'osmo-backend-operator',
  // What it counts from are times of the pods' cluster.
  timeOf: 'cluster',
  version,
  usage,
  parseOptions,
  logger: ({ logLevel, backend }) => pinoLogger(pino({ level: logLevel, base: { backend } })),
  async run(options, { connect, ...context }, signal) {
    const cluster = await connect('cluster', options.kubeconfig);
    const hub = await connect('hub', options.hubKubeconfig ?? options.kubeconfig);
    const logStore = options.logUrl === undefined ? undefined : await openStore(options.logUrl);
    try {
      if (logStore !== undefined) context.logger.info('logs of tasks go to the store', { store: logStore.url });
      const dataEnvironment = withoutPrefix('OSMO_DATA_', process.env);
      await runOperator({ ...context, hub, cluster, version, logStore, dataEnvironment, options }, signal);
    } finally {
      await Promise.all([hub.close(), cluster.close(), logStore?.close()]);
    }
  },
});
