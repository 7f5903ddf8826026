import { isUpstreamEnd } from '@osmo/workflow-spec/status';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import { clean } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import type { WorkflowDetail, WorkflowGroup } from './entry.ts';

/** Why a workflow or one of its groups is as it is. */
export interface Reason {
  /** The workflow, a group or a task. */
  what: string;
  status: string;
  why: string;
}

export const explain: Verb = {
  path: ['workflow', 'explain'],
  summary: 'Say why a workflow waits, or how it failed',
  description: 'From what the gateway knows of its tasks, and their last events.',
  arguments: [{ name: 'id', description: 'id of the workflow' }],
  examples: [
    ['workflow explain train-7', 'what it waits for, or what went wrong'],
    ['workflow explain train-7 -o json', 'for a script'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const path = `/api/workflow/${segment(input.args[0] ?? '')}`;
    const detail = await client.json<WorkflowDetail>({ path, query: { verbose: false } });
    // Finished tasks say themselves how they ended; events of those that wait say what for.
    const events = isUpstreamEnd(detail.status)
      ? ''
      : await client.text({ path: `${path}/events`, query: { follow: false } });
    const reasons = reasonsOf(detail, events);
    await printResult(session, input.format, {
      data: { name: detail.name, status: detail.status, reasons },
      text: () =>
        [
          `Workflow ${detail.name} is ${detail.status}.`,
          ...reasons.map(({ what, status, why }) => `- ${what} (${status}): ${clean(why)}`),
        ].join('\n'),
    });
  },
};

/** Reasons of a workflow in the order of its groups; none for what runs or has completed. */
export function reasonsOf(detail: WorkflowDetail, events: string): Reason[] {
  const last = lastEvents(events);
  const { name, status, message } = detail;
  const own =
    status === 'COMPLETED' || status === 'RUNNING' || message === null || message === undefined
      ? []
      : [{ what: name, status, why: message }];
  return [...own, ...detail.groups.flatMap((group) => reasonsOfGroup(group, last))];
}

function reasonsOfGroup(group: WorkflowGroup, last: ReadonlyMap<string, string>): Reason[] {
  const upstream = group.remaining_upstream_groups ?? [];
  if (group.status === 'WAITING' && upstream.length > 0)
    return [{ what: group.name, status: group.status, why: `waits for ${upstream.join(', ')} to complete` }];
  if (group.status === 'FAILED_UPSTREAM')
    return [{ what: group.name, status: group.status, why: `needs ${upstream.join(', ') || 'a group'}, which failed` }];
  return group.tasks.flatMap(({ name, status, failure_message: failure, exit_code: code }) => {
    if (status === 'RUNNING' || status === 'COMPLETED') return [];
    if (isUpstreamEnd(status)) {
      const exit = typeof code === 'number' ? `ended with exit code ${code}` : 'ended without an exit code';
      return [{ what: name, status, why: failure ?? exit }];
    }
    return [{ what: name, status, why: last.get(name) ?? 'nothing has been said about it yet' }];
  });
}

/** The last event of each task, of lines `<time> [task] Reason: message`. */
function lastEvents(text: string): Map<string, string> {
  const last = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, task, what] = /^\S+ \S+ \[([^\] ]+)[^\]]*\] (.*)$/.exec(line) ?? [];
    if (task !== undefined && what !== undefined) last.set(task, what);
  }
  return last;
}
