import type { Problem } from '@osmo/storage/repository';
import { ExitCodes } from '../../exit-codes.ts';
import { Failure } from '../../failure.ts';
import { segment } from '../../http/client.ts';
import { printResult } from '../../output/print.ts';
import { clean } from '../../output/table.ts';
import type { Verb } from '../../verb.ts';
import { bucketName, datasetName } from './dataset-name.ts';
import type { Download } from './entry.ts';
import { withRepository } from './repository.ts';

export const verify: Verb = {
  path: ['dataset', 'verify'],
  summary: 'Check that what versions need is in the object store, and is what was stored',
  description: 'Ends with 4 when something is damaged or missing, naming the files that it concerns.',
  arguments: [
    {
      name: '[bucket/]name[:version]',
      description: 'dataset, the latest version when none is given; the whole bucket without it',
      optional: true,
    },
  ],
  options: [
    { flags: '--data', description: 'read all contents too: as long as downloading it' },
    {
      flags: '-b, --bucket <name>',
      description: 'the whole bucket, when no dataset is named; the default one when not given',
    },
  ],
  examples: [
    ['dataset verify arm-moves:3 --data', 'every byte of one version'],
    ['dataset verify -b robots', 'that all versions of a bucket have what they need'],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const client = await session.gateway();
    const [text] = input.args;
    let url: string;
    let manifests: (string | undefined)[] = [undefined];
    if (text === undefined) {
      const bucket = await bucketName(session, client, input.text('bucket'));
      ({ path: url } = await client.json<{ path: string }>({ path: `/api/bucket/${segment(bucket)}/location` }));
    } else {
      const dataset = await datasetName(session, client, text);
      const found = await client.json<Download>({ path: dataset.path, query: { tag: dataset.version } });
      ({ path: url } = found);
      manifests = found.versions.map(({ manifest }) => manifest);
    }
    const problems: Problem[] = [];
    await withRepository(session, url, async (repository) => {
      for (const manifest of manifests)
        for await (const problem of repository.verify({
          manifest,
          data: input.flag('data'),
          signal: session.host.signal,
        })) {
          if (input.format === 'text') session.print(problemText(problem));
          problems.push(problem);
        }
    });
    if (input.format !== 'text') await printResult(session, input.format, { data: { problems }, text: () => '' });
    else if (problems.length === 0) session.print('Nothing is wrong.');
    if (problems.length > 0) throw new Failure(ExitCodes.failed, `${problems.length} problems were found`);
  },
};

function problemText({ kind, object, manifest, paths = [], detail }: Problem): string {
  const concerned = paths.length === 0 ? '' : `; files: ${paths.map(clean).join(', ')}`;
  return `${kind} ${object}: ${detail}${manifest === undefined ? '' : `; version ${manifest}`}${concerned}`;
}
