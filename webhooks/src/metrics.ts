import type { CertificateMetrics } from '@osmo/kube/certificates';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is counted of the webhooks. */
export interface WebhookMetrics extends CertificateMetrics {
  /** A call was answered: `allowed`, `refused`, or `error` when it couldn't be. */
  answered(question: string, outcome: string, seconds: number): void;
}

/** Registers the metrics of the webhooks, once per registry. */
export function webhookMetrics(registry: Registry): WebhookMetrics {
  const registers = [registry];
  const seconds = new Histogram({
    registers,
    name: 'osmo_webhook_request_duration_seconds',
    help: 'Time to answer the apiserver by question (validate, mutate, render) and outcome (allowed, refused, error)',
    labelNames: ['question', 'outcome'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  });
  const notAfter = new Gauge({
    registers,
    name: 'osmo_webhook_certificate_not_after_timestamp_seconds',
    help: 'When the certificate that is served runs out, in Unix time',
  });
  const certificates = new Counter({
    registers,
    name: 'osmo_webhook_certificates_issued_total',
    help: 'Certificates that this process made',
  });
  return {
    answered: (question, outcome, took) => seconds.observe({ question, outcome }, took),
    serves: (until) => notAfter.set(until.getTime() / 1000),
    issued: () => certificates.inc(),
  };
}
