import { type Clock, type KubeClient, runtimeMetrics, silentLogger, systemClock } from '@osmo/kube';
import { runOperator } from '../operator.ts';
import type { Options } from '../options.ts';

/** An operator that runs in this process. */
export interface Operator {
  /** Stops it as SIGTERM does. Rejects with what made it fail. */
  stop(): Promise<void>;
}

/** Starts an operator whose hub and cluster are one and the same; Leases go to `namespace`. */
export function startOperator({
  client,
  backend,
  namespace,
  ...more
}: {
  client: KubeClient;
  backend: string;
  namespace: string;
  cluster?: KubeClient;
  clock?: Clock;
  options?: Partial<Options>;
}): Operator {
  const stop = new AbortController();
  const running = runOperator(
    {
      hub: client,
      cluster: more.cluster ?? client,
      clock: more.clock ?? systemClock,
      logger: silentLogger,
      metrics: runtimeMetrics(undefined, { process: false }),
      identity: `operator-${namespace}`,
      version: '0.0.0-test',
      options: {
        backend,
        namespace,
        hubNamespace: namespace,
        leaderElect: false,
        register: true,
        workers: 4,
        nodeLostSeconds: 300,
        taskRuntimeImage: 'task-runtime:test',
        createConfigErrorSeconds: 600,
        statusUnknownSeconds: 1800,
        startTimeoutSeconds: 1800,
        logStreams: 16,
        logReleaseSeconds: 300,
        uploadSeconds: 600,
        metricsPort: 0,
        healthPort: 0,
        ...more.options,
      },
    },
    stop.signal,
  );
  // Reported by stop().
  running.catch(() => undefined);
  return {
    async stop() {
      stop.abort();
      await running;
    },
  };
}
