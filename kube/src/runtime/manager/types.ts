import type { KubeClient } from '../../client/types.ts';
import type { Clock } from '../clock.ts';
import type { Reporter } from '../events/event-object.ts';
import type { EndpointOptions } from '../health/server.ts';
import type { LeaderElectorOptions } from '../leader/elector.ts';
import type { Logger } from '../logger.ts';
import type { RuntimeMetrics } from '../metrics/runtime-metrics.ts';

export interface LeaderElection extends Pick<
  LeaderElectorOptions,
  'namespace' | 'name' | 'identity' | 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'
> {
  /** Cluster that has the Lease; default 'default'. */
  on?: string | undefined;
}

export interface ManagerOptions {
  /** By name; what has no name of a cluster means 'default'. */
  clusters: Readonly<Record<string, KubeClient>>;
  /** Owner of the fields that controllers write, e.g. 'osmo-controllers'. */
  fieldManager: string;
  reporter: Reporter;
  logger: Logger;
  metrics: RuntimeMetrics;
  clock?: Clock | undefined;
  /** Absent: this process works without asking anyone. */
  leaderElection?: LeaderElection | undefined;
  /** Where `/healthz` and `/readyz` are; absent: nowhere. */
  health?: EndpointOptions | undefined;
  /** Where `/metrics` is; absent: nowhere. The same port as `health` serves both. */
  metricsEndpoint?: EndpointOptions | undefined;
  /** Events of type Normal that are told, in all clusters together. Default 100 at once, then 5 a second. */
  normalEvents?: { burst?: number | undefined; perSecond?: number | undefined } | undefined;
  /** For what is running to finish after a stop. Default 20 s. */
  gracefulStopMs?: number | undefined;
  /** A reconcile older than this makes the process unhealthy. Default 10 min. */
  stuckAfterMs?: number | undefined;
  /** A number in [0, 1). Default Math.random. */
  random?: (() => number) | undefined;
}

/** Something that runs beside controllers. */
export interface Runnable {
  name: string;
  /**
   * Runs until `signal` aborts; then it should end soon. That it ends or fails before is a failure of the process,
   * unless it is said to end by itself.
   */
  run(signal: AbortSignal): Promise<void>;
  /** Only while this process leads. Default true. */
  needsLeadership?: boolean | undefined;
  /** It may end by itself. Default false. */
  mayEnd?: boolean | undefined;
}

/** The process was the leader and can't be sure of it any more; it must exit. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';

  constructor(lease: string) {
    super(`leadership of ${lease} was lost`);
  }
}
