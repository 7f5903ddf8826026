import { concurrencyOf, filterOf, rateLimitOf, rateOptions, regexOption, transferOptions } from '../../data/options.ts';
import { withPlace } from '../../data/open.ts';
import { absolute } from '../../data/sources.ts';
import type { Verb } from '../../verb.ts';
import { moveFiles } from './move.ts';

export const download: Verb = {
  path: ['data', 'download'],
  summary: 'Download what is at a URL',
  description:
    'Files get the paths that they have below the URL; a URL of one object gives one file. A file appears whole or not at all, and nothing is written out of the folder.',
  arguments: [
    { name: 'url', description: 's3://, gs://, azure://, tos:// or swift://, with a folder or an object' },
    { name: 'folder', description: 'where to; it is made if need be' },
  ],
  options: [
    regexOption,
    { flags: '-r, --resume', description: 'leave out what is here already, and go on with files that were begun' },
    ...rateOptions,
    ...transferOptions,
  ],
  examples: [
    ['data download s3://robots/recordings/run-1 ./run-1', 'everything below a folder'],
    [
      "data download s3://robots/recordings . -x '.*/camera/.*\\.png$' --resume",
      'some of it, and only what is missing',
    ],
  ],
  formats: ['json', 'yaml'],
  async run(session, input) {
    const [url = '', folder = ''] = input.args;
    await filterOf(input);
    const limit = rateLimitOf(input);
    const { downloadTree } = await import('@osmo/storage/transfer');
    await withPlace(
      session,
      url,
      (store, path) =>
        moveFiles(
          session,
          input,
          { deed: 'Downloading', done: 'Downloaded', hint: 'Interrupted. The same command with --resume goes on.' },
          (onProgress) =>
            downloadTree(store, path, absolute(session.host.cwd, folder), {
              regex: input.text('regex'),
              resume: input.flag('resume'),
              concurrency: concurrencyOf(input),
              signal: session.host.signal,
              count: true,
              onProgress,
            }),
        ),
      limit,
    );
  },
};
