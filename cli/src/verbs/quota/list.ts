import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';

/** What one user or namespace has; null: not counted so far, or any number. */
interface QuotaEntry {
  kind: string;
  name: string;
  quota: string | null;
  workflows: number | null;
  workflow_limit: number | null;
  tasks: number | null;
  task_limit: number | null;
  /** Ids of the workflows that have gone on for longest. */
  oldest?: readonly string[];
}

const columns = [
  { title: 'For' },
  { title: 'Name' },
  { title: 'Workflows', right: true },
  { title: 'Of', right: true },
  { title: 'Tasks', right: true },
  { title: 'Of', right: true },
  { title: 'Quota' },
  { title: 'Oldest', wide: true },
];

const number = (value: number | null): string => (value === null ? '-' : String(value));

export const list: Verb = {
  path: ['quota', 'list'],
  summary: 'Show how many workflows and tasks you have, and may have',
  description: 'Those that have not ended: yours, and those of a namespace, where quotas limit them.',
  options: [
    { flags: '--namespace <name>', description: "namespace; the gateway's own when not given" },
    { flags: '-a, --all', description: 'what everybody has, the fullest first; for administrators' },
    { flags: '-c, --count <number>', description: 'most to list', type: 'integer', minimum: 1, default: 100 },
  ],
  examples: [
    ['quota list', 'yours'],
    ['quota list --namespace robots', 'and that of a namespace'],
    ['quota list --all', 'of everybody'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const [all, namespace] = [input.flag('all'), input.text('namespace')];
    if (all && namespace !== undefined) throw usageFailure('--all, --namespace: give one of them');
    const client = await session.gateway();
    const answer = await client.json<{ quotas: readonly QuotaEntry[]; total: number }>({
      path: '/api/quota',
      query: { ...(all && { all: true }), namespace, limit: input.integer('count') },
    });
    const { quotas, total } = answer;
    await printResult(session, input.format, {
      data: answer,
      names: quotas.map(({ name }) => name),
      text: (wide) =>
        listTable(
          columns,
          quotas.map((entry) => [
            entry.kind,
            entry.name,
            number(entry.workflows),
            number(entry.workflow_limit),
            number(entry.tasks),
            number(entry.task_limit),
            entry.quota ?? '-',
            entry.oldest?.join(', ') || '-',
          ]),
          wide,
        ),
    });
    if (input.format !== 'text') return;
    if (quotas.length === 0) session.note(all ? 'Nobody has anything that a quota limits.' : 'No quota limits you.');
    if (total > quotas.length) session.note(`${quotas.length} of ${total}; --count lists more.`);
  },
};
