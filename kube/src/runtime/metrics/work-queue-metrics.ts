import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { QueueMetrics } from '../queue/work-queue.ts';

/** The state of a queue that is read when metrics are collected. */
export interface QueueSource {
  readonly length: number;
  unfinished(): { longest: number; total: number };
}

export interface WorkQueueMetrics {
  /** The counters of the queue `name`. */
  of(name: string): QueueMetrics;
  /** Shows the state of that queue from now on. */
  observe(name: string, queue: QueueSource): void;
}

const secondsBuckets = [1e-5, 1e-4, 1e-3, 5e-3, 0.025, 0.1, 0.5, 1, 5, 10, 60, 300, 1000];

/** Metrics of work queues under client-go's names, with its label `name` (and `controller`, as controller-runtime). */
export function workQueueMetrics(registry: Registry): WorkQueueMetrics {
  const sources = new Map<string, QueueSource>();
  const common = { registers: [registry], labelNames: ['name', 'controller'] as const };
  const adds = new Counter({ ...common, name: 'workqueue_adds_total', help: 'Keys added to the queue' });
  const retries = new Counter({ ...common, name: 'workqueue_retries_total', help: 'Keys added after a failure' });
  const waited = new Histogram({
    ...common,
    name: 'workqueue_queue_duration_seconds',
    help: 'How long a key waits in the queue before it is worked on',
    buckets: secondsBuckets,
  });
  const worked = new Histogram({
    ...common,
    name: 'workqueue_work_duration_seconds',
    help: 'How long working on a key takes',
    buckets: secondsBuckets,
  });
  const state = (name: string, help: string, read: (queue: QueueSource) => number): void => {
    const gauge = new Gauge({
      ...common,
      name,
      help,
      collect: () => {
        for (const [queue, source] of sources) gauge.set({ name: queue, controller: queue }, read(source));
      },
    });
  };
  state('workqueue_depth', 'Keys that wait in the queue', (queue) => queue.length);
  state(
    'workqueue_unfinished_work_seconds',
    'Seconds of work under way that is not in work_duration yet; grows when workers are stuck',
    (queue) => queue.unfinished().total,
  );
  state(
    'workqueue_longest_running_processor_seconds',
    'How long the longest running worker has been at its key',
    (queue) => queue.unfinished().longest,
  );
  return {
    of(name) {
      const labels = { name, controller: name };
      return {
        added: () => adds.inc(labels),
        retried: () => retries.inc(labels),
        started: (seconds) => waited.observe(labels, seconds),
        finished: (seconds) => worked.observe(labels, seconds),
      };
    },
    observe: (name, queue) => void sources.set(name, queue),
  };
}
