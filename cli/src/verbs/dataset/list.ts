import { shownBytes } from '../../data/amount.ts';
import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import { listTable } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import type { Verb } from '../../verb.ts';
import { pages } from '../pages.ts';
import { bucketName } from './dataset-name.ts';
import type { DatasetEntry } from './entry.ts';

export const list: Verb = {
  path: ['dataset', 'list'],
  summary: 'List datasets and collections',
  description: 'Those that you have a part in, the newest last, unless told otherwise.',
  options: [
    { flags: '-n, --name <text>', description: 'only whose name holds this text' },
    { flags: '-u, --user <name...>', description: 'only of these users' },
    { flags: '-b, --bucket <name...>', description: 'only in these buckets' },
    { flags: '-a, --all-users', description: 'of all users' },
    { flags: '-c, --count <number>', description: 'most to list', type: 'integer', minimum: 1, default: 20 },
    {
      flags: '-o, --order <order>',
      description: 'asc: newest last; desc: newest first',
      choices: ['asc', 'desc'],
      default: 'asc',
    },
  ],
  examples: [
    ['dataset list -a', 'of everybody'],
    ['dataset list -n arm -b robots -o desc', 'by name, in one bucket, the newest first'],
  ],
  formats: ['json', 'yaml', 'wide', 'name'],
  async run(session, input) {
    const users = input.texts('user');
    if (users.length > 0 && input.flag('all-users')) throw usageFailure('--user, --all-users: give one of them');
    const client = await session.gateway();
    const buckets: string[] = [];
    for (const name of input.texts('bucket')) {
      // oxlint-disable-next-line no-await-in-loop
      buckets.push(await bucketName(session, client, name));
    }
    const { namespace } = (await session.current()).context;
    const all = input.flag('all-users') && { all_users: true };
    const order = (input.text('order') ?? 'asc').toUpperCase();
    const datasets = await pages(input.integer('count') ?? 20, 0, async (count, offset) => {
      const query = { name: input.text('name'), user: users, buckets, namespace, ...all, order, count, offset };
      const answer = await client.json<{ datasets: DatasetEntry[]; more_entries?: boolean }>({
        path: '/api/bucket/list_dataset',
        query,
      });
      return { items: answer.datasets, more: answer.more_entries === true };
    });
    await printResult(session, input.format, {
      data: { datasets },
      names: datasets.map(({ bucket, name }) => `${bucket}/${name}`),
      text: (wide) => datasetTable(datasets, session.host.timeZone, wide),
    });
  },
};

/** Datasets as upstream shows them; wide with whose they are and what their files have. */
export function datasetTable(datasets: readonly DatasetEntry[], timeZone: string | undefined, wide = false): string {
  return listTable(
    [
      { title: 'Bucket' },
      { title: 'Name' },
      { title: 'ID' },
      { title: 'Created Date' },
      { title: 'Last Version Created' },
      { title: 'Last Version', right: true },
      { title: 'Storage Size', right: true },
      { title: 'Type' },
      { title: 'User', wide: true },
      { title: 'Logical Size', right: true, wide: true },
    ],
    datasets.map((each) => [
      each.bucket,
      each.name,
      each.id,
      shownTime(each.created_date, timeZone),
      shownTime(each.last_created, timeZone),
      String(each.last_version ?? '-'),
      each.type === 'COLLECTION' ? '-' : shownBytes(each.size),
      each.type,
      each.user || '-',
      each.type === 'COLLECTION' ? '-' : shownBytes(each.logical_size),
    ]),
    wide,
  );
}
