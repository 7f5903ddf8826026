import type { Workflow, WorkflowPhase } from '@osmo/crds';
import type { Informer } from '@osmo/kube';
import { Gauge, Histogram, type Registry } from 'prom-client';

const phases: readonly WorkflowPhase[] = ['Pending', 'Running', 'Completed', 'Failed'];
const buckets = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 72 * 3600];

/**
 * Counts workflows by phase and how long they took, from each change of the cache. The labels have few values, whatever
 * users name their workflows.
 */
export function measureWorkflows(workflows: Informer<Workflow>, registry: Registry): void {
  const count = new Gauge({
    registers: [registry],
    name: 'osmo_workflows',
    help: 'Workflows that exist, by phase',
    labelNames: ['phase'] as const,
  });
  const duration = new Histogram({
    registers: [registry],
    name: 'osmo_workflow_duration_seconds',
    help: 'Time from the creation of a workflow to its end, by how it ended',
    labelNames: ['phase'] as const,
    buckets,
  });
  for (const phase of phases) count.set({ phase }, 0);
  workflows.onChange(({ old, new: now }) => {
    if (old !== undefined) count.dec({ phase: phaseOf(old) });
    if (now !== undefined) count.inc({ phase: phaseOf(now) });
    // What had ended before this process looked is not measured again after every restart.
    const seconds = old === undefined || ended(old) || now === undefined || !ended(now) ? undefined : secondsOf(now);
    if (now !== undefined && seconds !== undefined) duration.observe({ phase: phaseOf(now) }, seconds);
  });
}

const phaseOf = (workflow: Workflow): WorkflowPhase => workflow.status?.phase ?? 'Pending';
const ended = (workflow: Workflow): boolean => ['Completed', 'Failed'].includes(phaseOf(workflow));

function secondsOf({ metadata, status }: Workflow): number | undefined {
  const milliseconds = Date.parse(status?.completionTime ?? '') - Date.parse(metadata.creationTimestamp ?? '');
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds / 1000 : undefined;
}
