import { usageFailure } from '../../failure.ts';
import { printResult } from '../../output/print.ts';
import type { Verb } from '../../verb.ts';
import { confirmed } from '../confirm.ts';
import { datasetName } from './dataset-name.ts';

export const deleteDataset: Verb = {
  path: ['dataset', 'delete'],
  summary: 'Delete a version of a dataset, a whole dataset, or a collection',
  description: 'What no other version holds leaves the object store with `osmo dataset gc`.',
  arguments: [{ name: '[bucket/]name[:version]', description: 'dataset, with the version unless --all is given' }],
  options: [
    { flags: '-a, --all', description: 'all versions, and the dataset itself' },
    { flags: '-f, --force', description: 'without asking' },
  ],
  examples: [
    ['dataset delete arm-moves:1', 'one version'],
    ['dataset delete arm-moves --all --force', 'everything, without a question'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const dataset = await datasetName(session, client, input.args[0] ?? '');
    const all = input.flag('all');
    const { name, version, bucket } = dataset;
    if ((version === undefined) === !all)
      throw usageFailure(`${name}: name a version (${name}:1), or give --all for the whole dataset`);
    const what = all ? `all of ${bucket}/${name}` : `version ${version} of ${bucket}/${name}`;
    if (!input.flag('force') && !(await confirmed(session, `Delete ${what}?`)))
      return session.note('Nothing was deleted.');
    const query = all ? { all_flag: true } : { tag: version };
    const answer = await client.json<{ versions: number[] }>({ method: 'DELETE', path: dataset.path, query });
    return printResult(session, input.format, {
      data: answer,
      text: () =>
        all
          ? `Deleted ${what}`
          : answer.versions.map((each) => `Deleted version ${each} of ${bucket}/${name}`).join('\n'),
    });
  },
};
