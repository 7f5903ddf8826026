import { shownBytes } from '../../data/amount.ts';
import { printResult } from '../../output/print.ts';
import { table } from '../../output/table.ts';
import { shownTime } from '../../output/times.ts';
import { segment } from '../../http/client.ts';
import type { Verb } from '../../verb.ts';
import { readRecipeFile } from '../workflow/submission.ts';
import { bucketName } from './dataset-name.ts';
import type { DatasetEntry, VersionEntry } from './entry.ts';
import { datasetTable } from './list.ts';

export const query: Verb = {
  path: ['dataset', 'query'],
  summary: 'Find datasets, or versions, by labels and metadata',
  description:
    'Terms such as `label.robot.kind = "arm"`, `name CONTAINS "arm"`, `LEN(label.sites) > 1`, `user IN ["ada"]`, joined by AND, OR, NOT and parentheses, then ORDER BY and LIMIT. A term about `metadata.` finds versions.',
  arguments: [{ name: 'file', description: 'file with the query; - is standard input' }],
  options: [{ flags: '-b, --bucket <name>', description: 'bucket to look in; the default one when not given' }],
  examples: [
    ['dataset query good-arms.txt', 'what a file asks for'],
    [
      "dataset query - <<< 'metadata.score > 0.9 ORDER BY created_date DESC LIMIT 5'",
      'the newest versions with a score',
    ],
  ],
  formats: ['json', 'yaml', 'name'],
  async run(session, input) {
    const [file = ''] = input.args;
    const command = (file === '-' ? await session.host.readInput() : readRecipeFile(session, file).text).trim();
    const client = await session.gateway();
    const bucket = await bucketName(session, client, input.text('bucket'));
    const answer = await client.json<{ type: string; datasets: (DatasetEntry & { version?: VersionEntry })[] }>({
      path: `/api/bucket/${segment(bucket)}/query`,
      query: { command },
    });
    const { timeZone } = session.host;
    await printResult(session, input.format, {
      data: answer,
      names: answer.datasets.map(
        ({ name, version }) => `${bucket}/${name}${version === undefined ? '' : `:${version.version}`}`,
      ),
      text: () =>
        answer.type === 'DATASET'
          ? datasetTable(answer.datasets, timeZone)
          : table(
              [
                { title: 'Name' },
                { title: 'Version', right: true },
                { title: 'Created By' },
                { title: 'Created Date' },
                { title: 'Size', right: true },
                { title: 'Metadata' },
              ],
              answer.datasets.map(({ name, version }) => [
                name,
                String(version?.version ?? '-'),
                version?.created_by ?? '-',
                shownTime(version?.created_date, timeZone),
                shownBytes(version?.size ?? 0),
                JSON.stringify(version?.metadata ?? {}),
              ]),
            ),
    });
  },
};
