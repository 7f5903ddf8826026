import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { poolOf } from '../pool-of.ts';
import { kinds } from './amount.ts';
import { capacityOf, placesOf, type Resource } from './resource.ts';

export const list: Verb = {
  path: ['resource', 'list'],
  summary: 'List what there is to run on',
  description: 'Nodes, or shapes of nodes where the gateway knows no single ones.',
  options: [
    { flags: '-p, --pool <name...>', description: 'of these pools; of your default one when not given' },
    { flags: '--platform <name...>', description: 'only of these platforms' },
    { flags: '-a, --all', description: 'of all pools' },
    { flags: '-m, --mode <mode>', description: 'used and there, or free', choices: ['used', 'free'], default: 'used' },
  ],
  examples: [
    ['resource list', 'of your default pool'],
    ['resource list -a -m free', 'what is free anywhere'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const all = input.flag('all');
    const given = input.texts('pool');
    if (all && given.length > 0) throw usageFailure('--pool, --all: give one of them');
    const pools = all || given.length > 0 ? given : [await poolOf(session, client, undefined)];
    const { resources } = await client.json<{ resources: Resource[] }>({
      path: '/api/resources',
      query: { ...(all ? { all_pools: true } : { pools, all_pools: false }), platforms: input.texts('platform') },
    });
    const free = input.text('mode') === 'free';
    const sums = kinds.map(() => ({ used: 0, there: 0 }));
    const rows = resources.flatMap((resource) =>
      placesOf(resource)
        .filter(({ pool }) => all || pools.includes(pool))
        .map(({ pool, platform }, place) => {
          const capacity = capacityOf(resource, pool, platform);
          const amounts = kinds.map(({ key, amount }, index) => {
            const used = Math.ceil(amount(resource.usage_fields?.[key] ?? 0));
            const there = Math.floor(amount(capacity[key] ?? 0));
            const sum = sums[index];
            // A node in several pools is there once.
            if (sum && place === 0) [sum.used, sum.there] = [sum.used + used, sum.there + there];
            return shown(used, there, free);
          });
          const { backend, nodes, available_nodes: available, resource_type: type } = resource;
          const more = [backend ?? '-', String(nodes ?? '-'), String(available ?? '-')];
          return [resource.exposed_fields.node, pool, platform, type, ...more, ...amounts];
        }),
    );
    await printResult(session, input.format, {
      data: { resources },
      names: resources.map(({ exposed_fields: { node } }) => node),
      text: (wide) =>
        listTable(
          [
            ...['Node', 'Pool', 'Platform', 'Type'].map((title) => ({ title })),
            { title: 'Backend', wide: true },
            { title: 'Nodes', right: true, wide: true },
            { title: 'Available', right: true, wide: true },
            ...kinds.map(({ title }) => ({ title, right: true })),
          ],
          [...rows, ['Total', '', '', '', '', '', '', ...sums.map(({ used, there }) => shown(used, there, free))]],
          wide,
        ),
    });
  },
};

/** `used/there`, or what is left; nothing where there is nothing. */
function shown(used: number, there: number, free: boolean): string {
  if (there === 0) return '-';
  return free ? String(Math.max(0, there - used)) : `${used}/${there}`;
}
