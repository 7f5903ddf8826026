import { upstreamWorkflowStatuses } from '@osmo/workflow-spec/status';
import type { GatewayClient } from '../../http/client.ts';
import type { QueryValue } from '../../http/query.ts';
import { paintStatus } from '../../output/colors.ts';
import { printResult } from '../../output/print.ts';
import { type Column, columnWidths, table, tableRow } from '../../output/table.ts';
import { shownDuration, shownTime, startOfDay } from '../../output/times.ts';
import { usageFailure } from '../../failure.ts';
import type { Session } from '../../session.ts';
import type { Input, Verb } from '../../verb.ts';
import { shownLabels, type WorkflowEntry } from './entry.ts';
import { watchWorkflows } from './watch.ts';

export const list: Verb = {
  path: ['workflow', 'list'],
  summary: 'List workflows',
  description: 'Your own of all pools, the newest last, unless told otherwise.',
  options: [
    { flags: '-c, --count <number>', description: 'most to list', type: 'integer', minimum: 1, default: 20 },
    { flags: '-f, --offset <number>', description: 'how many of the newest to leave out', type: 'integer', default: 0 },
    { flags: '-n, --name <text>', description: 'only whose name holds this text' },
    { flags: '-o, --order <order>', description: 'asc: newest last; desc: newest first', choices: ['asc', 'desc'] },
    {
      flags: '-s, --status <status...>',
      description: 'only in one of these states',
      choices: upstreamWorkflowStatuses,
    },
    { flags: '--submitted-after <date>', description: 'only of this day (YYYY-MM-DD) or later', type: 'date' },
    { flags: '--submitted-before <date>', description: 'only from before this day', type: 'date' },
    { flags: '--tags <tag...>', description: 'only with one of these tags' },
    { flags: '--priority <priority...>', description: 'only of these priorities', choices: ['HIGH', 'NORMAL', 'LOW'] },
    { flags: '--label <key=selector...>', description: 'only with all of these labels; * and (a|b) stand for several' },
    { flags: '--no-label <key...>', description: 'only without these labels' },
    { flags: '-u, --user <name...>', description: 'only of these users' },
    { flags: '-a, --all-users', description: 'of all users' },
    { flags: '-p, --pool <name...>', description: 'only in these pools' },
    { flags: '-P, --app <name>', description: 'only of this app, or one version of it (name:version)' },
    { flags: '--namespace <name>', description: "only in this namespace; the context's when not given" },
    { flags: '--watch', description: 'go on with a line for each change, until Ctrl-C' },
  ],
  examples: [
    ['workflow list', 'your newest 20'],
    ['workflow list -a -s RUNNING PENDING -p lab', "everybody's that are going on in a pool"],
    ["workflow list --label 'team=(arms|legs)' --submitted-after 2026-01-31", 'by label and day'],
    ['workflow list -s FAILED -o name', 'ids alone, for a script'],
    ['workflow list --watch', 'and what becomes of them'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const count = input.integer('count') ?? 20;
    if (input.flag('watch')) return follow(session, input, count);
    const workflows = await fetchWorkflows(await session.gateway(), await filtersOf(session, input), {
      count,
      offset: input.integer('offset') ?? 0,
    });
    if (input.text('order') !== 'desc') workflows.reverse();
    return printResult(session, input.format, {
      data: { workflows },
      names: workflows.map(({ name }) => name),
      text: (wide) => workflowTable(session, workflows, wide),
    });
  },
};

/** Prints the newest there are, then a line for each change that shows; JSON is one object a line. */
async function follow(session: Session, input: Input, count: number): Promise<void> {
  const { format } = input;
  if (format === 'yaml') throw usageFailure('--watch: is printed as text, wide, name or json');
  const wide = format === 'wide';
  const first: WorkflowEntry[] = [];
  const printed = new Map<string, string>();
  let widths: readonly number[] | undefined;
  const print = (workflow: WorkflowEntry, deleted: boolean): void => {
    const line = deleted ? '' : rowOf(session, workflow, wide).join('\n');
    if (printed.get(workflow.name) === line) return;
    printed.set(workflow.name, line);
    const shown = deleted ? { ...workflow, status: 'DELETED' } : workflow;
    if (format === 'json') return session.print(JSON.stringify(shown));
    if (format === 'name') return session.print(workflow.name);
    return session.print(tableRow(columnsOf(session, wide), rowOf(session, shown, wide), widths ?? []));
  };
  const stream = watchWorkflows(await session.gateway(), session.host, await filtersOf(session, input));
  for await (const change of stream) {
    if (change.type === 'SYNCED') {
      if (widths !== undefined) continue;
      const newest = first.toSorted((a, b) => (a.submit_time < b.submit_time ? -1 : 1)).slice(-count);
      const rows = newest.map((each) => rowOf(session, each, wide));
      widths = columnWidths(columnsOf(session, wide), rows);
      // The head of the table alone: the rows follow as they will later on.
      if (format === 'text' || wide) session.print(table(columnsOf(session, wide), rows).split('\n', 2).join('\n'));
      for (const each of newest) print(each, false);
    } else if (widths === undefined) first.push(change.workflow);
    else print(change.workflow, change.type === 'DELETED');
  }
}

/** The filters of a list as the gateway takes them. */
export async function filtersOf(session: Session, input: Input): Promise<Record<string, QueryValue>> {
  const users = input.texts('user');
  if (users.length > 0 && input.flag('all-users')) throw usageFailure('--user, --all-users: give one of them');
  const pools = input.texts('pool');
  const day = (option: string): string | undefined => {
    const date = input.text(option);
    return date === undefined ? undefined : startOfDay(date, option);
  };
  return {
    users,
    statuses: input.texts('status'),
    name: input.text('name'),
    ...(input.flag('all-users') && { all_users: true }),
    tags: input.texts('tags'),
    ...(pools.length > 0 ? { pools } : { all_pools: true }),
    app: input.text('app'),
    priority: input.texts('priority'),
    label: input.texts('label'),
    no_label: input.texts('no-label'),
    submitted_after: day('submitted-after'),
    submitted_before: day('submitted-before'),
    namespace: input.text('namespace') ?? (await session.current()).context.namespace,
  };
}

/** Largest page that the gateway gives. */
const largestPage = 1000;

/** The newest workflows, newest first, in pages. */
export async function fetchWorkflows(
  client: GatewayClient,
  filters: Readonly<Record<string, QueryValue>>,
  { count, offset }: { count: number; offset: number },
): Promise<WorkflowEntry[]> {
  const found: WorkflowEntry[] = [];
  for (;;) {
    const limit = Math.min(largestPage, count - found.length);
    const page = await client.json<{ workflows: WorkflowEntry[]; more_entries?: boolean }>({
      path: '/api/workflow',
      query: { ...filters, order: 'DESC', limit, offset: offset + found.length },
    });
    found.push(...page.workflows);
    if (page.workflows.length === 0 || page.more_entries !== true || found.length >= count) return found;
  }
}

/** Workflows as a table, in the order given. */
export function workflowTable(session: Session, workflows: readonly WorkflowEntry[], wide: boolean): string {
  return table(
    columnsOf(session, wide),
    workflows.map((each) => rowOf(session, each, wide)),
  );
}

function columnsOf({ colors }: Session, wide: boolean): Column[] {
  return [
    { title: 'User' },
    { title: 'Workflow ID' },
    { title: 'Submit Time' },
    { title: 'Status', paint: (text: string) => paintStatus(text, colors) },
    { title: 'Priority' },
    ...(wide ? [{ title: 'Pool' }, { title: 'Queued', right: true }, { title: 'Duration', right: true }] : []),
    { title: 'Labels' },
    { title: 'Overview' },
  ];
}

function rowOf({ host }: Session, each: WorkflowEntry, wide: boolean): string[] {
  const duration = (seconds: number | null | undefined): string =>
    typeof seconds === 'number' ? shownDuration(seconds) : '-';
  return [
    each.user ?? '-',
    each.name,
    shownTime(each.submit_time, host.timeZone),
    each.status,
    each.priority ?? '-',
    ...(wide ? [each.pool ?? '-', duration(each.queued_time), duration(each.duration)] : []),
    shownLabels(each.labels),
    each.overview ?? '-',
  ];
}
