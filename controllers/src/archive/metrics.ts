import { Counter, type Registry } from 'prom-client';

/** What is counted about the archive. */
export interface ArchiveMetrics {
  stored(): void;
  failed(): void;
}

/** Counts records that are in the archive, and attempts that failed. */
export function archiveMetrics(registry: Registry): ArchiveMetrics {
  const records = new Counter({
    registers: [registry],
    name: 'osmo_archive_records_total',
    help: 'Attempts to write the record of a finished workflow to the archive, by result',
    labelNames: ['result'] as const,
  });
  for (const result of ['stored', 'failed']) records.inc({ result }, 0);
  return {
    stored: () => records.inc({ result: 'stored' }),
    failed: () => records.inc({ result: 'failed' }),
  };
}
