import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';

type Usage = Readonly<Partial<Record<(typeof usageKeys)[number], string | number>>>;
const usageKeys = ['quota_used', 'quota_limit', 'quota_free', 'total_usage', 'total_capacity', 'total_free'] as const;

interface PoolQuota {
  node_sets: readonly {
    pools: readonly {
      name: string;
      description?: string;
      status: string;
      backend?: string | null;
      platforms?: Readonly<Record<string, unknown>> | null;
      resource_usage: Usage;
    }[];
  }[];
  resource_sum: Usage;
}

const views = {
  used: [
    ['Quota Used', 'quota_used'],
    ['Quota Limit', 'quota_limit'],
    ['Total Usage', 'total_usage'],
    ['Total Capacity', 'total_capacity'],
  ],
  free: [
    ['Quota Free', 'quota_free'],
    ['Total Free', 'total_free'],
  ],
} as const;

export const list: Verb = {
  path: ['pool', 'list'],
  summary: 'List pools with their GPUs',
  description: 'Pools that share nodes are marked: what is free in one is free in the other.',
  options: [
    { flags: '-p, --pool <name...>', description: 'only these pools' },
    {
      flags: '-m, --mode <mode>',
      description: 'GPUs that are used, or free',
      choices: ['used', 'free'],
      default: 'used',
    },
  ],
  examples: [
    ['pool list', 'all pools'],
    ['pool list -m free -p lab', 'what is free in one'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const pools = input.texts('pool');
    const client = await session.gateway();
    const quota = await client.json<PoolQuota>({
      path: '/api/pool_quota',
      query: pools.length === 0 ? { all_pools: true } : { pools, all_pools: false },
    });
    const view = views[input.text('mode') === 'free' ? 'free' : 'used'];
    const numbers = (usage: Usage): string[] => view.map(([, key]) => String(usage[key] ?? '-'));
    const rows = quota.node_sets.flatMap(({ pools: own }) =>
      own.map(({ name, description = '', status, backend, platforms, resource_usage }) => [
        own.length > 1 ? `${name} (shared)` : name,
        description,
        status,
        backend ?? '-',
        Object.keys(platforms ?? {}).join(', ') || '-',
        ...numbers(resource_usage),
      ]),
    );
    await printResult(session, input.format, {
      data: quota,
      names: quota.node_sets.flatMap(({ pools: own }) => own.map(({ name }) => name)),
      text: (wide) =>
        listTable(
          [
            { title: 'Pool' },
            { title: 'Description' },
            { title: 'Status' },
            { title: 'Backend', wide: true },
            { title: 'Platforms', wide: true },
            ...view.map(([title]) => ({ title: `GPU ${title}`, right: true })),
          ],
          [...rows, ['Total', '', '', '', '', ...numbers(quota.resource_sum)]],
          wide,
        ),
    });
  },
};
