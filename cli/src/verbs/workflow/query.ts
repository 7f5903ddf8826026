import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { paintStatus } from '../../output/colors.ts';
import { printResult } from '../../output/print.ts';
import { fields, table } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Session } from '../../session.ts';
import type { Input, Verb } from '../../verb.ts';
import { shownLabels, type WorkflowDetail } from './entry.ts';
import { untilEnded } from './until-ended.ts';

export const query: Verb = {
  path: ['workflow', 'query'],
  summary: 'Show a workflow with its tasks',
  arguments: [{ name: 'id', description: 'id of the workflow' }],
  options: [
    { flags: '-v, --verbose', description: 'earlier attempts of tasks too' },
    { flags: '--watch', description: 'show it again whenever it has changed, until it has ended' },
  ],
  examples: [
    ['workflow query hello-1', 'its tasks and how they are'],
    ['workflow query hello-1 -o wide', 'with nodes, exit codes and what went wrong'],
    ['workflow query hello-1 --watch', 'until it has ended'],
    ['workflow query hello-1 -t json', 'everything that the gateway says, for a script'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const verbose = input.flag('verbose');
    if (input.flag('watch')) return watch(session, input, verbose);
    const detail = await client.json<WorkflowDetail>({
      path: `/api/workflow/${segment(input.args[0] ?? '')}`,
      query: { verbose },
    });
    return printResult(session, input.format, {
      data: detail,
      names: [detail.name],
      text: (wide) => shownWorkflow(session, detail, { verbose, wide }),
    });
  },
};

/** Shows it again whenever that has changed: over what was there on a terminal, JSON as one object a line. */
async function watch(session: Session, input: Input, verbose: boolean): Promise<void> {
  const { format } = input;
  if (format === 'yaml' || format === 'name') throw usageFailure('--watch: is printed as text, wide or json');
  const { host } = session;
  const shown = (detail: WorkflowDetail): string =>
    shownWorkflow(session, detail, { verbose, wide: format === 'wide' });
  const id = input.args[0] ?? '';
  for await (const detail of untilEnded(await session.gateway(), host, id, { verbose, shown })) {
    if (format === 'json') session.print(JSON.stringify(detail));
    else session.print(host.out.isTTY ? `\u001B[H\u001B[2J${shown(detail)}` : `${shown(detail)}\n`);
  }
}

/** A workflow as people see it: what it is, then its tasks. */
export function shownWorkflow(
  session: Session,
  detail: WorkflowDetail,
  { verbose, wide }: { verbose: boolean; wide: boolean },
): string {
  const { colors, host } = session;
  const head = fields([
    ['Workflow ID', detail.name],
    ['Status', paintStatus(detail.status, colors)],
    ['User', detail.submitted_by ?? '-'],
    ['Submit Time', shownTime(detail.submit_time, host.timeZone)],
    ['Labels', shownLabels(detail.labels)],
    ['Overview', detail.overview ?? '-'],
    ...(wide ? [['Message', detail.message ?? '-'] as const] : []),
  ]);
  const rows = detail.groups.flatMap(({ tasks }) =>
    tasks.map((task) => [
      task.name,
      ...(verbose ? [String(task.retry_id)] : []),
      shownTime(task.start_time, host.timeZone),
      task.status,
      ...(wide ? [task.node_name ?? '-', String(task.exit_code ?? '-'), task.failure_message ?? '-'] : []),
    ]),
  );
  const columns = [
    { title: 'Task Name' },
    ...(verbose ? [{ title: 'Retry ID', right: true }] : []),
    { title: 'Start Time' },
    { title: 'Status', paint: (text: string) => paintStatus(text, colors) },
    ...(wide ? [{ title: 'Node' }, { title: 'Exit Code', right: true }, { title: 'Message' }] : []),
  ];
  return `${head}\n\n${table(columns, rows)}`;
}
