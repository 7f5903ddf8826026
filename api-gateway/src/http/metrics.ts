import { Gauge, Histogram, type Registry } from 'prom-client';

/** What is counted of requests. */
export interface HttpMetrics {
  /** A request began; the result is called once when it is over. */
  begin(): (operation: string, status: number, seconds: number) => void;
}

/** Registers the metrics of the API, once per registry. */
export function httpMetrics(registry: Registry): HttpMetrics {
  const active = new Gauge({
    registers: [registry],
    name: 'osmo_gateway_requests_in_flight',
    help: 'Requests that are being answered, streams included',
  });
  const seconds = new Histogram({
    registers: [registry],
    name: 'osmo_gateway_request_duration_seconds',
    help: 'Time to the end of the answer by operation and HTTP status',
    labelNames: ['operation', 'status'] as const,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return {
    begin() {
      active.inc();
      return (operation, status, took) => {
        active.dec();
        seconds.observe({ operation, status: String(status) }, took);
      };
    },
  };
}
