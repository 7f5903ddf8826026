import { usageFailure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import { fields, table } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { kinds } from './amount.ts';
import { capacityOf, placesOf, type Resource } from './resource.ts';

export const info: Verb = {
  path: ['resource', 'info'],
  summary: 'Show what something to run on has, and what tasks may do there',
  arguments: [{ name: 'node', description: 'node, as `resource list` has it' }],
  options: [
    { flags: '-p, --pool <name>', description: 'pool; needs --platform' },
    { flags: '--platform <name>', description: "platform; needs --pool; -pl is upstream's short form" },
  ],
  examples: [
    ['resource info node-1', 'for its first pool and platform'],
    ['resource info node-1 -p lab --platform dgx', 'for one of several'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [node = ''] = input.args;
    const [pool, platform] = [input.text('pool'), input.text('platform')];
    if ((pool === undefined) !== (platform === undefined)) throw usageFailure('--pool, --platform: give both or none');
    const client = await session.gateway();
    const { resources } = await client.json<{ resources: Resource[] }>({ path: `/api/resources/${segment(node)}` });
    const [resource] = resources;
    if (resource === undefined) throw usageFailure(`there is no resource ${JSON.stringify(node)}`);
    const places = placesOf(resource);
    const place =
      pool === undefined ? places[0] : places.find((each) => each.pool === pool && each.platform === platform);
    if (place === undefined)
      throw usageFailure(`${node} is not in pool ${pool ?? '-'} with platform ${platform ?? '-'}`);
    await printResult(session, input.format, {
      data: resource,
      text: () => {
        const capacity = capacityOf(resource, place.pool, place.platform);
        const rules = resource.config_fields?.[place.pool]?.[place.platform] ?? {};
        const present = kinds.filter(({ key, amount }) => amount(capacity[key] ?? 0) > 0);
        return [
          table(
            [{ title: 'Pool' }, { title: 'Platform' }],
            places.map((each) => [each.pool, each.platform]),
          ),
          '',
          fields([
            ['Node', resource.exposed_fields.node],
            ['Pool', place.pool],
            ['Platform', place.platform],
            ['Type', resource.resource_type],
            ...present.map(
              ({ key, title, amount }) => [title, String(Math.floor(amount(capacity[key] ?? 0)))] as const,
            ),
            ['Host Network Allowed', yes(rules.host_network)],
            ['Privileged Allowed', yes(rules.privileged)],
            ['Default Mounts', (rules.default_mounts ?? []).join(', ') || '-'],
            ['Allowed Mounts', (rules.allowed_mounts ?? []).join(', ') || '-'],
          ]),
        ].join('\n');
      },
    });
  },
};

const yes = (value: boolean | undefined): string => (value === true ? 'True' : 'False');
