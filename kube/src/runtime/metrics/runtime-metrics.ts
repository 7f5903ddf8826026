import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { ReflectorMetrics } from '../../cache/types.ts';
import type { LeaderMetrics } from '../leader/elector.ts';
import type { EventMetrics } from '../events/types.ts';
import { clientMetrics, type ClientMetricsProvider, reflectorMetrics } from './client-metrics.ts';
import { controllerMetrics, type ControllerMetricsProvider } from './controller-metrics.ts';
import { workQueueMetrics, type WorkQueueMetrics } from './work-queue-metrics.ts';

/** All metrics of a process, in a registry of its own. */
export interface RuntimeMetrics {
  readonly registry: Registry;
  readonly queues: WorkQueueMetrics;
  readonly controllers: ControllerMetricsProvider;
  readonly clients: ClientMetricsProvider;
  readonly reflectors: ReflectorMetrics;
  readonly leaders: LeaderMetrics;
  readonly events: EventMetrics;
}

/**
 * Registers the runtime's metrics, once per registry.
 *
 * @param options.process also those of the process (memory, CPU, event loop); default true. Off in tests: they keep
 *   observers running.
 */
export function runtimeMetrics(
  registry: Registry = new Registry(),
  options: { process?: boolean } = {},
): RuntimeMetrics {
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  return {
    registry,
    queues: workQueueMetrics(registry),
    controllers: controllerMetrics(registry),
    clients: clientMetrics(registry),
    reflectors: reflectorMetrics(registry),
    leaders: leaderMetrics(registry),
    events: eventMetrics(registry),
  };
}

function leaderMetrics(registry: Registry): LeaderMetrics {
  const master = new Gauge({
    registers: [registry],
    name: 'leader_election_master_status',
    help: '1 while this process leads, else 0',
    labelNames: ['name'] as const,
  });
  const slow = new Counter({
    registers: [registry],
    name: 'leader_election_slowpath_total',
    help: 'Renewals of a lease that had to read it first',
    labelNames: ['name'] as const,
  });
  return {
    leads: (name, leading) => master.set({ name }, leading ? 1 : 0),
    slowPath: (name) => slow.inc({ name }),
  };
}

function eventMetrics(registry: Registry): EventMetrics {
  const sent = new Counter({
    registers: [registry],
    name: 'osmo_events_sent_total',
    help: 'Events written, by how: create or a series patch',
    labelNames: ['verb'] as const,
  });
  const dropped = new Counter({
    registers: [registry],
    name: 'osmo_events_dropped_total',
    help: 'Events that were not written, by reason',
    labelNames: ['reason'] as const,
  });
  for (const reason of ['overload', 'spam', 'sampled', 'refused', 'unreachable'] as const) dropped.inc({ reason }, 0);
  return { sent: (verb) => sent.inc({ verb }), dropped: (reason) => dropped.inc({ reason }) };
}
