import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ReflectorMetrics } from '../../cache/types.ts';
import type { RequestMetrics } from '../../client/requester.ts';

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

export interface ClientMetricsProvider {
  /** Counters of the client of one apiserver, which the label `host` names. */
  of(host: string): RequestMetrics;
}

/** Metrics of clients under client-go's names. `code` is '<error>' when no answer came. */
export function clientMetrics(registry: Registry): ClientMetricsProvider {
  const requests = new Counter({
    registers: [registry],
    name: 'rest_client_requests_total',
    help: 'Requests by status code, method and host',
    labelNames: ['code', 'method', 'host'] as const,
  });
  const latency = new Histogram({
    registers: [registry],
    name: 'rest_client_request_duration_seconds',
    help: 'Time of a request up to the end of its answer',
    labelNames: ['verb', 'host'] as const,
    buckets,
  });
  return {
    of: (host) => ({
      requested(method, status, seconds) {
        requests.inc({ code: status === 0 ? '<error>' : String(status), method, host });
        latency.observe({ verb: method, host }, seconds);
      },
    }),
  };
}

/** Metrics of reflectors, in the manner of client-go's reflector metrics. */
export function reflectorMetrics(registry: Registry): ReflectorMetrics {
  const registers = [registry];
  const name = (suffix: string): string => `reflector_${suffix}`;
  const lists = new Counter({
    registers,
    name: name('lists_total'),
    help: 'Lists done, by result',
    labelNames: ['name', 'result'] as const,
  });
  const listSeconds = new Histogram({
    registers,
    name: name('list_duration_seconds'),
    help: 'Time of a list over all its pages',
    labelNames: ['name'] as const,
    buckets,
  });
  const listItems = new Gauge({
    registers,
    name: name('items_per_list'),
    help: 'Items of the last list',
    labelNames: ['name'] as const,
  });
  const watches = new Counter({
    registers,
    name: name('watches_total'),
    help: 'Watches begun',
    labelNames: ['name'] as const,
  });
  const ends = new Counter({
    registers,
    name: name('watch_ends_total'),
    help: 'Watches ended, by reason',
    labelNames: ['name', 'reason'] as const,
  });
  const watchEvents = new Counter({
    registers,
    name: name('watch_events_total'),
    help: 'Events received by watches that have ended',
    labelNames: ['name'] as const,
  });
  const objects = new Gauge({
    registers,
    name: name('objects'),
    help: 'Objects in the cache',
    labelNames: ['name'] as const,
  });
  return {
    listed(resource, result, items, seconds) {
      lists.inc({ name: resource, result });
      listSeconds.observe({ name: resource }, seconds);
      if (result === 'ok') listItems.set({ name: resource }, items);
    },
    watchStarted: (resource) => watches.inc({ name: resource }),
    watchEnded(resource, why, events) {
      ends.inc({ name: resource, reason: why });
      watchEvents.inc({ name: resource }, events);
    },
    objects: (resource, count) => objects.set({ name: resource }, count),
  };
}
