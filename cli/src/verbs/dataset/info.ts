import { shownBytes } from '../../data/amount.ts';
import { printResult } from '../../output/print.ts';
import { fields, table } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { datasetName } from './dataset-name.ts';
import type { DatasetInfo, VersionEntry } from './entry.ts';

export const info: Verb = {
  path: ['dataset', 'info'],
  summary: 'Show a dataset with its versions, or a collection with what it holds',
  arguments: [{ name: '[bucket/]name[:version]', description: 'dataset, or one version of it' }],
  options: [
    { flags: '-a, --all', description: 'versions that are being deleted too' },
    { flags: '-c, --count <number>', description: 'most versions to show', type: 'integer', minimum: 1, default: 100 },
    {
      flags: '-o, --order <order>',
      description: 'of the versions; asc: newest last',
      choices: ['asc', 'desc'],
      default: 'asc',
    },
  ],
  examples: [
    ['dataset info arm-moves', 'all versions'],
    ['dataset info robots/arm-moves:good -o json', 'one version, with its metadata'],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const client = await session.gateway();
    const dataset = await datasetName(session, client, input.args[0] ?? '');
    const answer = await client.json<DatasetInfo>({
      path: `${dataset.path}/info`,
      query: {
        tag: dataset.version,
        ...(input.flag('all') && { all_flag: true }),
        count: Math.min(1000, input.integer('count') ?? 100),
        order: (input.text('order') ?? 'asc').toUpperCase(),
      },
    });
    const { timeZone } = session.host;
    await printResult(session, input.format, {
      data: answer,
      names: answer.versions.map(({ version }) => `${answer.bucket}/${answer.name}:${version}`),
      text: () =>
        [
          head(answer, timeZone),
          ...(answer.type === 'COLLECTION' ? [members(answer)] : [versions(answer.versions, timeZone)]),
        ].join('\n\n'),
    });
  },
};

function head(answer: DatasetInfo, timeZone: string | undefined): string {
  const tags = Object.entries(answer.tags).map(([tag, version]) => `${tag}: ${version}`);
  return fields([
    ['Name', answer.name],
    ['ID', answer.id],
    ['Bucket', answer.bucket],
    ['Type', answer.type],
    ['Created By', answer.user || '-'],
    ['Create Date', shownTime(answer.created_date, timeZone)],
    ['Location', answer.hash_location ?? '-'],
    ['Storage Size', shownBytes(answer.size)],
    ['Tags', tags.join(', ') || '-'],
    ['Labels', Object.keys(answer.labels).length === 0 ? '-' : JSON.stringify(answer.labels)],
  ]);
}

const members = (answer: DatasetInfo): string =>
  table(
    [{ title: 'Dataset' }, { title: 'Version', right: true }],
    answer.members.map(({ name, version }) => [name, String(version)]),
  );

const versions = (all: readonly VersionEntry[], timeZone: string | undefined): string =>
  table(
    [
      { title: 'Version', right: true },
      { title: 'Status' },
      { title: 'Created By' },
      { title: 'Created Date' },
      { title: 'Last Used' },
      { title: 'Size', right: true },
      { title: 'Checksum' },
      { title: 'Tags' },
      { title: 'Collections' },
    ],
    all.map((each) => [
      String(each.version),
      each.status,
      each.created_by || '-',
      shownTime(each.created_date, timeZone),
      shownTime(each.last_used, timeZone),
      shownBytes(each.size),
      each.checksum,
      each.tags.join(', ') || '-',
      each.collections.join(', ') || '-',
    ]),
  );
