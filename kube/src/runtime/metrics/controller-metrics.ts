import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** How a reconcile ended; the values are controller-runtime's. */
export type ReconcileResult = 'success' | 'requeue' | 'requeue_after' | 'error';

/** What a controller counts. Times in seconds. */
export interface ControllerMetrics {
  workers(count: number): void;
  active(change: 1 | -1): void;
  reconciled(result: ReconcileResult, seconds: number): void;
  failed(): void;
  /** Failed for good: not tried again until something changes. */
  failedTerminally(): void;
  /** Failed by a mistake in our code (TypeError and the like), not by what was observed. */
  panicked(): void;
  timedOut(): void;
  /** A write that was sent to an apiserver. */
  wrote(verb: string): void;
}

export interface ControllerMetricsProvider {
  of(controller: string): ControllerMetrics;
}

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Metrics of controllers under controller-runtime's names. */
export function controllerMetrics(registry: Registry): ControllerMetricsProvider {
  const common = { registers: [registry], labelNames: ['controller'] as const };
  const counter = (name: string, help: string): Counter<'controller'> => new Counter({ ...common, name, help });
  const total = new Counter({
    registers: [registry],
    labelNames: ['controller', 'result'] as const,
    name: 'controller_runtime_reconcile_total',
    help: 'Reconciles by result',
  });
  const errors = counter('controller_runtime_reconcile_errors_total', 'Reconciles that failed');
  const terminal = counter(
    'controller_runtime_terminal_reconcile_errors_total',
    'Reconciles that failed for good and are not tried again',
  );
  const panics = counter('controller_runtime_reconcile_panics_total', 'Reconciles that failed by a programming error');
  const timeouts = counter('controller_runtime_reconcile_timeouts_total', 'Reconciles that took longer than allowed');
  const time = new Histogram({
    ...common,
    name: 'controller_runtime_reconcile_time_seconds',
    help: 'Time of a reconcile',
    buckets,
  });
  const active = new Gauge({ ...common, name: 'controller_runtime_active_workers', help: 'Workers at work' });
  const most = new Gauge({
    ...common,
    name: 'controller_runtime_max_concurrent_reconciles',
    help: 'Workers that there are',
  });
  const writes = new Counter({
    registers: [registry],
    labelNames: ['controller', 'verb'] as const,
    name: 'osmo_controller_writes_total',
    help: 'Writes sent by controllers to apiservers',
  });
  return {
    of(controller) {
      // Present from the start, so that a rate over them has a zero to start from.
      for (const each of [errors, terminal, panics, timeouts]) each.inc({ controller }, 0);
      active.set({ controller }, 0);
      return {
        workers: (count) => most.set({ controller }, count),
        active: (change) => active.inc({ controller }, change),
        reconciled(result, seconds) {
          total.inc({ controller, result });
          time.observe({ controller }, seconds);
        },
        failed: () => errors.inc({ controller }),
        failedTerminally: () => terminal.inc({ controller }),
        panicked: () => panics.inc({ controller }),
        timedOut: () => timeouts.inc({ controller }),
        wrote: (verb) => writes.inc({ controller, verb }),
      };
    },
  };
}
