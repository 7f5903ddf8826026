import { upstreamTaskStatuses } from '@osmo/workflow-spec/status';
import { usageFailure } from '../../failure.ts';
import { paintStatus } from '../../output/colors.ts';
import { printResult } from '../../output/print.ts';
import { type ListColumn, listTable, table } from '../../output/table.ts';
import { shownTime, startOfDay } from '../../output/times.ts';
import type { Session } from '../../session.ts';
import type { Verb } from '../../verb.ts';

/** Statuses of tasks that have or want something of a node; upstream's default. */
const live = ['PROCESSING', 'SCHEDULING', 'INITIALIZING', 'RUNNING'] as const;

interface Amounts {
  storage?: number;
  cpu?: number;
  memory?: number;
  gpu?: number;
}
interface TaskEntry extends Amounts {
  user?: string | null;
  workflow_id?: string;
  task_name: string;
  status: string;
  pool?: string | null;
  priority?: string | null;
  node?: string | null;
  start_time: string | null;
  end_time?: string | null;
  /** Ours alone, as the platform is. */
  retry_id?: number;
  platform?: string | null;
}
interface Summary extends Amounts {
  user?: string;
  pool?: string;
  priority?: string;
  workflow_id?: string;
}

export const list: Verb = {
  path: ['task', 'list'],
  summary: 'List tasks of all workflows, or sums of what they ask for',
  description: 'Your own that have or want something of a node, the oldest first, unless told otherwise.',
  options: [
    { flags: '-s, --status <status...>', description: 'only in one of these states', choices: upstreamTaskStatuses },
    { flags: '-w, --workflow-id <text>', description: 'only of workflows whose id holds this text' },
    { flags: '-u, --user <name...>', description: 'only of these users' },
    { flags: '-a, --all-users', description: 'of all users' },
    { flags: '-p, --pool <name...>', description: 'only in these pools' },
    { flags: '-n, --node <name...>', description: 'only on these nodes' },
    { flags: '--started-after <date>', description: 'only started on this day (YYYY-MM-DD) or later', type: 'date' },
    { flags: '--started-before <date>', description: 'only started before this day', type: 'date' },
    {
      flags: '-c, --count <number>',
      description: 'most to list, at most 1000',
      type: 'integer',
      minimum: 1,
      default: 20,
    },
    { flags: '-f, --offset <number>', description: 'how many to leave out', type: 'integer', default: 0 },
    { flags: '-o, --order <order>', description: 'asc: oldest first; desc: newest first', choices: ['asc', 'desc'] },
    { flags: '-v, --verbose', description: 'with what they ask for' },
    { flags: '-S, --summary', description: 'sums per user, pool and priority' },
    { flags: '-W, --aggregate-by-workflow', description: 'sums per workflow' },
    { flags: '--priority <priority...>', description: 'only of these priorities', choices: ['HIGH', 'NORMAL', 'LOW'] },
  ],
  examples: [
    ['task list', 'yours that go on'],
    ['task list -a -S', 'who uses how much'],
    ['task list -w train-7 -s FAILED -v', 'those of a workflow that failed'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const [users, pools, nodes] = [input.texts('user'), input.texts('pool'), input.texts('node')];
    if (users.length > 0 && input.flag('all-users')) throw usageFailure('--user, --all-users: give one of them');
    if (pools.length > 0 && nodes.length > 0) throw usageFailure('--pool, --node: give one of them');
    const sums = input.flag('summary') || input.flag('aggregate-by-workflow');
    if (sums && input.format === 'name') throw usageFailure('--output name: sums have no names');
    if (sums && input.flag('verbose')) throw usageFailure('--verbose, --summary: give one of them');
    const count = input.integer('count') ?? 20;
    if (count > 1000) throw usageFailure(`--count "${count}": must be an integer from 1 to 1000`);
    const day = (option: string): string | undefined => {
      const date = input.text(option);
      return date === undefined ? undefined : startOfDay(date, option);
    };
    const wanted = input.texts('status');
    const answer = await (
      await session.gateway()
    ).json<{ tasks?: TaskEntry[]; summaries?: Summary[] }>({
      path: '/api/task',
      query: {
        limit: count,
        offset: input.integer('offset') ?? 0,
        all_users: input.flag('all-users'),
        statuses: wanted.length > 0 ? wanted : live,
        order: input.text('order') === 'desc' ? 'DESC' : 'ASC',
        ...(pools.length > 0 ? { pools } : { all_pools: true }),
        workflow_id: input.text('workflow-id'),
        nodes,
        users,
        priority: input.texts('priority'),
        started_after: day('started-after'),
        started_before: day('started-before'),
        ...(input.flag('summary') && { summary: true }),
        ...(input.flag('aggregate-by-workflow') && { aggregate_by_workflow: true }),
      },
    });
    await printResult(session, input.format, {
      data: answer,
      names: (answer.tasks ?? []).map((task) => `${task.workflow_id ?? '-'}/${task.task_name}`),
      text: (wide) =>
        sums
          ? sumTable(answer.summaries ?? [])
          : taskTable(session, answer.tasks ?? [], { amounts: wide || input.flag('verbose'), wide }),
    });
  },
};

const amountColumns: readonly ListColumn[] = ['Storage [Gi]', 'CPU [#]', 'Memory [Gi]', 'GPU [#]'].map((title) => ({
  title,
  right: true,
}));
const amounts = ({ storage = 0, cpu = 0, memory = 0, gpu = 0 }: Amounts): string[] =>
  [storage, cpu, memory, gpu].map((value) => String(Math.round(value * 100) / 100));
const total = (all: readonly Amounts[]): Amounts => ({
  storage: all.reduce((sum, { storage = 0 }) => sum + storage, 0),
  cpu: all.reduce((sum, { cpu = 0 }) => sum + cpu, 0),
  memory: all.reduce((sum, { memory = 0 }) => sum + memory, 0),
  gpu: all.reduce((sum, { gpu = 0 }) => sum + gpu, 0),
});

function taskTable(
  { colors, host }: Session,
  tasks: readonly TaskEntry[],
  show: { amounts: boolean; wide: boolean },
): string {
  const columns: ListColumn[] = [
    ...['User', 'Workflow ID', 'Task'].map((title) => ({ title })),
    { title: 'Status', paint: (text) => paintStatus(text, colors) },
    ...['Pool', 'Priority', 'Node', 'Start Time'].map((title) => ({ title })),
    ...['Platform', 'Retry ID', 'End Time'].map((title) => ({ title, wide: true })),
    ...(show.amounts ? amountColumns : []),
  ];
  const rows = tasks.map((task) => [
    task.user ?? '-',
    task.workflow_id ?? '-',
    task.task_name,
    task.status,
    task.pool ?? '-',
    task.priority ?? '-',
    task.node ?? '-',
    shownTime(task.start_time, host.timeZone),
    task.platform ?? '-',
    String(task.retry_id ?? 0),
    shownTime(task.end_time, host.timeZone),
    ...(show.amounts ? amounts(task) : []),
  ]);
  const sum = ['Total', ...Array.from({ length: 10 }, () => ''), ...amounts(total(tasks))];
  return listTable(columns, show.amounts ? [...rows, sum] : rows, show.wide);
}

function sumTable(sums: readonly Summary[]): string {
  const byWorkflow = sums.some((sum) => sum.workflow_id !== undefined);
  const keys = ['User', ...(byWorkflow ? ['Workflow ID'] : []), 'Pool', 'Priority'];
  const rows = sums.map((sum) => [
    sum.user ?? '-',
    ...(byWorkflow ? [sum.workflow_id ?? '-'] : []),
    sum.pool ?? '-',
    sum.priority ?? '-',
    ...amounts(sum),
  ]);
  return table(
    [...keys.map((title) => ({ title })), ...amountColumns],
    [...rows, ['Total', ...keys.slice(1).map(() => ''), ...amounts(total(sums))]],
  );
}
