import { isUpstreamEnd, type Task, upstreamTaskStatus, upstreamWorkflowStatus, type Workflow } from '@osmo/crds';
import { linksOf, taskLinks } from '../workflows/links.ts';

/** Tasks that are named, at most; the address before them has those of all. */
const mostTasks = 10;
const rule = '-'.repeat(80);

/** What a workflow is called, and where the gateway is for whoever asks. */
interface Addressed {
  id: string;
  baseUrl: string;
}

/**
 * The last lines of the log of a workflow that has failed: how, and where what its failed tasks said can be read, as upstream's log ends.
 * Nothing for one that runs, or did well.
 */
export function failureBanner(workflow: Workflow, tasks: readonly Task[], { id, baseUrl }: Addressed): string {
  const status = upstreamWorkflowStatus(workflow);
  if (!isUpstreamEnd(status) || !status.startsWith('FAILED')) return '';
  const failed = tasks.filter((task) => task.status?.podName !== undefined && task.status.phase === 'Failed');
  const told = failed.slice(0, mostTasks).map((task) => {
    const { exitCode, attempt = 0 } = task.status ?? {};
    const code = exitCode === undefined ? '' : `, exit code ${exitCode}`;
    const { error_logs: address } = taskLinks(baseUrl, id, task.spec.taskName, attempt);
    return `  ${task.spec.taskName} (${upstreamTaskStatus(task)}${code}): ${address}`;
  });
  const more = failed.length > told.length ? [`  and ${failed.length - told.length} more tasks`] : [];
  const where = failed.length === 0 ? [] : [`Error logs: ${linksOf(baseUrl, id).error_logs}`];
  return [rule, `Workflow ${id} has ended as ${status}.`, ...where, ...told, ...more, rule, ''].join('\n');
}
